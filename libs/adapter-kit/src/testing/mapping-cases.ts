import { readdirSync, readFileSync } from 'node:fs';

/** By the name that a case's `mapping` gives: a payload, as the vendor sends it, to what the contract wants. */
export type Mappings = Readonly<Record<string, (payload: never) => unknown>>;

export type MappingCase = [name: string, mapped: () => unknown, expected: unknown];

/**
 * The cases in the folders below `folder` (a URL with a slash at its end): `input.json` with `mapping` and `payload`,
 * `expected.json` with what comes of it, as JSON.
 */
export function mappingCases(folder: URL, mappings: Mappings): MappingCase[] {
  const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, folder), 'utf8'));
  return readdirSync(folder).map((name) => {
    const { mapping, payload } = read(`${name}/input.json`) as { mapping: string; payload: never };
    const map = mappings[mapping];
    if (!map) throw new Error(`${name}: there is no mapping "${mapping}"`);
    return [name, () => JSON.parse(JSON.stringify(map(payload))), read(`${name}/expected.json`)];
  });
}

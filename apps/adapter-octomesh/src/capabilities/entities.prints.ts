import { createHash } from 'node:crypto';
import type { Checkpoint, NativeId } from '@tributary/adapter-kit';

/** Marks of the entities of one type, by id. */
export type Prints = Map<NativeId, string>;

const DIGEST = 'd.';

/** The same for the same entities, in whatever order they came. */
export function digestOf(prints: Prints): string {
  const hash = createHash('sha256');
  for (const [id, print] of [...prints].toSorted(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${id}\n${print}\n`);
  return hash.digest('base64url').slice(0, 16);
}

export const readDigests = (from: Checkpoint = {}): Map<string, string> =>
  new Map(
    Object.entries(from).flatMap(([key, value]): [string, string][] =>
      key.startsWith(DIGEST) && typeof value === 'string' ? [[key.slice(DIGEST.length), value]] : [],
    ),
  );

export const writeDigests = (pass: number, digests: ReadonlyMap<string, string>): Checkpoint => ({
  pass,
  ...Object.fromEntries([...digests].map(([flat, digest]) => [DIGEST + flat, digest])),
});

export const sameDigests = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a.size === b.size && [...a].every(([flat, digest]) => b.get(flat) === digest);

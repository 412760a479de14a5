import { type Finding, membersOf, misfits, type Schema, type Schemas } from './schema-fits.ts';

/** A schema of the old document and of the new one, with what each refers to. */
export interface Versions {
  before: Schemas;
  after: Schemas;
}

/** Breaks for whoever sends: everything that was taken must be taken still. */
export function requestChanges(
  before: Schema,
  after: Schema,
  { before: old, after: now }: Versions,
  at: string,
): Finding[] {
  return [
    ...misfits(before, after, { narrow: old, wide: now }, at),
    ...removedMembers(before, after, { before: old, after: now }, at),
  ];
}

/**
 * Breaks for whoever reads: everything that is given must be what was said. A new value of an enumeration is none that
 * readers know: it counts.
 */
export function answerChanges(
  before: Schema,
  after: Schema,
  { before: old, after: now }: Versions,
  at: string,
): Finding[] {
  return [
    ...misfits(after, before, { narrow: now, wide: old }, at),
    ...removedMembers(before, after, { before: old, after: now }, at),
  ];
}

/** A member that is not named any more, even where objects are open: nobody means it any more. */
function removedMembers(before: Schema, after: Schema, versions: Versions, at: string): Finding[] {
  const left = memberPaths(after, versions.after);
  return [...memberPaths(before, versions.before)]
    .filter((path) => !left.has(path))
    .map((path) => ({ at: `${at}${path}`, what: 'the member was removed' }));
}

/** Every path to a member, through lists and choices; what is recursive is gone through once. */
function memberPaths(schema: Schema, schemas: Schemas): Set<string> {
  const paths = new Set<string>();
  const walk = (part: Schema, path: string, through: readonly string[]): void => {
    if (typeof part.$ref === 'string') {
      const name = part.$ref.slice(part.$ref.lastIndexOf('/') + 1);
      const target = schemas[name];
      if (target && !through.includes(name)) walk(target, path, [...through, name]);
      return;
    }
    for (const choice of [part.anyOf, part.oneOf, part.allOf].flat()) if (choice) walk(choice as Schema, path, through);
    if (part.items) walk(part.items as Schema, `${path}[]`, through);
    for (const [name, member] of Object.entries(membersOf(part))) {
      paths.add(`${path}.${name}`);
      walk(member, `${path}.${name}`, through);
    }
    if (typeof part.additionalProperties === 'object') walk(part.additionalProperties as Schema, `${path}.*`, through);
  };
  walk(schema, '', []);
  return paths;
}

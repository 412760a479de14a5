import type { Json } from './words.ts';

type Members = Record<string, Json>;

const isMembers = (value: Json | undefined): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * RFC 7396: members of the patch replace, `null` removes, objects are merged member by member. Changes neither argument;
 * a member named `__proto__` is one like any other.
 */
export function mergePatch(target: Json | undefined, patch: Members): Members;
export function mergePatch(target: Json | undefined, patch: Json): Json;
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isMembers(patch)) return patch;
  const result = new Map(isMembers(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, mergePatch(result.get(name), value));
  }
  return Object.fromEntries(result);
}

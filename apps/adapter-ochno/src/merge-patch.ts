import type { Json } from '@tributary/contracts';

type Content = Record<string, Json>;

/** RFC 7396: members of `patch` replace, objects merge, null removes. Neither argument is changed. */
export function mergePatch(target: Content, patch: Content): Content {
  const result = new Map(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    const before = result.get(name);
    if (value === null) result.delete(name);
    else if (isObject(value)) result.set(name, mergePatch(isObject(before) ? before : {}, value));
    else result.set(name, value);
  }
  return Object.fromEntries(result);
}

const isObject = (value: Json | undefined): value is Content =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

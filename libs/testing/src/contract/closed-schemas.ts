import type { JsonSchema } from './open-api.ts';

/**
 * The same schemas, through which no member passes that they do not name. Published schemas are open, so that answers
 * can grow; what a test sees must be what is published.
 */
export function closed<T>(document: T): T {
  return walk(document, (schema) =>
    'properties' in schema && !('additionalProperties' in schema) ? { ...schema, additionalProperties: false } : schema,
  ) as T;
}

/** The same schemas without required members, for answers from which the caller has chosen some. */
export function sparse<T>(document: T): T {
  return walk(document, (schema) => {
    if (!Array.isArray(schema.required)) return schema;
    const { required: _required, ...rest } = schema;
    return rest;
  }) as T;
}

/** Keywords whose values are no schemas. */
const LITERALS = new Set(['example', 'examples', 'enum', 'const', 'default']);

/** Applies a change to every object of a document; members named like keywords are left alone below `properties`. */
function walk(value: unknown, change: (schema: JsonSchema) => JsonSchema, names = false): unknown {
  if (Array.isArray(value)) return value.map((element) => walk(element, change));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
    key,
    !names && LITERALS.has(key) ? inner : walk(inner, change, !names && key === 'properties'),
  ]);
  const rebuilt = Object.fromEntries(entries);
  return names ? rebuilt : change(rebuilt);
}

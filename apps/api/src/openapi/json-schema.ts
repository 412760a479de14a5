import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

/**
 * JSON Schema 2020-12 of what a request holds (`input`) or an answer holds (`output`). `open` lets members through that
 * are not known yet.
 */
export function jsonSchemaOf(
  schema: z.ZodType,
  io: 'input' | 'output',
  names: z.core.$ZodRegistry<{ id: string }>,
  { open = false }: { open?: boolean } = {},
): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    metadata: names,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // A time becomes a Date inside; outside it is text.
      if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
      if (open && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  }) as JsonSchema;
  return rest;
}

/**
 * Moves `$defs` out of a schema into `components`, and points the references there. Throws where another schema has the
 * name already.
 */
export function hoistDefinitions(schema: JsonSchema, prefix: string, into: Record<string, JsonSchema>): JsonSchema {
  const { $defs, ...rest } = schema as JsonSchema & { $defs?: Record<string, JsonSchema> };
  for (const [name, definition] of Object.entries($defs ?? {})) {
    const { id: _id, ...body } = definition;
    const moved = pointed(body, prefix) as JsonSchema;
    into[name] ??= moved;
    if (!isDeepStrictEqual(into[name], moved)) throw new Error(`two schemas of the document are named ${name}`);
  }
  return pointed(rest, prefix) as JsonSchema;
}

function pointed(value: unknown, prefix: string): unknown {
  if (Array.isArray(value)) return value.map((element) => pointed(element, prefix));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === '$ref' && typeof inner === 'string') return [key, inner.replace('#/$defs/', prefix)];
      return [key, pointed(inner, prefix)];
    }),
  );
}

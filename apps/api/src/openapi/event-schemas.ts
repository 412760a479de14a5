import { dataSchemaOf, envelopeOf, eventNameOf, schemaPath } from '@tributary/contracts';
import { z } from 'zod';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';
import { schemaNames } from './schema-names.ts';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
/** Events only grow: a schema that a consumer has kept must fit the events of later versions. */
const OPEN = { open: true };

/** JSON Schema of `data` of an event, which `dataschema` names; undefined for a type that does not exist. */
export function dataSchema(type: string): JsonSchema | undefined {
  const name = eventNameOf(type);
  if (!name) return undefined;
  const schema = jsonSchemaOf(dataSchemaOf(name), 'output', schemaNames, OPEN);
  return { $schema: DIALECT, $id: schemaPath(name), title: `${type}: data`, ...schema };
}

/** JSON Schema of a whole event; undefined for a type that does not exist. */
export function eventSchema(type: string): JsonSchema | undefined {
  const name = eventNameOf(type);
  if (!name) return undefined;
  const whole = envelopeOf(name).extend({ type: z.literal(type), data: dataSchemaOf(name) });
  const schema = jsonSchemaOf(whole, 'output', schemaNames, OPEN);
  return { $schema: DIALECT, $id: `${schemaPath(name)}/event`, title: type, ...schema };
}

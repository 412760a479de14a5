import { isDeepStrictEqual } from 'node:util';
import type { OpenApiDocument } from './operation-facts.ts';

interface Schema {
  properties: Record<string, unknown>;
  required: string[];
}

export interface AsyncApiDocument {
  components: { messages: Record<string, { payload: { schema: Schema } }>; schemas: Record<string, unknown> };
}

/**
 * What AsyncAPI says of events, in the form that the writer of types reads: their names, and by area what they are, but for
 * `type`; by name those that are not as the first of their area.
 */
export function eventSchemas({ components }: AsyncApiDocument): OpenApiDocument {
  const names = Object.keys(components.messages);
  const areas: Record<string, Schema> = {};
  const own: Record<string, Schema> = {};
  for (const [name, { payload }] of Object.entries(components.messages)) {
    const [area = name] = name.split('.');
    const event = withoutType(payload.schema);
    areas[area] ??= event;
    if (!isDeepStrictEqual(areas[area], event)) own[name] = event;
  }
  const schemas = {
    ...components.schemas,
    EventName: { enum: names },
    EventOfArea: { type: 'object', properties: areas, required: Object.keys(areas) },
    EventOfName: { type: 'object', properties: own, required: Object.keys(own) },
  };
  return { openapi: '3.1.1', info: { title: 'Events', version: '1' }, paths: {}, components: { schemas } };
}

function withoutType({ properties: { type: _type, ...properties }, required }: Schema) {
  return { type: 'object', properties, required: required.filter((name) => name in properties) };
}

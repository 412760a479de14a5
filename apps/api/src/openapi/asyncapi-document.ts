import { type Area, areas, CONTENT_TYPE, eventNames, eventType } from '@tributary/contracts';
import { eventSchema } from './event-schemas.ts';
import { hoistDefinitions, type JsonSchema } from './json-schema.ts';

/** AsyncAPI 3 of the event exchange: one channel an area, one message an event. */
export function asyncApiDocument(options: { version: string; exchange: string }): JsonSchema {
  const schemas: Record<string, JsonSchema> = {};
  const messages = Object.fromEntries(eventNames.map((name) => [name, message(eventType(name), schemas)]));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Tributary events',
      version: options.version,
      description: [
        'CloudEvents 1.0 in structured mode. Bind a queue of your own to the exchange with a routing key pattern such as `*.telemetry.#`.',
        'The payloads below are whole events. `dataschema` of an event is the address, below the public address of the api, at which the JSON Schema (2020-12) of `data` alone is answered without a key. `/event` behind it gives the schema of the whole event.',
      ].join('\n\n'),
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: CONTENT_TYPE,
    channels: Object.fromEntries(areas.map((area) => [area, channel(area, options.exchange)])),
    operations: Object.fromEntries(
      areas.map((area) => [
        `receive-${area}`,
        { action: 'receive', channel: { $ref: `#/channels/${area}` }, summary: `Events of the area ${area}.` },
      ]),
    ),
    components: { messages, schemas },
  };
}

/** What a consumer must know of an area besides. */
const NOTES: Partial<Record<Area, string>> = {
  entity:
    'A change that was made through the REST API is told at once; an adapter that compares records sees it later and tells it once more, with a greater `rev` and the same attributes. The greatest `rev` of a record counts. Attributes are always those of the whole record; a removed one has none.',
  subscription:
    'Of the house itself: the platform is `tributary` and the connection `-`. `resynced` says that deliveries went on behind a gap, because the log no longer kept what came next. `tested` is sent to the receiver alone, never to the exchange.',
  'parked-message':
    'Of the house itself: the platform is `tributary` and the connection `-`. The first message of a group (`fingerprint`) that is parked is told at once; those of the same minute are counted and told together when it is over. Nothing of what was parked stands in it.',
  'platform-event':
    'The name `telemetry.gap` says that telemetry was missed and cannot be had any more: `details` has `from` and `to` (half-open), `reason`, `signal` or `space` where it is narrower than the device or the connection, and `filledWith` where aggregates stand in its place.',
};

function channel(area: Area, exchange: string): JsonSchema {
  const names = eventNames.filter((name) => name.startsWith(`${area}.`));
  return {
    address: `{workspace}.${area}.{action}.{platform}.{connectionId}.{subjectId}`,
    description: [`Routing keys of the area ${area}. Bind \`*.${area}.#\` for all of them.`, NOTES[area]]
      .filter(Boolean)
      .join('\n\n'),
    parameters: {
      workspace: { description: 'Tenant, first so that permissions can fence by it.' },
      action: { description: 'What happened.', enum: names.map((name) => name.slice(area.length + 1)) },
      platform: { description: 'Platform the event comes from.' },
      connectionId: { description: 'Connection the event comes from.' },
      subjectId: { description: 'Device, command, file or entity; the connection where there is no narrower one.' },
    },
    messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: {
      amqp: { is: 'routingKey', exchange: { name: exchange, type: 'topic', durable: true, autoDelete: false } },
    },
  };
}

function message(type: string, schemas: Record<string, JsonSchema>): JsonSchema {
  const { $schema: _dialect, $id: _id, ...schema } = eventSchema(type) ?? {};
  const payload = {
    schemaFormat: 'application/schema+json;version=draft-07',
    schema: hoistDefinitions(schema, '#/components/schemas/', schemas),
  };
  return { name: type, title: type, contentType: CONTENT_TYPE, payload };
}

import { describe, expect, it } from '@jest/globals';
import { type ApiDocument, apiChanges } from './api-changes.ts';
import { type EventDocument, eventChanges } from './event-changes.ts';

const body = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
const api = {
  paths: {
    '/v1/things': {
      get: {
        operationId: 'listThings',
        'x-scope': 'read',
        parameters: [
          { name: 'limit', in: 'query', required: false, schema: { type: 'integer', maximum: 1000 } },
          {
            name: 'ids',
            in: 'query',
            style: 'form',
            explode: false,
            schema: { type: 'array', items: { type: 'string' } },
          },
        ],
        responses: {
          '200': {
            headers: { Link: {}, ETag: { required: true } },
            content: { 'application/json': { schema: body }, 'text/csv': {} },
          },
          '404': { $ref: '#/components/responses/Problem' },
        },
      },
      post: {
        operationId: 'createThing',
        'x-scope': 'write',
        parameters: [{ name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string' } }],
        requestBody: { required: false, content: { 'application/json': { schema: body } } },
        responses: { '201': { content: { 'application/json': { schema: body } } } },
      },
    },
  },
  components: {
    schemas: {},
    responses: { Problem: { content: { 'application/problem+json': { schema: { type: 'object' } } } } },
  },
} satisfies ApiDocument;
type Api = typeof api;

const changed = <T>(document: T, change: (copy: T) => void): T => {
  const copy = structuredClone(document);
  change(copy);
  return copy;
};
const set = (into: object, parts: object): void => void Object.assign(into, parts);
/** Takes a part out of a copy. */
const drop = (from: object, name: string): void => {
  Reflect.deleteProperty(from, name);
};

describe('changes of the API', () => {
  it('there are none from a document to itself, nor where there is more', () => {
    expect(apiChanges(api, api)).toEqual([]);
    const more = changed<ApiDocument>(api, (copy) => {
      copy.paths['/v1/others'] = { get: { operationId: 'listOthers', responses: {} } };
      const things = copy.paths['/v1/things'];
      things?.get?.parameters?.push({ name: 'filter', in: 'query', required: false, schema: { type: 'string' } });
      if (things?.post) things.post.responses['409'] = { content: {} };
      if (things?.post) drop(things.post, 'x-scope');
    });
    expect(apiChanges(api, more)).toEqual([]);
  });

  const get = (copy: Api) => copy.paths['/v1/things'].get;
  const post = (copy: Api) => copy.paths['/v1/things'].post;
  it.each<[string, (copy: Api) => void]>([
    ['a path that is gone', (copy) => drop(copy.paths, '/v1/things')],
    ['a method that is gone', (copy) => drop(copy.paths['/v1/things'], 'post')],
    ['an operation with another name', (copy) => set(get(copy), { operationId: 'things' })],
    ['another scope', (copy) => set(get(copy), { 'x-scope': 'admin' })],
    ['a parameter that is gone', (copy) => void get(copy).parameters.shift()],
    ['a parameter that is required now', (copy) => set(get(copy).parameters[0] ?? {}, { required: true })],
    ['a narrower parameter', (copy) => set(get(copy).parameters[0]?.schema ?? {}, { maximum: 500 })],
    ['lists in another form', (copy) => set(get(copy).parameters[1] ?? {}, { explode: true })],
    [
      'a header that is required now',
      (copy) =>
        void (post(copy).parameters as object[]).push({
          name: 'If-Match',
          in: 'header',
          required: true,
          schema: { type: 'string' },
        }),
    ],
    ['a body that is required now', (copy) => set(post(copy).requestBody, { required: true })],
    ['no body any more', (copy) => drop(post(copy), 'requestBody')],
    ['a media type that is taken no more', (copy) => drop(post(copy).requestBody.content, 'application/json')],
    [
      'a narrower body',
      (copy) => set(post(copy).requestBody.content['application/json'].schema, { required: ['name', 'x'] }),
    ],
    ['a status that is gone', (copy) => drop(get(copy).responses, '404')],
    ['a media type that is given no more', (copy) => drop(get(copy).responses['200'].content, 'text/csv')],
    ['a header that need not come', (copy) => set(get(copy).responses['200'].headers.ETag, { required: false })],
    ['a header that is gone', (copy) => drop(get(copy).responses['200'].headers, 'Link')],
    ['a wider answer', (copy) => set(get(copy).responses['200'].content['application/json'].schema, { required: [] })],
    [
      'another media type of problems',
      (copy) => drop(copy.components.responses.Problem.content, 'application/problem+json'),
    ],
  ])('are found: %s', (_, change) => {
    expect(apiChanges(api, changed(api, change))).not.toEqual([]);
  });
});

const events = {
  channels: {
    device: {
      address: '{workspace}.device.{action}',
      messages: { 'io.x.v1': {} },
      bindings: { amqp: { exchange: 'x' } },
    },
  },
  components: {
    messages: { 'io.x.v1': { contentType: 'application/cloudevents+json', payload: { schema: body } } },
    schemas: {},
  },
} satisfies EventDocument;
type Events = typeof events;

describe('changes of events', () => {
  it('there are none from a document to itself, nor where there is more', () => {
    expect(eventChanges(events, events)).toEqual([]);
    const more = changed<EventDocument>(events, (copy) => {
      copy.components.messages['io.y.v1'] = { contentType: 'text/plain', payload: { schema: {} } };
    });
    expect(eventChanges(events, more)).toEqual([]);
  });

  const schema = (copy: Events) => copy.components.messages['io.x.v1'].payload.schema;
  it.each<[string, (copy: Events) => void]>([
    ['an event that is gone', (copy) => drop(copy.components.messages, 'io.x.v1')],
    ['an area that is gone', (copy) => drop(copy.channels, 'device')],
    ['another routing key', (copy) => set(copy.channels.device, { address: 'device' })],
    ['another exchange', (copy) => set(copy.channels.device.bindings.amqp, { exchange: 'y' })],
    ['an event that comes elsewhere', (copy) => drop(copy.channels.device.messages, 'io.x.v1')],
    ['a member that need not be there', (copy) => set(schema(copy), { required: [] })],
    ['a member of another type', (copy) => set(schema(copy).properties.name, { type: 'integer' })],
  ])('are found: %s', (_, change) => {
    expect(eventChanges(events, changed(events, change))).not.toEqual([]);
  });
});

import { Parser } from '@asyncapi/parser';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventNames, eventType, makeEvent } from '@tributary/contracts';
import { newEventId } from '@tributary/runtime';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { mountedEndpoints } from '../src/openapi/mounted-endpoints.ts';
import { API_VERSION, openApiDocument } from '../src/openapi/openapi-document.ts';
import { makeWorld, seed, type World } from './world/world.ts';

let world: World;

beforeAll(async () => {
  world = await makeWorld();
  await seed(world, 'default');
});
afterAll(async () => {
  await world.close();
});

const get = async (url: string) => world.fastify.inject({ url });

describe('OpenAPI', () => {
  it('describes every mounted route, and no other', async () => {
    const document = (await get('/openapi.json')).json();
    expect(document.openapi).toMatch(/^3\.1/);
    const described = Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(world.routes.specs.map((spec) => `${spec.method} ${spec.path}`).sort());
  });

  it('can be had without an application: the same document', async () => {
    const served = (await get('/openapi.json')).json();
    const made = openApiDocument(mountedEndpoints().specs, { version: API_VERSION, publicUrl: served.servers[0].url });
    expect(JSON.parse(JSON.stringify(made))).toEqual(served);
  });

  it('holds valid JSON Schemas, references that resolve, and examples that fit', async () => {
    const document = (await get('/openapi.json')).json();
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    formats.default(ajv);
    ajv.addSchema({ $id: 'openapi', ...document });
    for (const [path, methods] of Object.entries(document.paths as Record<string, Record<string, Operation>>)) {
      for (const [method, operation] of Object.entries(methods)) {
        for (const [at, media] of mediaOf(operation)) {
          if (!media.schema) continue;
          const pointer = `openapi#/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}/${method}/${at}/schema`;
          const validate = ajv.compile({ $ref: pointer });
          if (media.example !== undefined && !validate(media.example))
            throw new Error(`${method} ${path}: ${ajv.errorsText(validate.errors)}`);
        }
      }
    }
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Problem', 'Device', 'Connection', 'Command']),
    );
  });
});

interface Operation {
  requestBody?: { content: Record<string, { schema?: object; example?: unknown }> };
  responses: Record<string, { content?: Record<string, { schema?: object; example?: unknown }> }>;
}

function* mediaOf(operation: Operation): Generator<[string, { schema?: object; example?: unknown }]> {
  const escaped = (type: string) => type.replaceAll('/', '~1').replaceAll('+', '%2B');
  for (const [type, media] of Object.entries(operation.requestBody?.content ?? {}))
    yield [`requestBody/content/${escaped(type)}`, media];
  for (const [status, answer] of Object.entries(operation.responses)) {
    for (const [type, media] of Object.entries(answer.content ?? {}))
      yield [`responses/${status}/content/${escaped(type)}`, media];
  }
}

describe('AsyncAPI', () => {
  it('is valid by the reference parser', async () => {
    const { document, diagnostics } = await new Parser().parse((await get('/asyncapi.json')).body);
    expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([]);
    expect(document?.allMessages().length).toBe(eventNames.length);
  });

  it('serves the schema of data at the address that events name, and that of the whole event below it', async () => {
    const ajv = new Ajv2020({ strict: false });
    formats.default(ajv);
    const connectionId = `con_${'a'.repeat(26)}`;
    const event = makeEvent({
      id: newEventId(),
      name: 'telemetry.observed',
      workspace: 'acme',
      platform: 'acme',
      connectionId,
      subject: `dev_${'b'.repeat(26)}`,
      time: '2026-03-29T01:00:00.000Z',
      origin: 'live',
      data: {
        deviceId: `dev_${'b'.repeat(26)}`,
        nativeId: 'n',
        rev: '1',
        points: [{ signal: 'power', ts: '2026-03-29T01:00:00.000Z', value: 1 }],
      },
    });
    const fitsData = ajv.compile((await get(event.dataschema)).json());
    expect(fitsData(event.data)).toBe(true);
    expect(fitsData({ ...event.data, points: [] })).toBe(false);
    expect(fitsData(event)).toBe(false);
    const fitsEvent = ajv.compile((await get(`${event.dataschema}/event`)).json());
    expect(fitsEvent(event)).toBe(true);
    expect(fitsEvent({ ...event, data: { points: [] } })).toBe(false);
    // A later version may say more; a consumer that has kept today's schema must not refuse it.
    const [point] = event.data.points;
    const grown = { ...event.data, later: 1, points: [{ ...point, quality: 'good' }] };
    expect([fitsData(grown), fitsEvent({ ...event, data: grown, extension: 'x' })]).toEqual([true, true]);
  });

  it('serves the schemas of every type, and of no other', async () => {
    const ajv = new Ajv2020({ strict: false });
    formats.default(ajv);
    for (const name of eventNames) {
      const path = `/v1/schemas/${eventType(name)}`;
      for (const at of [path, `${path}/event`]) {
        const answer = await get(at);
        expect(answer.headers['content-type']).toContain('application/schema+json');
        expect(answer.json().$id).toBe(at);
        ajv.compile(answer.json());
      }
    }
    expect((await get('/v1/schemas/io.example.v1')).statusCode).toBe(404);
    expect((await get('/v1/schemas/io.example.v1/event')).statusCode).toBe(404);
  });
});

describe('pages', () => {
  it('serve the reference with nothing from elsewhere', async () => {
    const page = await get('/docs');
    expect(page.headers['content-type']).toMatch(/text\/html/);
    const addresses = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '');
    expect(addresses.length).toBeGreaterThan(2);
    for (const address of addresses) {
      expect(address).toMatch(/^\/docs\//);
      expect((await get(address)).statusCode).toBe(200);
    }
    expect((await get('/docs/assets/package.json')).statusCode).toBe(404);
  });

  it('tell health, metrics, the catalogue and what a problem means', async () => {
    expect((await get('/livez')).json()).toEqual({ alive: true });
    expect((await get('/readyz')).statusCode).toBe(200);
    expect((await get('/metrics')).body).toContain('tributary_http_request_duration_seconds');
    expect((await get('/.well-known/api-catalog')).headers['content-type']).toContain('application/linkset+json');
    const type = (await get('/v1/nothing')).json().type;
    expect((await get(type)).json()).toMatchObject({ code: 'not-found', status: 404 });
    expect((await get('/docs/problems/platform-rate-limited')).json()).toMatchObject({ status: 503 });
  });
});

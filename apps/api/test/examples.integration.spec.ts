import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenApi } from '@tributary/testing/contract';
import { closedValidator } from '@tributary/testing/contract';
import { mountedEndpoints } from '../src/openapi/mounted-endpoints.ts';
import { API_VERSION, openApiDocument } from '../src/openapi/openapi-document.ts';
import { GoodRequests } from './world/good-requests.ts';

const { specs } = mountedEndpoints();
const document = openApiDocument(specs, { version: API_VERSION }) as unknown as OpenApi;
let requests: GoodRequests;

beforeAll(async () => {
  requests = await GoodRequests.make();
});
afterAll(async () => {
  await requests.world.close();
});

describe('examples', () => {
  it('stand at every body', () => {
    const without = specs.filter((spec) => spec.body && spec.bodyExample === undefined);
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it('of schemas have every member and no other', () => {
    const examples = Object.entries(document.components.schemas).flatMap(([name, { examples: all }]) =>
      ((all ?? []) as unknown[]).map((example) => [name, example] as const),
    );
    expect(examples.length).toBeGreaterThan(15);
    const validate = closedValidator(document);
    for (const [name, example] of examples) expect([name, validate(name, example)]).toEqual([name, []]);
  });

  it.each(specs.filter(({ method }) => method !== 'GET').map((spec) => [`${spec.method} ${spec.path}`, spec] as const))(
    'can be sent as they are: %s',
    async (_, spec) => {
      await requests.renew();
      const answer = await requests.ask(spec);
      if (answer.statusCode < 300) return;
      // It is the platform that knows no such thing as the example speaks of.
      const { code } = answer.json() as { code: string };
      if (!code.startsWith('platform-')) throw new Error(answer.body);
    },
  );

  it.each(
    specs
      .filter(({ method, path, pages }) => method === 'GET' && path !== '/v1/stream' && !pages)
      .map((spec) => [`${spec.method} ${spec.path}`, spec] as const),
  )('of what can be read are there: %s', async (_, spec) => {
    expect((await requests.ask(spec)).statusCode).toBe(200);
  });
});

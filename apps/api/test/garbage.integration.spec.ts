import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EndpointSpec } from '../src/http/endpoint-spec.ts';
import { expectProblem } from './world/expect-problem.ts';
import { makeWorld, type Seeded, seed, type World } from './world/world.ts';

/** Every route that is mounted, with whatever might be sent by mistake. */
let world: World;
let token: string;
let ids: Seeded;

beforeAll(async () => {
  world = await makeWorld();
  token = await world.key('default');
  ids = await seed(world, 'default');
});
afterAll(async () => {
  await world.close();
});

const realIds = (): Record<string, string> => ({
  connectionId: ids.connectionId,
  deviceId: ids.deviceId,
  spaceId: ids.spaceId,
  fileId: ids.fileId,
  seriesId: ids.seriesId,
  commandId: ids.commandId,
  messageId: ids.parkedId,
  jobId: ids.jobId,
  subscriptionId: ids.subscriptionId,
  deliveryId: ids.deliveryId,
  platform: 'acme',
  nativeId: 'd2',
  keyId: `key_${'a'.repeat(26)}`,
  file: 'start.js',
  code: 'not-found',
  type: 'io.tributary.telemetry.observed.v1',
});
const fill = (path: string, values: Record<string, string>): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? 'x'));
/** What a route asks for besides, filled with anything. */
const needed = (spec: EndpointSpec): string => {
  const names = Object.entries(spec.query?.shape ?? {}).filter(([, member]) => !member.safeParse(undefined).success);
  return names.length > 0 ? `?${new URLSearchParams(names.map(([name]): [string, string] => [name, 'x']))}` : '';
};
const isEndless = (spec: EndpointSpec): boolean => spec.path === '/v1/stream';
const auth = () => ({ authorization: `Bearer ${token}` });

const GARBAGE_TEXT = [
  '',
  'x',
  '-1',
  '0',
  '1e9',
  'null',
  '%00',
  "' or 1=1 --",
  '💥',
  'a'.repeat(3_000),
  '../..',
  '{"$gt":""}',
  '2026-13-45T99:99:99Z',
  'PT',
  'con_',
  '"',
];
const GARBAGE_BODIES: unknown[] = [
  null,
  0,
  'text',
  [],
  [{}],
  {},
  { name: 1 },
  { platform: {}, name: [], settings: 'x', credentials: 5 },
  { points: [{ signal: '', value: null }] },
  { names: [''] },
  { scopes: ['root'] },
  { name: 'x'.repeat(10_000), params: [] },
  { constructor: { prototype: 1 } },
];

describe('garbage', () => {
  it('in any part of any route gets a problem document, or is not looked at', async () => {
    let asked = 0;
    for (const spec of world.routes.specs.filter((s) => !isEndless(s))) {
      for (const [url, payload] of garbageFor(spec)) {
        const answer = await world.fastify.inject({
          method: spec.method,
          url,
          headers: {
            ...auth(),
            // A streamed body takes no key, and says so; all the rest of it shall be looked at.
            ...(spec.bodyStream ? {} : { 'idempotency-key': `g-${asked}` }),
            'if-match': '"garbage"',
            'if-none-match': 'garbage',
            accept: 'text/csv;q=x, */*',
            ...(payload === undefined ? {} : { 'content-type': spec.bodyTypes?.[0] ?? 'application/json' }),
          },
          ...(payload === undefined ? {} : { payload }),
        });
        asked += 1;
        if (answer.statusCode >= 400 && spec.path !== '/readyz')
          expectProblem(answer, `${spec.method} ${url} ${payload}`);
        else expect(answer.statusCode).toBeLessThan(spec.path === '/readyz' ? 504 : 400);
      }
    }
    expect(asked).toBeGreaterThan(1_000);
  });
});

function* garbageFor(spec: EndpointSpec): Generator<[url: string, payload?: string]> {
  const good = fill(spec.path, realIds());
  for (const name of Object.keys(spec.params?.shape ?? {})) {
    for (const text of GARBAGE_TEXT)
      yield [fill(spec.path, { ...realIds(), [name]: text === '%00' ? '\u0000' : text })];
  }
  for (const name of [...Object.keys(spec.query?.shape ?? {}), 'unknown']) {
    for (const text of GARBAGE_TEXT) yield [`${good}?${name}=${text === '%00' ? '%00' : encodeURIComponent(text)}`];
    yield [`${good}?${name}=1&${name}=2`];
  }
  if (spec.method === 'GET') return;
  for (const body of GARBAGE_BODIES) yield [good, JSON.stringify(body)];
}

describe('answers', () => {
  it('hold exactly what the specification says', async () => {
    for (const spec of world.routes.specs.filter(
      (s) => s.method === 'GET' && !isEndless(s) && s.answers[200]?.schema,
    )) {
      const answer = await world.fastify.inject({ url: fill(spec.path, realIds()) + needed(spec), headers: auth() });
      if (answer.statusCode !== 200) continue;
      const body: unknown = answer.json();
      const parsed = spec.answers[200]?.schema?.safeParse(body);
      if (!parsed?.success) throw new Error(`${spec.name}: ${parsed?.error.message}`);
      // What the schema does not know it drops: an answer that has more is one that tells too much.
      expect({ route: spec.name, body: parsed.data }).toEqual({ route: spec.name, body });
      expect(answer.body).not.toContain('canary-password');
    }
  });
});

import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EndpointSpec } from '../src/http/endpoint-spec.ts';
import { mountedEndpoints } from '../src/openapi/mounted-endpoints.ts';
import { type Deviation, GoodRequests } from './world/good-requests.ts';

/** Routes that could have an effect by their method, and have none. */
const ONLY_ASKS: Record<string, string> = {
  testConnectionDraft: 'asks the platform whether the credentials of a draft hold',
  testConnection: 'asks the platform whether the credentials hold',
  queryTelemetry: 'reads',
  estimateBackfill: 'says what it would take',
  previewParkedMessage: 'asks the intake what a replay would do',
  previewParkedMessages: 'asks the intake what a replay would do',
  queryEntities: 'reads',
  downloadFiles: 'reads',
};

/** Routes with an effect that a GET has. The end of a log-in is in login.integration.spec.ts: it needs its beginning. */
const EFFECTS_BY_GET = ['beginLogin'];

/** What a request has that its documents' example has not, so that it has its effect in a seeded world. */
const REQUESTS: Record<string, Deviation> = {
  relateEntity: { payload: '{"targets":["room/1 ö"]}' },
  executeGraphql: { payload: '{"query":"mutation { rename(id: 1) { id } }"}' },
};

/** What must have happened to the same thing before. */
const BEFORE: Record<string, string> = { resumeConnection: 'pauseConnection', resumeSubscription: 'pauseSubscription' };

const { specs } = mountedEndpoints();
const withEffect = specs.filter(
  ({ method, name }) => (method !== 'GET' && !(name in ONLY_ASKS)) || EFFECTS_BY_GET.includes(name),
);
let requests: GoodRequests;

beforeAll(async () => {
  requests = await GoodRequests.make();
});
afterAll(async () => {
  await requests.world.close();
});

async function entriesOf(traceId: string) {
  const { rows } = await requests.world.db.pool.query(
    'select workspace_id, actor, action, target, details from audit_log where trace_id = $1',
    [traceId],
  );
  return rows;
}

async function ask(spec: EndpointSpec) {
  await requests.renew();
  const before = specs.find(({ name }) => name === BEFORE[spec.name]);
  if (before) await requests.ask(before);
  const { headers, ...more } = REQUESTS[spec.name] ?? {};
  const traceId = randomBytes(16).toString('hex');
  const traceparent = `00-${traceId}-${'1'.repeat(16)}-01`;
  return { traceId, answer: await requests.ask(spec, { ...more, headers: { ...headers, traceparent } }) };
}

describe('the audit log', () => {
  it.each(withEffect.map((spec) => [`${spec.method} ${spec.path}`, spec] as const))(
    'says who did what, to what, in which request: %s',
    async (_, spec) => {
      const { traceId, answer } = await ask(spec);
      if (answer.statusCode >= 300) {
        throw new Error(
          `${spec.name} is to have its effect here and was answered: ${answer.body}. Say in REQUESTS how it has it, or in ONLY_ASKS why it has none`,
        );
      }
      const actor = expect.stringMatching(/^key_[a-z2-7]{26}$/);
      const action = expect.stringMatching(/^[a-z-]+\.[a-z-]+$/);
      expect(await entriesOf(traceId)).toEqual([
        {
          workspace_id: 'default',
          actor,
          action,
          target: expect.stringMatching(/^[a-z]+_/),
          details: expect.anything(),
        },
      ]);
    },
  );

  it.each(specs.filter(({ name }) => name in ONLY_ASKS).map((spec) => [spec.name, spec] as const))(
    'has nothing of what only asks: %s',
    async (_, spec) => {
      const { traceId, answer } = await ask(spec);
      expect(answer.statusCode).toBeLessThan(300);
      expect(await entriesOf(traceId)).toEqual([]);
    },
  );

  it('has nothing of what was refused, and one entry of what was asked twice with one key', async () => {
    const create = specs.find(({ name }) => name === 'createApiKey') as EndpointSpec;
    const traceparent = `00-${'a'.repeat(32)}-${'1'.repeat(16)}-01`;
    await requests.ask(create, { payload: '{"name":""}', headers: { traceparent } });
    expect(await entriesOf('a'.repeat(32))).toEqual([]);
    const headers = { traceparent, 'idempotency-key': 'twice' };
    for (let n = 0; n < 2; n += 1) await requests.ask(create, { headers });
    expect(await entriesOf('a'.repeat(32))).toHaveLength(1);
  });

  it('can only be added to through the API, and is read by admins alone', () => {
    const routes = specs.filter(({ path }) => path.startsWith('/v1/audit-log'));
    expect(routes.map(({ method, scope }) => [method, scope])).toEqual([['GET', 'admin']]);
  });
});

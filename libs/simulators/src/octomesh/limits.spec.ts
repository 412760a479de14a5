import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { OctomeshCaller, serviceToken, startQuietOctomesh } from '../../test/octomesh-caller.ts';
import { type Answer, call } from '../../test/opticloud-caller.ts';
import { CLIENTS } from './accounts.ts';
import type { OctomeshOptions } from './options.ts';
import type { OctomeshSimulator } from './server.ts';

let sim: OctomeshSimulator;
let service: OctomeshCaller;
const start = async (options: Partial<OctomeshOptions> = {}) => {
  sim = await startQuietOctomesh(options);
  service = await OctomeshCaller.logIn(sim);
};
beforeEach(() => start());
afterEach(() => sim.stop());

const query = (caller = service) => caller.query('{__typename}');
const mutate = (caller = service) => caller.query('mutation{runtime{deleteRtIndustryCommonLocation(rtId:"x")}}');
const upload = (caller = service) => {
  const body = new FormData();
  body.set('file', new Blob(['x']), 'x.txt');
  return caller.call('/api/tenants/my-tenant/files', { method: 'POST', body });
};

/** How many pass before the first is refused, and that refusal. */
async function allowed(ask: () => Promise<Answer>): Promise<[number, Answer]> {
  for (let passed = 0; ; passed++) {
    const answer = await ask();
    if (answer.status === 429) return [passed, answer];
  }
}

describe('OctoMesh limits', () => {
  it.each([
    ['queries', 100, query],
    ['mutations', 50, mutate],
    ['uploads', 10, upload],
  ] as const)('OCTO-19 allows a client so many %s a minute: %d', async (_class, limit, ask) => {
    const [passed, refusal] = await allowed(ask);
    expect(passed).toBe(limit);
    expect([refusal.status, refusal.headers.get('retry-after'), refusal.text]).toEqual([429, '60', '']);
    const others = [query, mutate, upload].filter((one) => one !== ask);
    for (const other of others) expect((await other()).status).toBeLessThan(300);
    expect((await ask(await OctomeshCaller.logIn(sim, CLIENTS.other))).status).toBeLessThan(300);
  });

  it('counts by client, whatever its tokens and tenants', async () => {
    await allowed(query);
    const elsewhere = new OctomeshCaller(sim, await serviceToken(sim), 'other-tenant');
    expect((await query(elsewhere)).status).toBe(429);
  });

  it('has a sliding window that refused requests do not count in', async () => {
    for (let i = 0; i < 60; i++) await query();
    await sim.clock.advance(30_000);
    expect((await allowed(query))[0]).toBe(40);
    await sim.clock.advance(29_999);
    expect((await query()).status).toBe(429);
    await sim.clock.advance(1);
    expect((await allowed(query))[0]).toBe(60);
    await sim.clock.advance(30_000);
    expect((await allowed(query))[0]).toBe(40);
  });

  it('counts introspection and what cannot be read as queries, and nothing else', async () => {
    await sim.stop();
    await start({ limits: { queries: 3, mutations: 1, uploads: 1, windowMs: 60_000 } });
    expect((await service.query(getIntrospectionQuery())).status).toBe(200);
    expect((await service.query('{')).status).toBe(400);
    await call(`${service.graphqlUrl}?query={__typename}`, { headers: { authorization: `Bearer ${service.token}` } });
    expect((await query()).status).toBe(429);
    for (let i = 0; i < 5; i++) {
      expect((await service.get('/api/tenants/my-tenant')).status).toBe(200);
      expect((await service.get('/api/tenants/my-tenant/construction-kits')).status).toBe(200);
      expect((await call(`${sim.url}/health`)).status).toBe(200);
      expect(await serviceToken(sim)).not.toBe('undefined');
    }
  });

  it('does not count what has no token or no right', async () => {
    for (let i = 0; i < 110; i++) await query(new OctomeshCaller(sim, 'x'));
    expect((await query()).status).toBe(200);
  });
});

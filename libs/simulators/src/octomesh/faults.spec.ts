import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { OctomeshCaller, startQuietOctomesh } from '../../test/octomesh-caller.ts';
import { call, dig } from '../../test/opticloud-caller.ts';
import type { OctomeshSimulator } from './server.ts';

let sim: OctomeshSimulator;
let service: OctomeshCaller;
beforeAll(async () => {
  sim = await startQuietOctomesh({ limits: { queries: 1e6, mutations: 1e6, uploads: 1e6, windowMs: 1_000 } });
  service = await OctomeshCaller.logIn(sim);
});
afterAll(() => sim.stop());
afterEach(async () => {
  sim.faults.clear();
  await sim.faults.settled();
});

const STREAM = '{streamData{tsIndustryEnergyMeterReading(first:5){items{rtId voltage}}}}';
const TWO = `{runtime{
  good: rtIndustryCommonLocation(first:1){items{name}}
  bad: rtIndustryEnergyEnergyMeterById(rtId:"nope"){rtId}
}}`;

describe('OctoMesh faults', () => {
  it.each([500, 502, 503])('answers %d, with and without a body, to one kind of operation', async (status) => {
    sim.faults.add({ kind: 'status', status }, { operation: 'OCTO-10', count: 1 });
    const empty = await service.query(STREAM);
    expect([empty.status, empty.text]).toEqual([status, '']);
    sim.faults.add({ kind: 'status', status, body: '<h1>Bad gateway</h1>' }, { operation: 'OCTO-10', count: 1 });
    expect((await service.query(STREAM)).text).toBe('<h1>Bad gateway</h1>');
    expect((await service.query('{__typename}')).status).toBe(200);
  });

  it('is slow, resets, cuts and garbles', async () => {
    sim.faults.add({ kind: 'latency', ms: 1_000 }, { operation: 'OCTO-10', count: 1 });
    const slow = call(service.graphqlUrl, {
      method: 'POST',
      signal: AbortSignal.timeout(50),
      headers: { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: STREAM }),
    });
    await expect(slow).rejects.toThrow();
    for (const fault of [{ kind: 'reset' }, { kind: 'truncated' }] as const) {
      sim.faults.add(fault, { operation: 'OCTO-10', count: 1 });
      await expect(service.query(STREAM)).rejects.toThrow();
    }
    sim.faults.add({ kind: 'malformed', as: 'cut' }, { operation: 'OCTO-10', count: 1 });
    expect((await service.query(STREAM)).json).toBeUndefined();
    expect((await service.query(STREAM)).status).toBe(200);
  });

  it('takes every token away', async () => {
    const other = await OctomeshCaller.logIn(sim);
    sim.faults.expireTokens();
    expect((await other.query('{__typename}')).status).toBe(401);
    service = await OctomeshCaller.logIn(sim);
    expect((await service.query('{__typename}')).status).toBe(200);
  });

  it('has data or errors as documented, and both when it is told to', async () => {
    expect(dig((await service.query(TWO)).json, 'data')).toBeNull();
    await sim.actions.run('partial-answers', { enabled: true });
    const { json } = await service.query(TWO);
    await sim.actions.run('partial-answers', { enabled: false });
    expect(dig(json, 'data', 'runtime')).toMatchObject({ good: { items: [expect.anything()] }, bad: null });
    expect(dig(json, 'errors')).toMatchObject([{ path: ['runtime', 'bad'], extensions: { code: 'ENTITY_NOT_FOUND' } }]);
  });

  it('fails a field as often as it is told to', async () => {
    await sim.actions.run('fail-field', { field: 'tsIndustryEnergyMeterReading', code: 'FORBIDDEN', count: 2 });
    const codes: unknown[] = [];
    for (let i = 0; i < 3; i++) codes.push(dig((await service.query(STREAM)).json, 'errors', 0, 'extensions', 'code'));
    expect(codes).toEqual(['FORBIDDEN', 'FORBIDDEN', undefined]);
  });

  it('takes identity and asset repository out of service, together or alone', async () => {
    const keys = () => call(`${sim.identityUrl}/.well-known/openid-configuration`);
    const alone = sim.faults.add({ kind: 'outage', mode: 'close', listeners: ['identity'] });
    await sim.faults.settled();
    await expect(keys()).rejects.toThrow();
    expect((await service.query('{__typename}')).status).toBe(200);
    sim.faults.clear(alone);
    sim.faults.outage();
    await sim.faults.settled();
    await expect(keys()).rejects.toThrow();
    await expect(service.query('{__typename}')).rejects.toThrow();
    sim.faults.clear();
    await sim.faults.settled();
    expect((await keys()).status).toBe(200);
  });

  it("keeps its controls outside the vendor's addresses", async () => {
    for (const url of [sim.url, sim.identityUrl]) expect((await call(`${url}/_control`)).status).toBe(404);
    expect((await call(`${sim.controlUrl}/_control`)).json).toMatchObject({ platform: 'octomesh' });
  });
});

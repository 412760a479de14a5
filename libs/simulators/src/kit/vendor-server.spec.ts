import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Caller, call, startQuiet } from '../../test/opticloud-caller.ts';
import { USERS } from '../opticloud/accounts.ts';
import type { OpticloudSimulator } from '../opticloud/server.ts';

let sim: OpticloudSimulator;
let user: Caller;
beforeEach(async () => {
  sim = await startQuiet({ producing: false, historyMs: 0 });
  user = await Caller.logIn(sim, USERS.multi);
});
afterEach(() => sim.stop());

const devices = () => user.get(`/api/tenants/${user.tenantId}/devices`, { page: 0, limit: -1 });
const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no failure',
    (error: Error & { cause?: { code?: string } }) => error.cause?.code ?? error.message,
  );

describe('faults of a vendor', () => {
  it("a status speaks in the vendor's own form, or in the one that is given, and only so often", async () => {
    sim.faults.add({ kind: 'status', status: 503 }, { operation: 'OPTI-04', count: 2 });
    expect((await devices()).json).toMatchObject({ status: 503, errorCode: 2, timestamp: sim.clock.now() });
    expect((await devices()).status).toBe(503);
    expect((await devices()).status).toBe(200);
    const headers = { 'retry-after': '7' };
    sim.faults.add(
      { kind: 'status', status: 500, body: '<h1>Proxy</h1>', headers },
      { operation: 'OPTI-04', count: 1 },
    );
    const answer = await devices();
    expect([answer.text, answer.headers.get('retry-after'), answer.headers.get('content-type')]).toEqual([
      '<h1>Proxy</h1>',
      '7',
      'text/html',
    ]);
  });

  it('a status can hide that the work was done', async () => {
    const device = sim.state.devices()[5];
    const order = { startTime: '2026-03-01T00:00:00Z', endTime: '2026-03-02T00:00:00Z' };
    sim.faults.add({ kind: 'status', status: 502, when: 'after' }, { operation: 'OPTI-13', count: 1 });
    expect((await user.post(`/api/devices/${device?.id}/request-list`, order)).json).toMatchObject({ status: 502 });
    expect(device?.queue.tasks).toHaveLength(1);
    sim.faults.add({ kind: 'status', status: 502 }, { operation: 'OPTI-13', count: 1 });
    expect((await user.post(`/api/devices/${device?.id}/request-list`, order)).status).toBe(502);
    expect(device?.queue.tasks).toHaveLength(1);
  });

  it('a rate limit is 429 with error code 33, with or without Retry-After', async () => {
    sim.faults.add({ kind: 'rate-limit', retryAfterSeconds: 5 }, { count: 1 });
    const told = await devices();
    expect(told.json).toMatchObject({ status: 429, errorCode: 33, message: 'Too many requests for current tenant!' });
    expect(told.headers.get('retry-after')).toBe('5');
    sim.faults.add({ kind: 'rate-limit' }, { count: 1 });
    const untold = await devices();
    expect([untold.status, untold.headers.has('retry-after')]).toEqual([429, false]);
  });

  it('a limiter counts real windows', async () => {
    sim.faults.add({ kind: 'limiter', requests: 3, perMs: 60_000 });
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await devices()).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    await sim.clock.advance(60_000);
    expect((await devices()).status).toBe(200);
  });

  it('a reset cuts before the work is done, after it, or after byte N of the answer', async () => {
    const { id } = sim.state.devices()[5] ?? { id: '' };
    const order = () =>
      user.post(`/api/devices/${id}/request-list`, {
        startTime: '2026-03-01T00:00:00Z',
        endTime: '2026-03-02T00:00:00Z',
      });
    const queued = () => sim.state.device(id)?.queue.tasks.length;
    sim.faults.add({ kind: 'reset' }, { operation: 'OPTI-13', count: 1 });
    expect(await failure(order())).toBe('ECONNRESET');
    expect(queued()).toBe(0);
    sim.faults.add({ kind: 'reset', when: 'after' }, { operation: 'OPTI-13', count: 1 });
    expect(await failure(order())).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
    expect(queued()).toBe(1);
    sim.faults.add({ kind: 'reset', afterBytes: 100 }, { operation: 'OPTI-04', count: 1 });
    expect(await failure(devices())).toMatch(/ECONNRESET|UND_ERR_SOCKET|terminated/);
    expect((await sim.journal.until({ status: -1 }, 3)).map((one) => one.operation)).toEqual([
      'OPTI-13',
      'OPTI-13',
      'OPTI-04',
    ]);
  });

  it('a body can be malformed in many ways', async () => {
    for (const as of ['garbage', 'html', 'cut'] as const) {
      sim.faults.add({ kind: 'malformed', as }, { count: 1 });
      const answer = await devices();
      expect([answer.status, answer.json]).toEqual([200, undefined]);
    }
    const textOf = async (as: 'empty' | 'null' | 'deep' | 'proto' | 'huge-number' | 'array') => {
      sim.faults.add({ kind: 'malformed', as }, { count: 1 });
      return (await devices()).text;
    };
    expect(await textOf('empty')).toBe('');
    expect(await textOf('null')).toBe('null');
    expect(await textOf('array')).toBe('[]');
    expect(await textOf('deep')).toHaveLength(200_000);
    expect(await textOf('proto')).toContain('__proto__');
    expect(await textOf('huge-number')).toContain('1e999');
  });

  it('a member of an answer can be changed or removed', async () => {
    const changes = [{ pointer: '/data/2/id/id', value: 42 }, { pointer: '/data/3/name' }];
    sim.faults.add({ kind: 'rewrite', changes }, { operation: 'OPTI-04', count: 1 });
    const rows = (await devices()).json as { data: Array<{ id: { id: unknown }; name?: string }> };
    expect(rows.data[2]?.id.id).toBe(42);
    expect(rows.data[3]).not.toHaveProperty('name');
    expect(rows.data).toHaveLength(25);
  });

  it('a body can end early although more was announced', async () => {
    sim.faults.add({ kind: 'truncated', afterBytes: 50 }, { operation: 'OPTI-04', count: 1 });
    const response = await fetch(`${sim.url}/api/tenants/${user.tenantId}/devices?limit=-1`, { headers: user.headers });
    expect(response.status).toBe(200);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(1_000);
    expect(await failure(response.text())).not.toBe('no failure');
  });

  it('a body can be slow, and an answer late, and both are whole', async () => {
    const whole = (await devices()).text;
    sim.faults.add({ kind: 'slow-body', bytesPerSecond: whole.length * 4 }, { operation: 'OPTI-04', count: 1 });
    sim.faults.add({ kind: 'latency', ms: 60 }, { operation: 'OPTI-04', count: 1 });
    const began = performance.now();
    expect((await devices()).text).toBe(whole);
    expect(performance.now() - began).toBeGreaterThan(200);
  });

  it('an outage refuses, drops or ignores everybody until it is over', async () => {
    const shut = async (mode: 'refuse' | 'close') => {
      const id = sim.faults.outage(mode);
      await sim.faults.settled();
      // A connection that was kept open is reset first.
      await failure(devices());
      const code = await failure(devices());
      sim.faults.clear(id);
      await sim.faults.settled();
      return code;
    };
    expect(await shut('refuse')).toBe('ECONNREFUSED');
    expect(await shut('close')).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
    const hang = sim.faults.outage('hang', 30_000);
    await sim.faults.settled();
    const ignored = failure(devices());
    await sim.clock.advance(30_000);
    expect(await ignored).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
    expect(sim.faults.clear(hang)).toBe(0);
    await sim.faults.settled();
    expect((await devices()).status).toBe(200);
  });

  it('the journal says which operation, how it ended, who asked and what hit it', async () => {
    sim.journal.clear();
    await devices();
    sim.faults.add({ kind: 'status', status: 500 }, { operation: 'OPTI-04' });
    await devices();
    await call(`${sim.url}/nothing?secret=1`);
    const [good, bad, none] = await sim.journal.until({}, 3);
    expect(good).toMatchObject({ operation: 'OPTI-04', method: 'GET', status: 200, at: sim.clock.now() });
    expect(bad).toMatchObject({ status: 500, faults: ['status'], credential: good?.credential });
    expect(none).toMatchObject({ path: '/nothing', status: 404 });
    expect(good?.credential).toMatch(/^[0-9a-f]{12}$/);
  });
});

import { type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { breakerState } from '@tributary/contracts';
import { ManualClock } from '@tributary/runtime';
import { z } from 'zod';
import { assertSafePath, path } from './path.ts';
import { failureOf, get, reply, vendorRig } from './testing/vendor-rig.ts';

const rig = vendorRig();

describe('limits of the platform', () => {
  it('hands on Retry-After given as a date, relative to the clock of the platform', async () => {
    rig.handler = (_request, response) =>
      reply(response, 429, '', {
        date: 'Fri, 02 Jan 2026 10:00:00 GMT',
        'retry-after': 'Fri, 02 Jan 2026 10:01:30 GMT',
      });
    expect(await failureOf(rig.http().send(get('/')))).toMatchObject({ code: 'rate-limited', retryAfterMs: 90_000 });
  });

  it('waits as told, then goes on', async () => {
    const clock = new ManualClock();
    rig.handler = (_request, response) =>
      rig.seen.length === 1 ? reply(response, 429, '', { 'retry-after': '7' }) : reply(response, 200, 'fine');
    const made = rig.access({
      clock,
      manifest: { platform: 'acme', budgets: { requests: { limit: 10, per: '10s', documented: true } } },
    });
    const answer = rig.http({}, made).send(get('/'));
    while (!(await made.budget()).budgets[0]?.heldUntil) await new Promise(setImmediate);
    expect((await made.budget()).budgets[0]).toMatchObject({ spent: 1, left: 4 });
    await clock.advance(6_990);
    expect(rig.seen).toHaveLength(1);
    await clock.advance(100);
    expect((await answer).text).toBe('fine');
  });
});

describe('calls that callers pass through', () => {
  it('never take more than half of a budget, are told when to come back, and do not hold up a poll', async () => {
    rig.handler = (_request, response) => reply(response, 200, '');
    const budgets = { requests: { limit: 4, per: '1m', documented: true } };
    const http = rig.http({}, rig.access({ manifest: { platform: 'acme', budgets } }));
    const pass = () => http.send(get('/graphql', { method: 'POST', lane: 'pass-through', idempotent: false }));
    await Promise.all([pass(), pass()]);
    const failure = await failureOf(pass());
    expect(failure).toMatchObject({ code: 'rate-limited', platformCode: 'budget-spent' });
    expect(failure).toHaveProperty('retryAfterMs', expect.any(Number));
    await http.send(get('/points'));
    expect(rig.seen.map(({ url }) => url)).toEqual(['/graphql', '/graphql', '/points']);
  });
});

describe('the breaker', () => {
  it('opens after failures in a row, answers at once without asking, and closes by a probe', async () => {
    let down = true;
    rig.handler = (_request, response) => reply(response, down ? 503 : 200, '');
    const made = rig.access({ operationPolicy: { read: { consecutive: 3, resetMs: 1_000, maxResetMs: 1_000 } } });
    const read = () => rig.http({}, made).send(get('/', { idempotent: false }));
    for (let n = 0; n < 3; n++) await failureOf(read());
    const refusals = await Promise.all(Array.from({ length: 100 }, () => failureOf(read())));
    for (const error of refusals) expect(error).toMatchObject({ code: 'unavailable', platformCode: 'circuit-open' });
    expect(refusals[0]).toHaveProperty('retryAfterMs');
    expect(rig.seen).toHaveLength(3);
    expect(made.breakers()).toEqual([expect.objectContaining({ class: 'read', state: 'open', failures: 3 })]);
    expect(z.array(breakerState).safeParse(made.breakers()).success).toBe(true);
    // Other classes go on.
    expect(await failureOf(rig.http({}, made).send(get('/', { lane: 'command' })))).not.toMatchObject({
      platformCode: 'circuit-open',
    });
    down = false;
    while (made.breakers()[0]?.state !== 'half-open') await new Promise(setImmediate);
    await read();
    expect(made.breakers()[0]).toMatchObject({ state: 'closed', failures: 0 });
  });
});

describe('who may be asked', () => {
  it.each([
    'http://127.0.0.1/',
    'https://127.0.0.1/',
    'https://[::ffff:10.0.0.1]/',
    'https://0x7f.1/',
    'https://a@b.example/',
    'ftp://x/',
  ])('%s is refused at once outside development', (url) => {
    const guarded = rig.access({ allowPrivateAddresses: false });
    expect(() => guarded.kit.http({ baseUrl: url })).toThrow('URL');
  });

  it('a name that resolves to a private address is refused before a byte is sent', async () => {
    const { port } = rig.server.address() as AddressInfo;
    let connections = 0;
    rig.server.on('connection', () => {
      connections += 1;
    });
    const guarded = rig.access({ allowPrivateAddresses: false });
    const failing = guarded.kit.http({ baseUrl: `https://localhost:${port}` }).send(get('/'));
    expect(await failureOf(failing)).toMatchObject({ code: 'invalid-request' });
    expect(connections).toBe(0);
  });

  it('a platform that is not there is unavailable, and certainly was not asked', async () => {
    const made = rig.access().kit.http({ baseUrl: 'http://127.0.0.1:1' });
    const failing = made.send(get('/', { lane: 'command', method: 'POST', idempotent: false }));
    expect(await failureOf(failing)).toMatchObject({ code: 'unavailable', platformCode: 'not-sent' });
  });

  it('paths that leave the base are refused', () => {
    for (const bad of ['a', '/a/../b', '/a/%2e%2E/b', '/a//b', '/a b', '/a#b', '/a\\b', '/.']) {
      expect(() => assertSafePath(bad)).toThrow('path');
    }
    for (const bad of ['', '.', '..', '\ud800']) expect(() => path`/a/${bad}/b`).toThrow('path parameter');
    expect(path`/a/${'x/../y?z#%'}/b`).toBe('/a/x%2F..%2Fy%3Fz%23%25/b');
  });
});

import { describe, expect, it } from '@jest/globals';
import { logIn, startStill, stillSimulators } from '../../test/meshydb-caller.ts';
import { call, dig } from '../../test/opticloud-caller.ts';

const start = stillSimulators();
const LIMIT = { message: 'You have either hit your API or Database limit. Please review your account.' };

describe('MeshyDB limits', () => {
  it('counts the requests of an account over both hosts, in a rolling window', async () => {
    const { sim, ask } = await start({ limits: { requests: 3, windowMs: 10_000 } });
    // The log-in was the first.
    expect((await ask('users/me')).status).toBe(200);
    await sim.clock.advance(4_000);
    expect((await ask('meshes/person')).status).toBe(200);
    const refused = await ask('users/me');
    expect(refused).toMatchObject({ status: 429, json: LIMIT });
    expect(refused.headers.get('retry-after')).toBeNull();
    expect(await logIn(sim)).toMatchObject({ status: 429, json: LIMIT });
    expect((await call(`${sim.url}/globex/users/bob/exists`)).status).toBe(201);
    await sim.clock.advance(6_000);
    expect((await ask('users/me')).status).toBe(200);
    expect((await ask('users/me')).status).toBe(200);
    expect((await ask('users/me')).status).toBe(429);
  });

  it('says how long to wait, where that is chosen', async () => {
    const { sim, ask } = await start();
    await sim.actions.run('set-limits', { requests: 1, windowMs: 5_000, retryAfter: true });
    expect((await ask('users/me')).status).toBe(200);
    await sim.clock.advance(1_500);
    expect((await ask('users/me')).headers.get('retry-after')).toBe('4');
    await sim.actions.run('set-limits', { requests: 0 });
    expect((await ask('users/me')).status).toBe(200);
  });

  it('a full database refuses what writes, and answers what reads or makes room', async () => {
    const { sim, ask } = await start();
    const made = await ask('meshes/person', { method: 'POST', body: { a: 1 } });
    const one = `meshes/person/${dig(made.json, '_id')}`;
    await sim.actions.run('database-full', {});
    const writes = [
      await ask('meshes/person', { method: 'POST', body: { a: 1 } }),
      await ask('meshes/person', { method: 'POST', body: [{ a: 1 }] }),
      await ask(one, { method: 'PUT', body: { a: 2 } }),
      await ask('meshes/person', { method: 'PATCH', body: { filter: '{}', update: '{$set:{a:2}}' } }),
      await ask('users/register/anonymous', { method: 'POST', body: { username: 'lamp' } }),
      await ask('users', { method: 'POST', body: { username: 'lamp', newPassword: 'x' } }),
    ];
    expect(writes.map(({ status, json }) => [status, json])).toEqual(writes.map(() => [429, LIMIT]));
    expect((await ask('meshes/person')).json).toMatchObject({ results: [{ a: 1 }], totalRecords: 1 });
    expect((await logIn(sim)).status).toBe(200);
    expect((await ask(one, { method: 'DELETE' })).status).toBe(204);
    await sim.actions.run('database-full', { full: false });
    expect((await ask('meshes/person', { method: 'POST', body: { a: 1 } })).status).toBe(201);
  });
});

describe('MeshyDB faults', () => {
  it('speak in the words of the host they are on', async () => {
    const { sim, ask } = await start();
    sim.faults.add({ kind: 'status', status: 500 }, { operation: 'MESHY-08', count: 1 });
    expect(await ask('meshes/person')).toMatchObject({ status: 500, json: { message: 'Internal Server Error' } });
    sim.faults.add({ kind: 'rate-limit', retryAfterSeconds: 2 }, { operation: 'MESHY-08', count: 1 });
    const limited = await ask('meshes/person');
    expect([limited.status, limited.json, limited.headers.get('retry-after')]).toEqual([429, LIMIT, '2']);
    sim.faults.add({ kind: 'status', status: 400 }, { operation: 'MESHY-03', count: 1 });
    expect(await logIn(sim)).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    sim.faults.add({ kind: 'status', status: 401 }, { operation: 'MESHY-05', count: 1 });
    expect(await ask('users/me')).toMatchObject({ status: 401, text: '' });
  });

  it('an outage hits both hosts, or the one that is named', async () => {
    const { sim, ask } = await start();
    sim.faults.add({ kind: 'outage', mode: 'refuse', listeners: ['auth'] });
    await sim.faults.settled();
    expect((await ask('users/me')).status).toBe(200);
    await expect(logIn(sim)).rejects.toThrow();
    sim.faults.clear();
    await sim.faults.settled();
    expect((await logIn(sim)).status).toBe(200);
  });

  it('both hosts tell the time of the scenario', async () => {
    const { sim, ask } = await start();
    const expected = 'Sun, 01 Mar 2026 12:00:00 GMT';
    expect([(await ask('users/me')).headers.get('date'), (await logIn(sim)).headers.get('date')]).toEqual([
      expected,
      expected,
    ]);
    expect((await call(`${sim.url}/acme/users/me`)).headers.get('date')).toBe(expected);
  });

  it('the journal tells operations apart, and never a token', async () => {
    const { sim, ask } = await start();
    await ask('meshes/person', { method: 'POST', body: [{ a: 1 }] });
    await ask('meshes/person');
    await ask('meshes/person', { method: 'DELETE', query: { filter: '{}' } });
    await ask('nowhere');
    const entries = sim.journal.entries();
    expect(entries.map(({ operation, status }) => [operation, status])).toEqual([
      ['MESHY-03', 200],
      ['MESHY-33', 201],
      ['MESHY-08', 200],
      ['MESHY-35', 200],
      [undefined, 404],
    ]);
    expect(new Set(entries.slice(1).map(({ credential }) => credential)).size).toBe(1);
    expect(entries[1]?.credential).toMatch(/^[0-9a-f]{6,}$/);
  });

  it('refuses a port that is taken, and leaves nothing behind', async () => {
    const { sim } = await start();
    const port = Number(new URL(sim.authUrl).port);
    await expect(startStill({ authPort: port })).rejects.toThrow(/EADDRINUSE/);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AcmeHouse, until } from './acme/acme-house.ts';
import { expectedValue } from './acme/acme-vendor.ts';
import { pointsOf } from './acme/points.ts';

let house: AcmeHouse;

beforeAll(async () => {
  house = await AcmeHouse.open();
}, 60_000);
afterAll(() => house.close(), 30_000);

describe('one replica, one connection', () => {
  it('announces, discovers, polls, answers questions, carries out orders, and stops in order', async () => {
    const connection = await house.connect('acme-1');
    house.vendor.produced.set('acme-1', 45);
    const replica = await house.start();
    await until('all points came', () => pointsOf(house, connection.id).size === 45);
    expect(pointsOf(house, connection.id).get('b 2026-01-01T00:00:01.000Z')).toEqual([expectedValue('acme-1', 1)]);
    await until('the devices came', () => house.of(connection.id, 'device.discovered').length === 2);
    expect(house.of(connection.id, 'connection.connected')).toHaveLength(1);
    const { rows } = await house.db.pool.query('select resource from platform where id = $1', ['acme']);
    expect(rows[0].resource).toMatchObject({
      displayName: 'Acme',
      settingsSchema: { required: ['baseUrl', 'account'] },
    });

    const { id: connectionId } = connection;
    const health = await house.ask('connection.health', { connectionId });
    expect(health).toMatchObject({ status: 'connected', owner: { epoch: 1 }, setAside: 0 });
    const described = await house.ask('commands.describe', { connectionId, nativeId: 'a' });
    expect(described.commands.map(({ name }) => name)).toEqual(['set', 'add']);
    await expect(house.ask('entities.types', { connectionId })).rejects.toMatchObject({ code: 'unsupported' });

    expect(await house.order(connection.id, 'add')).toBe('confirmed');
    expect(house.vendor.orders).toHaveLength(1);

    replica.kill('SIGTERM');
    expect(await replica.ended).toBe(0);
    expect((await house.owners()).size).toBe(0);
  }, 60_000);
});

describe('run time', () => {
  it('takes up, pauses, resumes, changes and drops connections without a restart', async () => {
    const replica = await house.start();
    const { id } = await house.connect('late');
    house.vendor.produced.set('late', 2);
    await until('it was taken up', () => pointsOf(house, id).size === 2, 5_000);

    await house.change(id, { paused: true });
    await until('it was let go', async () => !(await house.owners()).has(id), 5_000);
    house.vendor.produced.set('late', 4);
    const calls = house.vendor.calls.filter(({ account }) => account === 'late').length;
    await house.change(id, { paused: false });
    await until('it was resumed', () => pointsOf(house, id).size === 4, 5_000);
    expect(house.vendor.calls.filter(({ account }) => account === 'late').length).toBeGreaterThan(calls);

    house.vendor.produced.set('later', 6);
    await house.change(id, { settings: { baseUrl: house.vendor.url, account: 'later' } });
    await until('the settings count', () => house.vendor.calls.some(({ account }) => account === 'later'), 5_000);

    await house.change(id, { settings: { baseUrl: house.vendor.url, account: 7 } });
    await until('a wrong configuration is told', () => house.of(id, 'connection.degraded').length === 1, 5_000);
    expect(house.of(id, 'connection.degraded')[0]?.data).toMatchObject({
      reason: expect.stringContaining('/account'),
    });
    const other = await house.connect('neighbour');
    house.vendor.produced.set('neighbour', 1);
    await until('the neighbour works', () => pointsOf(house, other.id).size === 1, 5_000);

    await house.remove(id);
    await until('it was dropped', async () => !(await house.owners()).has(id), 5_000);
    replica.kill('SIGTERM');
    expect(await replica.ended).toBe(0);
  }, 60_000);

  it('meets refused credentials with quiet, and comes back when they are replaced', async () => {
    house.vendor.refused.add('bad');
    const replica = await house.start();
    const { id } = await house.connect('locked', 'bad');
    await until('it says so', () => house.of(id, 'connection.unauthorized').length === 1, 5_000);
    const calls = () => house.vendor.calls.filter(({ account }) => account === 'locked').length;
    const before = calls();
    expect(before).toBeLessThanOrEqual(2);
    const tested = await house.ask('connection.test', { connectionId: id });
    expect(tested).toMatchObject({
      ok: false,
      checks: [{ ok: true }, { ok: false, error: { code: 'authentication' } }],
    });
    expect(calls()).toBeLessThanOrEqual(before + 2);

    const draft = await house.ask('connection.test', house.draft('locked', 'good'));
    expect(draft.ok).toBe(true);
    await house.change(id, { credentials: house.sealed(id, 'good') });
    await until('it recovered', () => house.of(id, 'connection.recovered').length === 1, 5_000);
    expect(await house.ask('connection.health', { connectionId: id })).toMatchObject({ status: 'connected' });
    replica.kill('SIGTERM');
    expect(await replica.ended).toBe(0);
  }, 60_000);
});

describe('orders', () => {
  it('are carried out once, however often they are delivered', async () => {
    const replica = await house.start();
    const { id } = await house.connect('orders');
    await until('it is owned', async () => (await house.owners()).has(id));
    const command = await house.accept(id, 'add');
    await Promise.all([house.deliver(command), house.deliver(command), house.deliver(command)]);
    await until('it is confirmed', async () => (await house.stateOf(command)) === 'confirmed');
    await house.deliver(command);
    expect(await house.order(id, 'add')).toBe('confirmed');
    expect(house.vendor.orders.filter((order) => order === command)).toHaveLength(1);
    expect(await house.order(id, 'no-such-thing')).toBe('rejected');
    expect(await house.order(id, 'add', { expiresInMs: -1 })).toBe('expired');
    expect(house.vendor.orders).toHaveLength(3);

    replica.kill('SIGTERM');
    expect(await replica.ended).toBe(0);
  }, 60_000);
});

describe('files', () => {
  it('are fetched once, in constant memory, and let go when the reader leaves', async () => {
    const replica = await house.start();
    const { id } = await house.connect('files');
    await until('it is owned', async () => (await house.owners()).has(id));
    const { url } = await house.ask('files.open', { connectionId: id, nativeId: 'a', names: ['256'] });
    const memory = () => house.metric(replica, 'process_resident_memory_bytes');
    const before = await memory();
    const response = await fetch(url);
    let bytes = 0;
    for await (const chunk of response.body ?? []) bytes += chunk.byteLength;
    expect(bytes).toBe(256 * 1_048_576);
    expect((await memory()) - before).toBeLessThan(96 * 1_048_576);
    expect((await fetch(url)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${replica.port}/files/nonsense`)).status).toBe(404);

    const other = await house.ask('files.open', { connectionId: id, nativeId: 'a', names: ['1000'] });
    const leaver = new AbortController();
    const half = await fetch(other.url, { signal: leaver.signal });
    await half.body?.getReader().read();
    leaver.abort();
    await until(
      'the download was let go',
      async () => (await house.metric(replica, 'tributary_adapter_files_open')) === 0,
    );
    replica.kill('SIGTERM');
    expect(await replica.ended).toBe(0);
  }, 60_000);
});

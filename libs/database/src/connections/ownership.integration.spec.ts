import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseEvent, type TributaryEvent } from '@tributary/contracts';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { inTransaction } from '../transaction.ts';
import { Checkpoints } from './checkpoints.ts';
import { tellOfConnection } from './connection-events.ts';
import { ConnectionLeases, type Lease } from './connection-leases.ts';
import { Connections } from './connections.ts';

let db: ScratchDatabase;
let leases: ConnectionLeases;
let checkpoints: Checkpoints;
let connections: Connections;
let platform: string;
let serial = 0;

beforeAll(async () => {
  db = await scratchDatabase();
  leases = new ConnectionLeases(db);
  checkpoints = new Checkpoints(db);
  connections = new Connections(db);
});
afterAll(() => db.drop());
beforeEach(() => {
  platform = `platform-${++serial}`;
});

const take = (replica: string, max = 10, ttlMs = 60_000) => leases.acquire({ platform, replica, max, ttlMs });
const runOut = (id: string) =>
  db.pool.query(`update connection_lease set leased_until = now() - interval '1 second' where connection_id = $1`, [
    id,
  ]);

async function oneLease(): Promise<Lease> {
  await db.addConnection({ platform });
  const [lease] = await take('a');
  if (!lease) throw new Error('no lease');
  return lease;
}

describe('ConnectionLeases', () => {
  it('gives each connection to one replica, however many ask at once', async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, () => db.addConnection({ platform })));
    const taken = await Promise.all(Array.from({ length: 8 }, (_, n) => take(`replica-${n}`, 7)));
    const more = await take('last', 100);
    const all = [...taken.flat(), ...more].map((lease) => lease.connectionId);
    expect(all.toSorted()).toEqual(ids.toSorted());
    for (const list of taken) expect(list.length).toBeLessThanOrEqual(7);
    expect(await take('late')).toEqual([]);
  });

  it('raises the epoch at each take-over and keeps the greatest rev floor', async () => {
    const first = await oneLease();
    expect(first.epoch).toBe(1n);
    expect(await leases.renew([{ ...first, revFloor: 700n }], 60_000)).toEqual(new Set([first.connectionId]));
    await leases.renew([{ ...first, revFloor: 500n }], 60_000);
    await runOut(first.connectionId);
    const [second] = await take('b');
    expect(second).toMatchObject({ epoch: 2n, revFloor: 700n });
    expect(await leases.owner(first.connectionId)).toMatchObject({ replica: 'b', epoch: 2n });
  });

  it('renews an expired lease that nobody took, and none that somebody did', async () => {
    const first = await oneLease();
    await runOut(first.connectionId);
    expect((await leases.renew([first], 60_000)).size).toBe(1);
    await runOut(first.connectionId);
    await take('b');
    expect((await leases.renew([first], 60_000)).size).toBe(0);
    await leases.release([first]);
    expect(await leases.owner(first.connectionId)).toMatchObject({ replica: 'b' });
  });

  it('can be taken at once after a release', async () => {
    const first = await oneLease();
    await leases.release([{ ...first, revFloor: 9n }]);
    expect(await leases.owner(first.connectionId)).toBeUndefined();
    expect((await leases.renew([first], 60_000)).size).toBe(0);
    expect((await take('b'))[0]).toMatchObject({ epoch: 2n, revFloor: 9n });
  });

  it('leaves paused and removed connections alone', async () => {
    const paused = await db.addConnection({ platform });
    const removed = await db.addConnection({ platform });
    await connections.update('default', paused, { paused: true }, undefined);
    await connections.remove('default', removed, undefined);
    expect(await take('a')).toEqual([]);
  });
});

describe('Checkpoints', () => {
  it('moves by compare-and-set', async () => {
    const { connectionId, epoch } = await oneLease();
    const save = (version: number, at: number) => checkpoints.save(connectionId, 'poll', { at }, { version, epoch });
    expect(await checkpoints.get(connectionId, 'poll')).toBeUndefined();
    expect(await save(1, 1)).toBe(false);
    expect(await save(0, 1)).toBe(true);
    expect(await save(0, 2)).toBe(false);
    expect(await save(1, 2)).toBe(true);
    expect(await checkpoints.get(connectionId, 'poll')).toMatchObject({ value: { at: 2 }, version: 2, epoch });
  });

  it('is written once by two who read the same', async () => {
    const { connectionId, epoch } = await oneLease();
    const saved = await Promise.all(
      Array.from({ length: 6 }, (_, at) => checkpoints.save(connectionId, 'poll', { at }, { version: 0, epoch })),
    );
    expect(saved.filter(Boolean)).toHaveLength(1);
  });

  it('takes nothing from a zombie', async () => {
    const zombie = await oneLease();
    await checkpoints.save(zombie.connectionId, 'poll', { at: 1 }, { version: 0, epoch: zombie.epoch });
    await runOut(zombie.connectionId);
    const [owner] = await take('b');
    expect(await checkpoints.save(zombie.connectionId, 'poll', { at: 2 }, { version: 1, epoch: zombie.epoch })).toBe(
      false,
    );
    expect(await checkpoints.save(zombie.connectionId, 'new', { at: 2 }, { version: 0, epoch: zombie.epoch })).toBe(
      false,
    );
    expect(await checkpoints.get(zombie.connectionId, 'poll')).toMatchObject({ value: { at: 1 }, version: 1 });
    const expected = { version: 1, epoch: owner?.epoch ?? 0n };
    expect(await checkpoints.save(zombie.connectionId, 'poll', { at: 3 }, expected)).toBe(true);
  });
});

describe('Connections', () => {
  const draft = { workspace: 'default', name: 'one', settings: { url: 'https://x' }, sealed: 's', fingerprint: 'f' };
  const find = async (id: string) => (await connections.findAll([id]))[0];

  it('changes only the version that was read', async () => {
    const { id } = await connections.create({ ...draft, platform });
    expect(await find(id)).toMatchObject({ version: 1, status: 'unknown', paused: false, removedAt: null });
    const change = { name: 'two', credentials: { sealed: 's2', fingerprint: 'f2' } };
    expect(await connections.update('default', id, change, 1)).toBe(true);
    expect(await find(id)).toMatchObject({ name: 'two', sealed: 's2', version: 2, settings: draft.settings });
    expect(await connections.update('default', id, { name: 'three' }, 1)).toBe(false);
    expect(await connections.update('other', id, { name: 'three' }, undefined)).toBe(false);
    expect(await connections.remove('default', id, 1)).toBe(false);
    expect(await connections.remove('default', id, 2)).toBe(true);
    expect(await connections.update('default', id, { name: 'four' }, undefined)).toBe(false);
    expect(await find(id)).toMatchObject({ name: 'two', removedAt: expect.any(Date) });
  });

  it('tells of every change', async () => {
    const client = await db.openClient();
    const heard: (string | undefined)[] = [];
    client.on('notification', (message) => heard.push(message.payload));
    await client.query('listen tributary_connections');
    const { id } = await connections.create({ ...draft, platform });
    await connections.update('default', id, { paused: true }, undefined);
    await connections.remove('default', id, undefined);
    await client.query('select 1');
    expect(heard).toEqual([id, id, id]);
    await client.end();
  });

  it('begins anew after a pause, also where the owner has not noticed it', async () => {
    const first = await oneLease();
    await connections.update('default', first.connectionId, { paused: true }, undefined);
    await connections.update('default', first.connectionId, { paused: false }, undefined);
    expect((await leases.renew([first], 60_000)).size).toBe(0);
    expect((await take('a')).map((lease) => lease.epoch)).toEqual([first.epoch + 1n]);
  });
});

describe('what an owner says of its connection', () => {
  const event = (id: string) => ({ id, type: 'io.tributary.connection.degraded.v1' }) as unknown as TributaryEvent;
  const found = async (id: string) => {
    const [connection] = await connections.findAll([id]);
    return { status: connection?.status, unsaid: connection?.unsaid?.id };
  };

  it('is known to the next one, with the event that may not have been sent', async () => {
    const lease = await oneLease();
    expect(await leases.say(lease, { status: 'degraded', event: event('1') })).toBe(true);
    expect(await found(lease.connectionId)).toEqual({ status: 'degraded', unsaid: '1' });
    await leases.said(lease.connectionId, 'another');
    expect(await found(lease.connectionId)).toEqual({ status: 'degraded', unsaid: '1' });
    await leases.said(lease.connectionId, '1');
    expect(await found(lease.connectionId)).toEqual({ status: 'degraded', unsaid: undefined });
  });

  it('is not taken from a zombie', async () => {
    const zombie = await oneLease();
    await runOut(zombie.connectionId);
    await take('b');
    expect(await leases.say(zombie, { status: 'degraded', event: event('1') })).toBe(false);
    expect(await found(zombie.connectionId)).toEqual({ status: 'unknown', unsaid: undefined });
  });

  it('is over when somebody pauses the connection', async () => {
    const { connectionId, ...lease } = await oneLease();
    await leases.say({ connectionId, ...lease }, { status: 'degraded', event: event('1') });
    await inTransaction(db.pool, (tx) =>
      tellOfConnection(tx, { workspace: 'default', platform, connectionId, action: 'paused', at: new Date(0) }),
    );
    expect(await found(connectionId)).toEqual({ status: 'paused', unsaid: undefined });
  });
});

describe('news of a connection', () => {
  const tell = (connectionId: string, action: 'paused' | 'removed') =>
    inTransaction(db.pool, (tx) =>
      tellOfConnection(tx, { workspace: 'default', platform, connectionId, action, at: new Date(0) }),
    );
  const told = async (id: string) => {
    const { rows } = await db.pool.query('select message from outbox where aggregate = $1 order by seq', [id]);
    return rows.map(({ message }) => ({ name: message.routing.event, rev: BigInt(message.event.data.rev) }));
  };

  it('stands between what the last owner may have stamped and what the next one will', async () => {
    const first = await oneLease();
    await leases.renew([{ ...first, revFloor: 1_000n }], 60_000);
    await tell(first.connectionId, 'paused');
    await leases.release([{ ...first, revFloor: 900n }]);
    const [next] = await take('b');
    await tell(first.connectionId, 'removed');
    expect(await told(first.connectionId)).toEqual([
      { name: 'connection.paused', rev: 1_001n },
      { name: 'connection.removed', rev: 1_002n },
    ]);
    expect(next?.revFloor).toBe(1_001n);
  });

  it('can be told of a connection that nobody has owned yet', async () => {
    const id = await db.addConnection({ platform });
    await tell(id, 'paused');
    expect(await told(id)).toEqual([{ name: 'connection.paused', rev: 1n }]);
    const events = await db.pool.query('select message from outbox where aggregate = $1', [id]);
    expect(parseEvent(events.rows[0].message.event)).toMatchObject({ ok: true, name: 'connection.paused' });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { enterKey } from '../src/api-keys/bootstrap-key.ts';
import { audited, caller, makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let call: ReturnType<typeof caller>;
let ids: Seeded;

beforeAll(async () => {
  world = await makeWorld();
  call = caller(world, await world.key('default'));
  ids = await seed(world, 'default');
});
afterAll(async () => {
  await world.close();
});

describe('keys and parked messages', () => {
  it('are listed, replayed through the outbox and discarded', async () => {
    expect((await call('GET', '/v1/parked-messages')).json().items).toMatchObject([
      { id: ids.parkedId, payload: 'not json' },
    ]);
    expect((await call('POST', `/v1/parked-messages/${ids.parkedId}:replay`)).statusCode).toBe(202);
    const { rows } = await world.db.pool.query(`select message from outbox where aggregate = $1`, [ids.parkedId]);
    expect(rows[0].message).toMatchObject({
      kind: 'queue',
      queue: world.house.replayQueue,
      body: { parkedId: ids.parkedId },
    });
    expect((await call('POST', `/v1/parked-messages/${ids.parkedId}:discard`)).json()).toMatchObject({
      state: 'discarded',
    });
    expect((await call('POST', `/v1/parked-messages/${ids.parkedId}:replay`)).statusCode).toBe(409);
  });

  it('are made: the secret is shown once and kept nowhere', async () => {
    const made = await call(
      'POST',
      '/v1/api-keys',
      { name: 'reports', scopes: ['read'] },
      { 'idempotency-key': 'key-1' },
    );
    expect(made.statusCode).toBe(201);
    const secret: string = made.json().key;
    const replayed = await call(
      'POST',
      '/v1/api-keys',
      { name: 'reports', scopes: ['read'] },
      { 'idempotency-key': 'key-1' },
    );
    expect(replayed.json()).toMatchObject({ id: made.json().id });
    expect(replayed.body).not.toContain(secret);
    const url = `/v1/api-keys/${made.json().id}`;
    const read = await call('GET', url);
    expect(read.body).not.toContain(secret.slice(-20));
    expect((await call('DELETE', url, undefined, { 'if-match': String(read.headers.etag) })).statusCode).toBe(204);
    const refused = await world.fastify.inject({ url: '/v1/devices', headers: { authorization: `Bearer ${secret}` } });
    expect(refused.statusCode).toBe(401);
  });

  it('are rotated: the new secret is shown once, the old one works for the overlap', async () => {
    const made = await call('POST', '/v1/api-keys', { name: 'meter', scopes: ['read', 'read'] });
    const { id, key: first } = made.json();
    const rotate = (body?: unknown, headers = {}) => call('POST', `/v1/api-keys/${id}:rotate`, body, headers);
    const opens = async (secret: string) =>
      (await world.fastify.inject({ url: '/v1/devices', headers: { authorization: `Bearer ${secret}` } })).statusCode;
    const rotated = await rotate({ overlap: 'PT1H' }, { 'idempotency-key': 'rotate-1' });
    expect(rotated.statusCode).toBe(200);
    expect(rotated.json()).toMatchObject({ id, name: 'meter', scopes: ['read'], rotatedAt: expect.any(String) });
    const second: string = rotated.json().key;
    const again = await rotate({ overlap: 'PT1H' }, { 'idempotency-key': 'rotate-1' });
    expect(again.json().rotatedAt).toBe(rotated.json().rotatedAt);
    expect(again.body).not.toContain(second);
    expect([await opens(first), await opens(second)]).toEqual([200, 200]);
    const third: string = (await rotate({ overlap: 'PT0S' })).json().key;
    expect([await opens(first), await opens(second), await opens(third)]).toEqual([401, 401, 200]);
    const listed = (await call('GET', '/v1/api-keys?limit=1000')).body;
    for (const secret of [first, second, third]) expect(listed).not.toContain(secret.slice(-20));
    const key = await call('GET', `/v1/api-keys/${id}`);
    expect(key.json()).not.toHaveProperty('previousValidUntil');
    await call('DELETE', `/v1/api-keys/${id}`, undefined, { 'if-match': String(key.headers.etag) });
    expect((await rotate()).statusCode).toBe(409);
    expect((await call('POST', `/v1/api-keys/key_${'b'.repeat(26)}:rotate`)).statusCode).toBe(404);
    for (const overlap of ['PT', 'P31D', '1h', 'P1M', 'PT-1S', ''])
      expect((await rotate({ overlap })).statusCode).toBe(400);
  });

  it('are entered at start once, and that is told once', async () => {
    const token = `trb_${'k'.repeat(26)}_${'s'.repeat(52)}`;
    const id = await enterKey(world.db, 'default', token);
    expect(await enterKey(world.db, 'default', token)).toBe(id);
    const { items } = (await call('GET', `/v1/audit-log?filter=target eq "${id}"`)).json();
    expect(items).toMatchObject([{ action: 'api-key.created', actor: 'bootstrap' }]);
    await expect(enterKey(world.db, 'default', 'trb_x')).rejects.toThrow(RangeError);
  });

  it('give no scope that whoever makes them has not', async () => {
    const [clerk, whole] = [await world.key('default', ['admin', 'read']), await world.house.keys.create(draft)];
    const asClerk = caller(world, clerk);
    const scopes = ['read', 'command'];
    expect((await asClerk('POST', '/v1/api-keys', { name: 'more', scopes })).json()).toMatchObject({
      status: 403,
      detail: 'Without the scope command you cannot make a key with it.',
    });
    expect((await asClerk('POST', '/v1/api-keys', { name: 'less', scopes: ['read'] })).statusCode).toBe(201);
    expect((await asClerk('POST', `/v1/api-keys/${whole.id}:rotate`)).statusCode).toBe(403);
    expect((await call('POST', `/v1/api-keys/${whole.id}:rotate`)).statusCode).toBe(200);
  });
  const draft = { workspace: 'default', name: 'whole', scopes: ['read', 'write', 'command', 'admin'] as const };

  it('stand in the audit log with every change', async () => {
    expect(await audited(call)).toEqual(
      expect.arrayContaining(['api-key.created', 'api-key.rotated', 'api-key.revoked', 'parked-message.replayed']),
    );
  });
});

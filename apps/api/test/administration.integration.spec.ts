import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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

  it('stand in the audit log with every change', async () => {
    expect(await audited(call)).toEqual(
      expect.arrayContaining(['api-key.created', 'api-key.revoked', 'parked-message.replayed']),
    );
  });
});

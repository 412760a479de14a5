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

describe('commands', () => {
  const url = () => `/v1/devices/${ids.deviceId}/commands`;

  it('accepts an order once for a key, whatever the number of requests', async () => {
    const key = { 'idempotency-key': 'order-1' };
    expect((await call('POST', url(), { name: 'restart' })).json()).toMatchObject({ code: 'idempotency-key-required' });
    const answers = await Promise.all(Array.from({ length: 6 }, () => call('POST', url(), { name: 'restart' }, key)));
    expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(
      new Set([202, 409].filter((s) => answers.some((a) => a.statusCode === s))),
    );
    const again = await call('POST', url(), { name: 'restart' }, key);
    expect(again.statusCode).toBe(202);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.headers.location).toBe(`/v1/commands/${again.json().id}`);
    const accepted = answers.filter((answer) => answer.statusCode === 202);
    expect(new Set(accepted.map((answer) => answer.json().id))).toEqual(new Set([again.json().id]));
    expect((await call('POST', url(), { name: 'restart', params: { delaySeconds: 1 } }, key)).json()).toMatchObject({
      status: 422,
      code: 'idempotency-key-reused',
    });
    const { rows } = await world.db.pool.query(`select count(*)::int as n from command where device_id = $1`, [
      ids.deviceId,
    ]);
    expect(rows[0].n).toBe(2);
  });

  it('refuses what the device does not understand, and a past deadline', async () => {
    const order = (body: unknown, key: string) => call('POST', url(), body, { 'idempotency-key': key });
    expect((await order({ name: 'fly' }, 'a')).json()).toMatchObject({ status: 422, code: 'capability-unsupported' });
    expect(
      (await order({ name: 'restart', params: { delaySeconds: -1, loud: true } }, 'b')).json().errors,
    ).toHaveLength(2);
    expect((await order({ name: 'restart', expiresAt: '2020-01-01T00:00:00Z' }, 'c')).statusCode).toBe(400);
  });

  it('shows the ladder, and takes an order back', async () => {
    const one = await call('GET', `/v1/commands/${ids.commandId}`);
    expect(one.json()).toMatchObject({
      state: 'accepted',
      transitions: [{ state: 'accepted', evidence: { kind: 'caller' } }],
    });
    const cancelled = await call('POST', `/v1/commands/${ids.commandId}:cancel`);
    expect(cancelled.json()).toMatchObject({ state: 'cancelled' });
    expect(
      (await call('GET', `/v1/commands?filter=${encodeURIComponent('state eq "cancelled"')}`)).json().items,
    ).toHaveLength(1);
    expect((await call('GET', `/v1/devices/${ids.deviceId}/command-descriptions`)).json().items[0].name).toBe(
      'restart',
    );
  });

  it('stand in the audit log, those that were taken back too', async () => {
    expect(await audited(call)).toEqual(expect.arrayContaining(['command.accepted', 'command.cancelled']));
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { caller, makeWorld, seed, type World } from './world/world.ts';

let world: World;
let ask: ReturnType<typeof caller>;
beforeAll(async () => {
  world = await makeWorld();
  ask = caller(world, await world.key('acme'));
});
afterAll(() => world.close());

const draft = { url: 'https://receiver.example/hook?a=1', events: { types: ['telemetry'], origins: ['live'] } };
const create = async (more: object = {}) => (await ask('POST', '/v1/subscriptions', { ...draft, ...more })).json();
const told = async (id: string): Promise<string[]> => {
  const { rows } = await world.db.pool.query<{ message: { event: { type: string } } }>(
    'select message from outbox where aggregate = $1 order by seq',
    [id],
  );
  return rows.map(({ message }) => message.event.type);
};
const rowOf = async (id: string) =>
  (await world.db.pool.query('select * from subscription where id = $1', [id])).rows[0];

describe('subscriptions', () => {
  it('show their secret once, and nothing that is secret ever after', async () => {
    const headers = { authorization: 'Bearer canary-password' };
    const key = { 'idempotency-key': 'make-1' };
    const made = await ask('POST', '/v1/subscriptions', { ...draft, headers }, key);
    expect(made.statusCode).toBe(201);
    const { id, signingSecret } = made.json();
    expect(signingSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(made.json()).toMatchObject({
      ...draft,
      headers: ['authorization'],
      state: 'active',
      progress: { pending: 0 },
    });
    const again = await ask('POST', '/v1/subscriptions', { ...draft, headers }, key);
    expect(again.json()).toMatchObject({ id });
    const texts = [again.body, (await ask('GET', `/v1/subscriptions/${id}`)).body, JSON.stringify(await rowOf(id))];
    for (const text of texts) {
      expect(text).not.toContain('canary-password');
      expect(text).not.toContain(signingSecret);
    }
  });

  it('begin with what is new, or after a cursor of the event log; what is no cursor is named', async () => {
    expect((await rowOf((await create()).id)).start).toEqual({ cursor: expect.any(String) });
    const { page } = (await ask('GET', '/v1/events')).json();
    expect((await rowOf((await create({ cursor: page.nextCursor })).id)).start).toEqual({ cursor: page.nextCursor });
    const since = '2026-01-01T00:00:00Z';
    expect((await rowOf((await create({ since })).id)).start).toEqual({ since });
    for (const wrong of [
      { cursor: 'garbage' },
      { cursor: page.nextCursor, since },
      { url: 'no' },
      { secret: 'whsec_AA==' },
    ]) {
      const refused = await ask('POST', '/v1/subscriptions', { ...draft, ...wrong });
      expect(refused.statusCode).toBe(400);
      expect(refused.json().errors).toHaveLength(1);
    }
  });

  it('are changed by who has read them, with an address that is tried at once', async () => {
    const { id } = await create();
    const read = await ask('GET', `/v1/subscriptions/${id}`);
    const patch = {
      url: 'https://other.example/',
      events: { origins: null, platform: 'acme' },
      headers: { 'x-a': 'b' },
    };
    expect((await ask('PATCH', `/v1/subscriptions/${id}`, patch)).statusCode).toBe(428);
    expect((await ask('PATCH', `/v1/subscriptions/${id}`, patch, { 'if-match': '"9-x"' })).statusCode).toBe(412);
    const changed = await ask('PATCH', `/v1/subscriptions/${id}`, patch, { 'if-match': String(read.headers.etag) });
    expect(changed.json()).toMatchObject({
      url: patch.url,
      events: { types: ['telemetry'], platform: 'acme' },
      headers: ['x-a'],
    });
    expect(changed.json().events).not.toHaveProperty('origins');
    expect(await rowOf(id)).toMatchObject({ clock_rev: 2, version: 2 });
    expect((await ask('DELETE', `/v1/subscriptions/${id}`, undefined, { 'if-match': '*' })).statusCode).toBe(204);
    expect((await ask('GET', `/v1/subscriptions/${id}`)).statusCode).toBe(404);
  });

  it('are paused and resumed, told on the bus once each; a suspension ends with a resume', async () => {
    const { id } = await create();
    for (const verb of ['pause', 'pause', 'resume', 'resume']) await ask('POST', `/v1/subscriptions/${id}:${verb}`);
    expect(await told(id)).toEqual(['io.tributary.subscription.paused.v1', 'io.tributary.subscription.resumed.v1']);
    await world.db.pool.query(
      `insert into subscription_state (subscription_id, workspace_id, suspended_rev, suspended_at, suspended_reason)
       select id, workspace_id, clock_rev, now(), 'gone' from subscription where id = $1`,
      [id],
    );
    const suspended = (await ask('GET', `/v1/subscriptions/${id}`)).json();
    expect(suspended).toMatchObject({ state: 'suspended', suspension: { reason: 'gone' } });
    const listed = await ask('GET', '/v1/subscriptions?filter=state%20eq%20%22suspended%22');
    expect(listed.json().items.map((item: { id: string }) => item.id)).toEqual([id]);
    await ask('PATCH', `/v1/subscriptions/${id}`, { url: 'https://new.example' }, { 'if-match': '*' });
    expect((await ask('GET', `/v1/subscriptions/${id}`)).json().state).toBe('suspended');
    expect((await ask('POST', `/v1/subscriptions/${id}:resume`)).json().state).toBe('active');
  });

  it('get a new secret while the old one goes on for a while; are tested, and replayed', async () => {
    const { id, signingSecret } = await create();
    const rotated = await ask('POST', `/v1/subscriptions/${id}:rotate-secret`, { overlapMs: 60_000 });
    expect(rotated.json().secret.previousUntil).toEqual(expect.any(String));
    const owner = { workspace: 'acme', connectionId: id };
    const sealed = world.house.vault.open((await rowOf(id)).secrets, owner);
    expect(sealed).toEqual({ current: rotated.json().signingSecret, previous: signingSecret });
    expect((await ask('POST', `/v1/subscriptions/${id}:test`)).json()).toMatchObject({ outcome: 'delivered' });
    const { page } = (await ask('GET', '/v1/events')).json();
    expect((await ask('POST', `/v1/subscriptions/${id}:replay`, { cursor: page.nextCursor })).statusCode).toBe(200);
    expect(await rowOf(id)).toMatchObject({ start: { cursor: page.nextCursor }, start_rev: 2 });
    expect((await ask('POST', `/v1/subscriptions/${id}:replay`, {})).statusCode).toBe(400);
  });

  it('list their deliveries by state; one that waits is tried at once on request, one that is paused is not', async () => {
    const { subscriptionId, deliveryId } = await seed(world, 'acme');
    const base = `/v1/subscriptions/${subscriptionId}/deliveries`;
    const listed = await ask('GET', `${base}?filter=state%20eq%20%22pending%22`);
    expect(listed.json().items).toMatchObject([{ id: deliveryId, eventIds: ['e1'], cursor: 'c1', attempts: [] }]);
    expect((await ask('GET', `${base}?filter=state%20eq%20%22delivered%22`)).json().items).toEqual([]);
    expect((await ask('POST', `${base}/${deliveryId}:retry`)).statusCode).toBe(200);
    expect(await rowOf(subscriptionId)).toMatchObject({ clock_rev: 2 });
    await ask('POST', `/v1/subscriptions/${subscriptionId}:pause`);
    expect((await ask('POST', `${base}/${deliveryId}:retry`)).statusCode).toBe(409);
  });
});

describe('addresses of receivers', () => {
  it('that are not public, not encrypted or hold a password are refused when they are given', async () => {
    const strict = await makeWorld({ allowPrivateAddresses: false });
    const asking = caller(strict, await strict.key('acme'));
    for (const url of [
      'https://127.0.0.1/',
      'https://localhost/',
      'http://8.8.8.8/',
      'https://u:p@8.8.8.8/',
      'https://[::1]/',
    ]) {
      const refused = await asking('POST', '/v1/subscriptions', { url });
      expect({ url, status: refused.statusCode }).toEqual({ url, status: 400 });
      expect(refused.json().errors[0].pointer).toBe('/body/url');
    }
    expect((await asking('POST', '/v1/subscriptions', { url: 'https://8.8.8.8/' })).statusCode).toBe(201);
    await strict.close();
  });
});

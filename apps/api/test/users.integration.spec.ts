import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnsupportedError } from '@tributary/contracts';
import { caller, makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let ids: Seeded;
let call: ReturnType<typeof caller>;
let users: string;

beforeAll(async () => {
  world = await makeWorld();
  call = caller(world, await world.key('default'));
  ids = await seed(world, 'default');
  users = `/v1/connections/${ids.connectionId}/users`;
});
afterAll(async () => {
  await world.close();
});

const SECRET = 'canary-of-a-password';

describe('users of a platform', () => {
  it('are listed page by page, and told who the connection is', async () => {
    const first = await call('GET', `${users}?limit=3`);
    const next = /<(.*)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? '';
    const second = await call('GET', next);
    expect([...first.json().items, ...second.json().items]).toHaveLength(5);
    expect(second.json().page).toEqual({});
    expect((await call('GET', `${users}/current`)).json()).toEqual({
      nativeId: 'u/1',
      username: 'reader',
      attributes: {},
    });
  });

  it('are looked for by name', async () => {
    expect((await call('GET', `${users}:exists?username=reader`)).json()).toEqual({ exists: true });
    expect((await call('GET', `${users}:exists?username=nobody%20here`)).json()).toEqual({ exists: false });
    expect((await call('GET', `${users}:exists`)).json()).toMatchObject({
      status: 400,
      errors: [{ pointer: '/query/username' }],
    });
    expect((await call('POST', `${users}:exists`)).statusCode).toBe(405);
  });

  it('are registered once for a key, invited and removed; the log knows who did it, and nothing of the person', async () => {
    const draft = { username: 'ada', email: 'ada@example.com', attributes: { password: SECRET } };
    const key = { 'idempotency-key': 'user-1' };
    const made = await call('POST', users, draft, key);
    expect(made.statusCode).toBe(201);
    expect(made.headers.location).toBe(`${users}/u%2Fada`);
    expect((await call('POST', users, draft, key)).headers['idempotency-replayed']).toBe('true');
    const other = { ...draft, attributes: { password: 'another' } };
    expect((await call('POST', users, other, key)).json()).toMatchObject({ code: 'idempotency-key-reused' });
    expect((await call('POST', users, draft)).json()).toMatchObject({ status: 409, code: 'platform-conflict' });
    expect((await call('POST', users, { name: 'x' })).json().errors).toMatchObject([{ pointer: '/body/name' }]);
    const invited = await call('POST', `${users}:invite`, { email: 'grace@example.com' });
    expect([invited.statusCode, invited.json().nativeId]).toEqual([201, 'i/grace@example.com']);
    const removed = await call('DELETE', String(made.headers.location));
    expect([removed.statusCode, removed.body]).toEqual([204, '']);
    expect((await call('DELETE', String(made.headers.location))).json()).toMatchObject({ code: 'platform-not-found' });

    const { items } = (await call('GET', '/v1/audit-log?limit=1000')).json();
    const entries = (items as { action: string; details: object }[]).filter(({ action }) => action.startsWith('user.'));
    expect(entries.map(({ action }) => action).sort()).toEqual([
      'user.invited',
      'user.registered',
      'user.registered',
      'user.removed',
      'user.removed',
    ]);
    expect(entries.at(-1)?.details).toEqual({ members: ['username', 'email', 'attributes', 'password'] });
    const kept = await world.db.pool.query(
      `select (select jsonb_agg(a) from audit_log a)::text as audit, (select jsonb_agg(k) from idempotency_key k)::text as keys`,
    );
    expect(kept.rows[0].audit).not.toMatch(/ada@|grace@|canary/);
    expect(kept.rows[0].keys).not.toContain(SECRET);
    // A plain hash of the request would let the password be guessed.
    const plain = createHash('sha256')
      .update(JSON.stringify(['POST', users, draft]))
      .digest();
    const { rowCount } = await world.db.pool.query('select 1 from idempotency_key where request_hash = $1', [plain]);
    expect(rowCount).toBe(0);
  });

  it('are 422 where this platform lacks the part, and 404 for another workspace', async () => {
    const usual = world.platform.handlers['users.list'];
    world.platform.handlers['users.list'] = async () => {
      throw new UnsupportedError('users cannot be listed');
    };
    const answer = await call('GET', users);
    if (usual) world.platform.handlers['users.list'] = usual;
    expect(answer.json()).toMatchObject({ status: 422, code: 'capability-unsupported' });
    const stranger = caller(world, await world.key('other'));
    for (const url of [users, `${users}/current`, `${users}:exists?username=reader`])
      expect((await stranger('GET', url)).statusCode).toBe(404);
  });
});

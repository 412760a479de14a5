import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '@tributary/runtime';
import { ApiKeys } from '../access/api-keys.ts';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { PendingLogins } from './pending-logins.ts';

let db: ScratchDatabase;
let logins: PendingLogins;
beforeAll(async () => {
  db = await scratchDatabase();
  logins = new PendingLogins(db);
});
afterAll(() => db.drop());

const newState = () => randomBytes(32).toString('base64url');
const login = (connectionId: string, actor = 'oidc:somebody') => ({
  workspace: 'default',
  connectionId,
  actor,
  nonce: 'nonce',
  carry: 'sealed',
});

describe('PendingLogins', () => {
  it('gives a log-in once, to whoever brings its state first, and keeps the state itself nowhere', async () => {
    const connectionId = await db.addConnection();
    const state = newState();
    const at = await logins.begin(state, login(connectionId), 600_000);
    expect(at.getTime()).toBeGreaterThan(Date.now() + 300_000);
    const { rows } = await db.pool.query('select p::text as t from pending_login p');
    expect(JSON.stringify(rows)).not.toContain(state);
    const taken = await Promise.all(Array.from({ length: 8 }, () => logins.take(state, connectionId)));
    expect(taken.filter(Boolean)).toEqual([login(connectionId)]);
    expect(await logins.take(state, connectionId)).toBeUndefined();
  });

  it('gives none to another connection, none that has run out, and none of a key that is revoked', async () => {
    const [mine, other] = [await db.addConnection(), await db.addConnection()];
    const state = newState();
    await logins.begin(state, login(mine), 600_000);
    expect(await logins.take(state, other)).toBeUndefined();
    expect(await logins.take(newState(), mine)).toBeUndefined();
    expect(await logins.take(state, mine)).toBeDefined();

    await logins.begin(state, login(mine), 0);
    expect(await logins.take(state, mine)).toBeUndefined();

    const keys = new ApiKeys(db, { clock: systemClock });
    const { id } = await keys.create({ workspace: 'default', name: 'k', scopes: ['write'] });
    const of = newState();
    await logins.begin(of, login(mine, id), 600_000);
    await db.pool.query('update api_key set revoked_at = now() where id = $1', [id]);
    expect(await logins.take(of, mine)).toBeUndefined();
  });

  it('holds a bounded number for a connection: the newest', async () => {
    const connectionId = await db.addConnection();
    const states = Array.from({ length: 25 }, newState);
    for (const [n, state] of states.entries()) await logins.begin(state, login(connectionId), 600_000 + n * 1_000);
    const { rowCount } = await db.pool.query('select 1 from pending_login where connection_id = $1', [connectionId]);
    expect(rowCount).toBe(20);
    expect(await logins.take(states[0] ?? '', connectionId)).toBeUndefined();
    expect(await logins.take(states[24] ?? '', connectionId)).toBeDefined();
  });
});

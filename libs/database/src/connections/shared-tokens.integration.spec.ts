import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { Connections, credentialsMark } from './connections.ts';
import { CredentialVault } from './credential-vault.ts';
import { rotateCredentials } from './rotate-credentials.ts';
import { SharedTokens, type TokenKey } from './shared-tokens.ts';
import { vaultKeys } from './vault-keys.ts';

let db: ScratchDatabase;
let tokens: SharedTokens;
const keyText = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const first = keyText('k1');
const vault = new CredentialVault(vaultKeys().parse(first));

beforeAll(async () => {
  db = await scratchDatabase();
  tokens = new SharedTokens(db, vault);
}, 60_000);
afterAll(() => db.drop());

async function connection(): Promise<TokenKey> {
  const id = await db.addConnection();
  const [row] = await new Connections(db).findAll([id]);
  if (!row) throw new Error('no connection');
  return { workspace: 'default', connectionId: id, name: 'default', credentialsMark: credentialsMark(row) };
}

const token = { value: 'secret-token', lifeMs: 60_000, carry: { refresh: 'secret-refresh' } };

async function renewed(key: TokenKey, value = token): Promise<void> {
  const by = randomUUID();
  expect(await tokens.claim(key, by, 5_000)).toMatchObject({ state: 'mine' });
  expect(await tokens.save(key, by, value)).toBe(true);
}

describe('a shared token', () => {
  it('is kept sealed, with what is left of its life, and a version that grows', async () => {
    const key = await connection();
    expect(await tokens.read(key)).toBeUndefined();
    await renewed(key);
    const kept = await tokens.read(key);
    expect(kept).toMatchObject({ ...token, version: 1 });
    expect(kept?.leftMs).toBeGreaterThan(50_000);
    expect(kept?.leftMs).toBeLessThanOrEqual(60_000);
    await renewed(key);
    expect(await tokens.read(key)).toMatchObject({ version: 2 });
    const { rows } = await db.pool.query('select * from shared_token where connection_id = $1', [key.connectionId]);
    expect(JSON.stringify(rows)).not.toContain('secret');
  });

  it('is renewed by one of all who want to', async () => {
    const key = await connection();
    const claims = await Promise.all(Array.from({ length: 12 }, () => tokens.claim(key, randomUUID(), 5_000)));
    expect(claims.filter(({ state }) => state === 'mine')).toHaveLength(1);
    expect(claims.filter(({ state }) => state === 'busy')).toHaveLength(11);
  });

  it('is renewed by the next when the claim ends; who comes back late changes nothing', async () => {
    const key = await connection();
    const [dead, heir] = [randomUUID(), randomUUID()];
    await tokens.claim(key, dead, 60);
    expect(await tokens.claim(key, heir, 5_000)).toEqual({ state: 'busy' });
    await delay(80);
    expect(await tokens.claim(key, heir, 5_000)).toMatchObject({ state: 'mine' });
    expect(await tokens.save(key, dead, token)).toBe(false);
    expect(await tokens.prolong(key, dead, 5_000)).toBe(false);
    await tokens.release(key, dead);
    expect(await tokens.prolong(key, heir, 5_000)).toBe(true);
    expect(await tokens.save(key, heir, { ...token, value: 'of the heir' })).toBe(true);
    expect(await tokens.read(key)).toMatchObject({ value: 'of the heir', version: 1 });
  });

  it('that was refused is none any more, and leaves its version behind', async () => {
    const key = await connection();
    await renewed(key);
    const by = randomUUID();
    expect(await tokens.claim(key, by, 5_000)).toMatchObject({ kept: { value: 'secret-token' } });
    await tokens.save(key, by, undefined);
    expect(await tokens.read(key)).toBeUndefined();
    expect(await tokens.claim(key, randomUUID(), 5_000)).toEqual({ state: 'mine', kept: undefined, version: 2 });
  });

  it('is dropped when the credentials change; whoever has the old ones renews no more', async () => {
    const key = await connection();
    await renewed(key);
    const change = { credentials: { sealed: 'other', fingerprint: 'other' } };
    await new Connections(db).update('default', key.connectionId, change, undefined);
    expect(await tokens.claim(key, randomUUID(), 5_000)).toEqual({ state: 'gone' });
    const [row] = await new Connections(db).findAll([key.connectionId]);
    const now = { ...key, credentialsMark: row ? credentialsMark(row) : '' };
    expect(await tokens.read(now)).toBeUndefined();
    expect(await tokens.claim(now, randomUUID(), 5_000)).toEqual({ state: 'mine', kept: undefined, version: 1 });
    expect(await tokens.read(key)).toBeUndefined();
  });

  it('of a removed connection is taken once, and renewed no more', async () => {
    const key = await connection();
    await renewed(key);
    await new Connections(db).remove('default', key.connectionId, undefined);
    expect(await tokens.claim(key, randomUUID(), 5_000)).toEqual({ state: 'gone' });
    const taken = await Promise.all([1, 2, 3].map(() => tokens.take(key)));
    expect(taken.filter((kept) => kept?.value === 'secret-token')).toHaveLength(1);
    expect(taken.filter((kept) => kept === undefined)).toHaveLength(2);
  });

  it('opens for no other connection, and outlives a change of keys', async () => {
    const [key, other] = [await connection(), await connection()];
    await renewed(key);
    await renewed(other, { ...token, value: 'of another' });
    const second = keyText('k2');
    const both = new CredentialVault(vaultKeys().parse(`${second},${first}`));
    await db.pool.query(`delete from connection where id <> all($1)`, [[key.connectionId, other.connectionId]]);
    for (const { connectionId } of [key, other]) {
      const sealed = both.seal({}, { workspace: 'default', connectionId });
      await db.pool.query('update connection set credentials = $2 where id = $1', [connectionId, sealed]);
    }
    await rotateCredentials(db, both);
    const after = new SharedTokens(db, new CredentialVault(vaultKeys().parse(second)));
    expect(await after.read(key)).toMatchObject({ value: 'secret-token' });
    expect(await tokens.read(key)).toBeUndefined();
    await db.pool.query(
      `update shared_token set sealed = (select sealed from shared_token where connection_id = $2)
       where connection_id = $1`,
      [key.connectionId, other.connectionId],
    );
    expect(await after.read(key)).toBeUndefined();
  });
});

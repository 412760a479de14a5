import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Connections, CredentialVault, credentialsMark, SharedTokens, vaultKeys } from '@tributary/database';
import { silentLogger, systemClock } from '@tributary/runtime';
import { TokenRows } from '../src/process/store/token-rows.ts';
import { SharedToken } from '../src/tokens/shared-token.ts';
import { StrictVendor } from '../src/tokens/testing/strict-vendor.ts';
import { TokenKeeper } from '../src/tokens/token-keeper.ts';
import { AcmeHouse, until } from './acme/acme-house.ts';

let house: AcmeHouse;

beforeAll(async () => {
  house = await AcmeHouse.open();
}, 60_000);
afterAll(() => house.close(), 30_000);

describe('three replicas on one database', () => {
  it('use each refresh token once and log in once, through many renewals', async () => {
    const { id } = await house.connect('keepers');
    const [row] = await new Connections(house.db).findAll([id]);
    const key = {
      workspace: 'default',
      connectionId: id,
      name: 'default',
      credentialsMark: row ? credentialsMark(row) : '',
    };
    const vault = new CredentialVault(vaultKeys().parse(`k:${randomBytes(32).toString('base64')}`));
    const vendor = new StrictVendor(systemClock, 1_500);
    vendor.latency = () => delay(20 + Math.random() * 60);
    const replicas = Array.from({ length: 3 }, () => {
      const store = new TokenRows(new SharedTokens(house.db, vault), key);
      const common = { clock: systemClock, log: silentLogger };
      return new TokenKeeper(vendor.source(), {
        ...common,
        shared: new SharedToken({ ...common, store, strictly: false }),
      });
    });
    const endAt = performance.now() + 6_000;
    let used = 0;
    const use = async (keeper: TokenKeeper) => {
      while (performance.now() < endAt) {
        const { value } = await keeper.current();
        used += 1;
        await delay(10 + Math.random() * 20);
        expect(typeof value.value).toBe('string');
      }
    };
    await Promise.all(replicas.flatMap((keeper) => [use(keeper), use(keeper)]));
    expect(used).toBeGreaterThan(50);
    expect(vendor).toMatchObject({ logIns: 1, reused: 0 });
    expect(vendor.refreshes).toBeGreaterThanOrEqual(3);
    const { rows } = await house.db.pool.query('select * from shared_token');
    expect(JSON.stringify(rows)).not.toContain('secret');
    for (const keeper of replicas) keeper.close();
  }, 60_000);
});

describe('processes', () => {
  it('go on with the session of one that died, and sign out when the connection is removed', async () => {
    const { sessions } = house.vendor.extras;
    const { id } = await house.connect('sessions', 'good', { session: true });
    const first = await house.start();
    // Not in the middle of a renewal: what the platform gave to a dead process nobody has.
    const settled = 'select from shared_token where connection_id = $1 and version >= 2 and claimed_by is null';
    await until('it renewed', async () => (await house.db.pool.query(settled, [id])).rowCount === 1, 30_000);
    first.kill('SIGKILL');
    await first.ended;
    const second = await house.start();
    const third = await house.start();
    const renewed = sessions.refreshes;
    await until('the heir renews', () => sessions.refreshes > renewed, 30_000);
    await Promise.all([1, 2, 3, 4].map(() => house.ask('connection.test', { connectionId: id })));
    expect(sessions).toMatchObject({ logIns: 1, reused: 0 });
    await house.remove(id);
    await until('it signed out', () => sessions.signedOut.length > 0);
    const reasons = () =>
      [...second.lines, ...third.lines].filter(({ msg }) => msg === 'closed').map(({ reason }) => reason);
    await until('the adapter was told', () => reasons().includes('removed'));
    expect(sessions.signedOut).toEqual([`session-${sessions.logIns + sessions.refreshes}`]);
    const { rows } = await house.db.pool.query('select from shared_token where connection_id = $1', [id]);
    expect(rows).toEqual([]);

    const { id: kept } = await house.connect('kept');
    const connected = () =>
      house.events.some(({ type, source }) => type.includes('connected') && source.endsWith(kept));
    await until('its adapter works', connected, 30_000);
    await house.change(kept, { paused: true });
    await until('the adapter of a paused one is let go', () => reasons().includes('released'));
    await house.change(kept, { paused: false });
    await until('it is owned again', async () => (await house.owners()).has(kept));
    for (const replica of [second, third]) replica.kill('SIGTERM');
    expect(await Promise.all([second.ended, third.ended])).toEqual([0, 0]);
    expect(reasons()).toContain('stopping');
    const told = JSON.stringify([...first.lines, ...second.lines, ...third.lines]);
    expect(told).not.toMatch(/session-\d/);
  }, 90_000);
});

import { describe, expect, it } from '@jest/globals';
import { ManualClock, silentLogger } from '@tributary/runtime';
import { z } from 'zod';
import { type Adapter, type AdapterDefinition, type CloseReason, defineAdapter } from '../../contract.ts';
import type { ConnectionRecord } from '../ports.ts';
import { instanceWith } from '../testing/made-instance.ts';
import { AdapterPool } from './adapter-pool.ts';

const MINUTE = 60_000;

function setUp() {
  const clock = new ManualClock();
  const closed: CloseReason[] = [];
  const adapter: Adapter = {
    probe: async () => {},
    close: async (reason) => void closed.push(reason),
  };
  let signedOut = 0;
  const { record: base, access } = instanceWith(adapter);
  const records = new Map<string, ConnectionRecord>();
  const add = (id: string, change: Partial<ConnectionRecord> = {}) =>
    records.set(id, { ...(records.get(id) ?? base), id, ...change });
  const definition = defineAdapter({
    manifest: {
      platform: 'acme',
      displayName: 'Acme',
      capabilities: [],
      budgets: {},
      schedules: { discover: '1m', follow: '1m' },
    },
    settings: z.strictObject({}),
    credentials: z.strictObject({}),
    connect: () => adapter,
  }) as unknown as AdapterDefinition;
  const pool = new AdapterPool({
    definition,
    vault: { seal: () => '', open: () => ({}) },
    makeAccess: () => ({
      ...access,
      signOut: async () => {
        signedOut += 1;
      },
      close: async () => {},
    }),
    source: { find: async (ids) => ids.flatMap((id) => records.get(id) ?? []) },
    owned: () => undefined,
    clock,
    log: silentLogger,
  });
  return { clock, pool, add, closed, signedOut: () => signedOut };
}

describe('an adapter that was lent', () => {
  it('signs out when its connection is removed, once, without being asked for again', async () => {
    const { clock, pool, add, closed, signedOut } = setUp();
    add('con');
    await pool.use('con', async () => {});
    add('con', { state: 'removed' });
    pool.changed('con');
    pool.changed('con');
    await clock.advance(0);
    expect(closed).toEqual(['removed']);
    expect(signedOut()).toBe(1);
    await expect(pool.borrow('con')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is let go for another configuration, for idleness, and at the end, without signing out', async () => {
    const { clock, pool, add, closed, signedOut } = setUp();
    for (const id of ['con', 'other']) add(id);
    await pool.use('con', async () => {});
    add('con', { credentialsMark: 'changed' });
    pool.changed('con');
    await pool.use('con', async () => {});
    await clock.advance(0);
    expect(closed).toEqual(['released']);
    await clock.advance(6 * MINUTE);
    await pool.use('other', async () => {});
    await clock.advance(0);
    expect(closed).toEqual(['released', 'released']);
    await pool.close();
    expect(closed).toEqual(['released', 'released', 'stopping']);
    expect(signedOut()).toBe(0);
  });

  it('stays open while somebody uses it', async () => {
    const { clock, pool, add, closed } = setUp();
    for (const id of ['con', 'other']) add(id);
    const { giveBack } = await pool.borrow('con');
    await clock.advance(6 * MINUTE);
    await pool.use('other', async () => {});
    expect(closed).toEqual([]);
    giveBack();
    await clock.advance(6 * MINUTE);
    await pool.use('other', async () => {});
    expect(closed).toEqual(['released']);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@tributary/runtime';
import { AuditLog } from '../operations/audit-log.ts';
import { ParkedMessages } from '../operations/parked-messages.ts';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { inTransaction } from '../transaction.ts';
import { ApiKeys } from './api-keys.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';

let db: ScratchDatabase;
beforeAll(async () => {
  db = await scratchDatabase();
});
afterAll(() => db.drop());

describe('ApiKeys', () => {
  const clock = new ManualClock();
  const draft = { workspace: 'default', name: 'test', scopes: ['read', 'command', 'read'] as const };

  it('knows a key by its secret, and keeps only the hash', async () => {
    const keys = new ApiKeys(db, { clock });
    const { id, token } = await keys.create(draft);
    expect(token).toMatch(/^trb_[a-z2-7]{26}_[a-z2-7]{52}$/);
    expect(await keys.verify(token)).toEqual({ keyId: id, workspace: 'default', scopes: ['read', 'command'] });
    const { rows } = await db.pool.query('select k::text as row from api_key k where id = $1', [id]);
    expect(rows[0].row).not.toContain(token.slice(31));
    const other = `${token.slice(0, -1)}${token.endsWith('a') ? 'q' : 'a'}`;
    for (const bad of [other, token.toUpperCase(), `${token}a`, '', 'trb_x_y', token.replace('trb_', 'key_')]) {
      expect(await keys.verify(bad)).toBeUndefined();
    }
  });

  it('refuses a revoked key at once here, and within the trust time elsewhere', async () => {
    const [here, elsewhere] = [new ApiKeys(db, { clock }), new ApiKeys(db, { clock, trustMs: 5_000 })];
    const { id, token } = await here.create(draft);
    expect(await elsewhere.verify(token)).toBeDefined();
    expect(await here.revoke('other', id)).toBe(false);
    expect(await here.revoke('default', id)).toBe(true);
    expect(await here.verify(token)).toBeUndefined();
    expect(await elsewhere.verify(token)).toBeDefined();
    await clock.advance(5_000);
    expect(await elsewhere.verify(token)).toBeUndefined();
    const { rows } = await db.pool.query('select revoked_at from api_key where id = $1', [id]);
    expect(rows[0].revoked_at).toBeInstanceOf(Date);
    expect(await here.revoke('default', id)).toBe(true);
    const again = await db.pool.query('select revoked_at from api_key where id = $1', [id]);
    expect(again.rows).toEqual(rows);
  });

  it('expires to the moment, whatever was believed', async () => {
    const keys = new ApiKeys(db, { clock, trustMs: 60_000 });
    const { token } = await keys.create({ ...draft, expiresAt: new Date(clock.now() + 1_000) });
    expect(await keys.verify(token)).toBeDefined();
    await clock.advance(1_000);
    expect(await keys.verify(token)).toBeUndefined();
  });

  it('has two secrets for the overlap after a rotation, and never a third', async () => {
    const keys = new ApiKeys(db, { clock, trustMs: 5_000 });
    const { id, token: first } = await keys.create({ ...draft, expiresAt: new Date(clock.now() + 100_000) });
    const rotate = async (overlapMs: number, expiresAt?: Date) =>
      (await keys.rotate({ workspace: 'default', id, overlapMs, expiresAt }))?.token ?? '';
    const opens = async (...tokens: string[]) =>
      Promise.all(tokens.map(async (token) => (await keys.verify(token))?.keyId === id));
    const second = await rotate(10_000);
    expect(await opens(first, second)).toEqual([true, true]);
    await clock.advance(10_000);
    expect(await opens(first, second)).toEqual([false, true]);
    const third = await rotate(10_000);
    const fourth = await rotate(10_000);
    expect(await opens(second, third, fourth)).toEqual([false, true, true]);
    // The end of the key is put off; the secret that had the old end keeps it.
    const fifth = await rotate(10_000_000, new Date(clock.now() + 500_000));
    await clock.advance(90_000);
    expect(await opens(fourth, fifth)).toEqual([false, true]);
    await clock.advance(410_000);
    expect(await opens(fifth)).toEqual([false]);
    expect(await rotate(0)).toBe('');
    expect(await keys.rotate({ workspace: 'other', id, overlapMs: 0 })).toBeUndefined();
  });

  it('writes the last use at most once a minute', async () => {
    const keys = new ApiKeys(db, { clock, trustMs: 0 });
    const { id, token } = await keys.create(draft);
    const used = async () => {
      await keys.verify(token);
      const { rows } = await db.pool.query('select last_used_at from api_key where id = $1', [id]);
      return rows[0].last_used_at.getTime();
    };
    const first = clock.now();
    expect(await used()).toBe(first);
    await clock.advance(59_000);
    expect(await used()).toBe(first);
    await clock.advance(2_000);
    expect(await used()).toBe(first + 61_000);
  });
});

describe('IdempotencyKeys', () => {
  const answer = { status: 202, headers: { location: '/x' }, body: { id: 1 } };

  it('runs a request once and gives the same answer again', async () => {
    const keys = new IdempotencyKeys(db);
    const begun = await Promise.all(Array.from({ length: 6 }, () => keys.begin('default', 'k1', 'POST /x {}')));
    const run = begun.filter((b) => b.outcome === 'run');
    expect(run).toHaveLength(1);
    expect(begun.filter((b) => b.outcome === 'in-progress')).toHaveLength(5);
    const attempt = run[0]?.outcome === 'run' ? run[0].attempt : '';
    expect(await keys.finish('default', 'k1', attempt, answer)).toBe(true);
    expect(await keys.begin('default', 'k1', 'POST /x {}')).toEqual({ outcome: 'answered', answer });
    expect(await keys.begin('default', 'k1', 'POST /x {"other":1}')).toEqual({ outcome: 'reused' });
    expect((await keys.begin('other', 'k1', 'POST /x {}')).outcome).toBe('run');
  });

  it('is free again when the request had no effect, or when whoever ran it is gone', async () => {
    const keys = new IdempotencyKeys(db);
    const first = await keys.begin('default', 'k2', 'r');
    if (first.outcome !== 'run') throw new Error('expected to run');
    await keys.abandon('default', 'k2', first.attempt);
    const second = await keys.begin('default', 'k2', 'r');
    if (second.outcome !== 'run') throw new Error('expected to run');
    await db.pool.query(`update idempotency_key set locked_until = now() - interval '1 second' where key = 'k2'`);
    const third = await keys.begin('default', 'k2', 'r');
    expect(third.outcome).toBe('run');
    expect(await keys.finish('default', 'k2', second.attempt, answer)).toBe(false);
  });
});

describe('ParkedMessages', () => {
  const message = {
    workspace: 'default',
    queue: 'q',
    exchange: 'e',
    routingKey: 'a.b',
    headers: { 'x-delivery-count': 3, bad: 'nul \0' },
    reason: 'not valid \0',
    problems: [{ path: '/data/x', problem: 'no \ud800' }],
    eventId: 'e1',
    payload: Buffer.from([0, 255, 1]),
  };

  it('parks the same message once, and again after a replay that failed', async () => {
    const parked = new ParkedMessages(db);
    const id = await parked.park(message);
    expect(await parked.park(message)).toBe(id);
    expect(await parked.count()).toBe(1);
    expect(await parked.get('default', id)).toMatchObject({ payload: message.payload, state: 'parked', replays: 0 });
    expect(await parked.markReplayed(id)).toBe(true);
    expect(await parked.count()).toBe(0);
    expect(await parked.park({ ...message, reason: 'still not' })).toBe(id);
    expect(await parked.get('default', id)).toMatchObject({ state: 'parked', replays: 1, reason: 'still not' });
    expect(await parked.park({ ...message, queue: 'other' })).not.toBe(id);
  });

  it('shows a workspace its own only', async () => {
    const parked = new ParkedMessages(db);
    const id = await parked.park({ ...message, workspace: undefined, payload: Buffer.from('unreadable') });
    expect(await parked.get('default', id)).toBeUndefined();
    expect(await parked.get(undefined, id)).toMatchObject({ state: 'parked' });
  });
});

describe('AuditLog', () => {
  it('holds an act where it was done, and nothing where it was not', async () => {
    const log = new AuditLog(db);
    const act = (n: number) => ({ workspace: 'default', actor: 'key_x', action: 'connection.created', details: { n } });
    await inTransaction(db.pool, (tx) => log.record(act(1), tx));
    const undone = inTransaction(db.pool, async (tx) => {
      await log.record(act(2), tx);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    const { rows } = await db.pool.query('select details from audit_log');
    expect(rows).toEqual([{ details: { n: 1 } }]);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { BackfillData } from '@tributary/contracts';
import { ConnectionLeases } from '../connections/connection-leases.ts';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { inTransaction } from '../transaction.ts';
import type { NewBackfill, OpenPart, PartClaim } from './backfill-rows.ts';
import { Backfills } from './backfills.ts';

const HOUR = 3_600_000;
const FROM = Date.UTC(2026, 0, 1);
const PLATFORM = 'acme';

let db: ScratchDatabase;
let backfills: Backfills;
let connectionId: string;

beforeAll(async () => {
  db = await scratchDatabase();
  backfills = new Backfills(db);
}, 30_000);
afterAll(() => db.drop());
beforeEach(async () => {
  await db.pool.query('update connection set paused = true');
  connectionId = await db.addConnection({ platform: PLATFORM });
  await db.pool.query('truncate outbox');
});

/** Takes the connection's lease, from whoever has it. Returns its epoch. */
async function own(replica = 'one'): Promise<number> {
  await db.pool.query('update connection_lease set replica = null, leased_until = null where connection_id = $1', [
    connectionId,
  ]);
  const [lease] = await new ConnectionLeases(db).acquire({ platform: PLATFORM, replica, max: 1, ttlMs: 60_000 });
  return Number(lease?.epoch);
}

function plan(parts: number, more: Partial<NewBackfill> = {}): Promise<string> {
  const part = (_: unknown, at: number) => ({
    deviceId: `dev_${at}`,
    nativeId: `${at}`,
    fromMs: FROM,
    toMs: FROM + HOUR,
    estimatedCalls: 3,
  });
  const draft: NewBackfill = {
    workspace: 'default',
    connectionId,
    kind: 'asked',
    fromMs: FROM,
    toMs: FROM + HOUR,
    onlyGaps: true,
    estimate: { calls: 3 * parts, ms: 1_000 },
    parts: Array.from({ length: parts }, part),
    ...more,
  };
  return inTransaction(db.pool, (tx) => backfills.plan(draft, tx));
}

async function take(epoch: number): Promise<{ part: OpenPart; claim: PartClaim }> {
  const [open] = await backfills.open([connectionId], 1);
  const part = open && (await backfills.claim(open, epoch));
  if (!part) throw new Error('nothing is open');
  const { backfillId, number, attempts } = part;
  return { part, claim: { backfillId, number, connectionId, epoch, attempt: attempts } };
}

async function told(): Promise<[string, BackfillData][]> {
  const { rows } = await db.pool.query<{ message: { event: { type: string; data: BackfillData } } }>(
    'select message from outbox order by seq',
  );
  return rows.map(({ message: { event } }) => [event.type.split('.')[3] ?? '', event.data]);
}

const stateOf = async (id: string) =>
  (
    await db.pool.query<{ state: string; reason: string | null }>('select state, reason from backfill where id = $1', [
      id,
    ])
  ).rows[0];

describe('a backfill', () => {
  it('begins with its first part, and ends with its last, whose points are counted in what is told', async () => {
    const id = await plan(2);
    const epoch = await own();
    for (let n = 0; n < 2; n += 1) {
      const { claim } = await take(epoch);
      expect(await backfills.paged(claim, { points: 5, calls: 2 })).toBe(true);
      expect(await backfills.finish(claim, { state: 'done', calls: 1 })).toBe(true);
    }
    const all = await told();
    expect(all.map(([action]) => action)).toEqual(['started', 'completed']);
    expect(all.at(-1)?.[1]).toMatchObject({ backfillId: id, points: 10, calls: 6, parts: { total: 2, done: 2 } });
    expect(await backfills.open([connectionId], 10)).toEqual([]);
  });

  it('without parts is completed at once', async () => {
    const id = await plan(0);
    expect(await stateOf(id)).toMatchObject({ state: 'completed' });
    expect((await told()).map(([action]) => action)).toEqual(['started', 'completed']);
  });

  it('has failed when nothing of it could be had, and is complete with a word about it when something could', async () => {
    const epoch = await own();
    const lost = await plan(1);
    const { claim } = await take(epoch);
    await backfills.finish(claim, { state: 'unrecoverable', calls: 0, reason: 'too old' });
    expect(await stateOf(lost)).toEqual({ state: 'failed', reason: '1 of 1 parts cannot be had' });
    const partly = await plan(2);
    await backfills.finish((await take(epoch)).claim, { state: 'unrecoverable', calls: 0, reason: 'too old' });
    await backfills.finish((await take(epoch)).claim, { state: 'done', calls: 0 });
    expect(await stateOf(partly)).toEqual({ state: 'completed', reason: '1 of 2 parts cannot be had' });
  });

  it('tells of its progress no more often than every two seconds', async () => {
    const id = await plan(1);
    const { claim } = await take(await own());
    for (let n = 0; n < 5; n += 1) await backfills.paged(claim, { points: 1, calls: 1 });
    expect((await told()).map(([action]) => action)).toEqual(['started']);
    await db.pool.query(`update backfill set started_at = now() - interval '3 seconds' where id = $1`, [id]);
    for (let n = 0; n < 5; n += 1) await backfills.paged(claim, { points: 1, calls: 1 });
    expect((await told()).map(([action, { points }]) => [action, points])).toEqual([
      ['started', 0],
      ['progressed', 6],
    ]);
  });

  it('goes before repairs that were planned earlier', async () => {
    await plan(1, { kind: 'repair' });
    const asked = await plan(1);
    expect((await backfills.open([connectionId], 1)).map(({ backfillId }) => backfillId)).toEqual([asked]);
  });
});

describe('a part', () => {
  it('is claimed once, however many try', async () => {
    await plan(1);
    const epoch = await own();
    const [open] = await backfills.open([connectionId], 1);
    const claims = await Promise.all(Array.from({ length: 5 }, () => backfills.claim(open as OpenPart, epoch)));
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
  });

  it('resumes after its last page under the next owner; the one before changes nothing any more', async () => {
    const id = await plan(1);
    const before = await take(await own());
    await backfills.paged(before.claim, { points: 4, calls: 1, resume: { page: 7 } });
    const after = await take(await own('two'));
    expect(after.part).toMatchObject({ attempts: 2, resume: { page: 7 }, points: 4 });
    const also: string[] = [];
    const note = (what: string) => async () => void also.push(what);
    expect(await backfills.paged(before.claim, { points: 9, calls: 9, resume: { page: 1 } }, note('page'))).toBe(false);
    expect(await backfills.finish(before.claim, { state: 'done', calls: 9 }, note('end'))).toBe(false);
    const failure = { waitMs: 9, refused: true, calls: 9, reason: 'zombie' };
    expect(await backfills.postpone(before.claim, failure)).toBe(false);
    expect(also).toEqual([]);
    expect(await backfills.finish(after.claim, { state: 'done', calls: 0 }, note('new end'))).toBe(true);
    expect(also).toEqual(['new end']);
    expect((await told()).at(-1)?.[1]).toMatchObject({ backfillId: id, points: 4, calls: 1 });
  });

  it('is written with what goes along, or not at all', async () => {
    await plan(1);
    const { claim } = await take(await own());
    const broken = backfills.finish(claim, { state: 'done', calls: 0 }, async () => {
      throw new Error('the coverage could not be written');
    });
    await expect(broken).rejects.toThrow('could not be written');
    expect((await told()).map(([action]) => action)).toEqual(['started']);
    expect((await backfills.open([connectionId], 1)).map(({ number }) => number)).toEqual([0]);
  });

  it('waits after a failure; a page that came through ends a row of refusals', async () => {
    await plan(1);
    const epoch = await own();
    const later = { waitMs: 60_000, refused: true, calls: 1, reason: 'no right' };
    expect(await backfills.postpone((await take(epoch)).claim, later)).toBe(true);
    expect(await backfills.open([connectionId], 1)).toEqual([]);
    await db.pool.query(`update backfill_part set not_before = now() where connection_id = $1`, [connectionId]);
    const { part, claim } = await take(epoch);
    expect(part.refusals).toBe(1);
    await backfills.paged(claim, { points: 1, calls: 1 });
    await backfills.postpone(claim, { ...later, waitMs: 0, refused: false });
    expect((await backfills.open([connectionId], 1)).map(({ refusals }) => refusals)).toEqual([0]);
  });

  it('of a cancelled backfill is nobody’s; one that has ended cannot be cancelled', async () => {
    const id = await plan(2);
    const epoch = await own();
    const { claim } = await take(epoch);
    const cancel = () => inTransaction(db.pool, (tx) => backfills.cancel('default', id, tx));
    expect(await inTransaction(db.pool, (tx) => backfills.cancel('other', id, tx))).toBe('not-found');
    expect(await cancel()).toBe('cancelled');
    expect(await backfills.paged(claim, { points: 1, calls: 1 })).toBe(false);
    expect(await backfills.open([connectionId], 10)).toEqual([]);
    expect(await cancel()).toBe('too-late');
    expect((await told()).map(([action, { state }]) => [action, state])).toEqual([
      ['started', 'running'],
      ['cancelled', 'cancelled'],
    ]);
  });

  it('is nobody’s once its connection is removed, and the backfill has failed', async () => {
    const id = await plan(1);
    await inTransaction(db.pool, (tx) => backfills.abandon(connectionId, 'the connection was removed', tx));
    expect(await stateOf(id)).toEqual({ state: 'failed', reason: 'the connection was removed' });
  });

  it('is planned for the owner of the connection alone', async () => {
    const epoch = await own();
    await own('two');
    const draft = { workspace: 'default', connectionId, kind: 'repair', onlyGaps: true, fromMs: 0, toMs: 1 } as const;
    expect(await backfills.planAsOwner({ ...draft, estimate: { calls: 0, ms: 0 }, parts: [] }, epoch)).toBeUndefined();
  });
});

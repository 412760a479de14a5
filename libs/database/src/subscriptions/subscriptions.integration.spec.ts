import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { houseRouting, makeHouseEvent } from '@tributary/contracts';
import { newEventId, newId } from '@tributary/runtime';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { inTransaction } from '../transaction.ts';
import { DeliveryLedger } from './delivery-ledger.ts';
import { type DeliveryDraft, DeliveryPlans } from './delivery-plans.ts';
import { type Attempt, DeliveryTurns, type PendingDelivery, type Turn } from './delivery-turns.ts';
import { type SubscriptionLease, SubscriptionLeases } from './subscription-leases.ts';
import { type SubscriptionChange, Subscriptions } from './subscriptions.ts';

let db: ScratchDatabase;
let subscriptions: Subscriptions;
let leases: SubscriptionLeases;
let plans: DeliveryPlans;
let turns: DeliveryTurns;

beforeAll(async () => {
  db = await scratchDatabase();
  subscriptions = new Subscriptions(db);
  leases = new SubscriptionLeases(db);
  plans = new DeliveryPlans(db);
  turns = new DeliveryTurns(db);
});
afterAll(() => db.drop());

const LEASE_MS = 60_000;
const draft = (n: number): DeliveryDraft => ({
  kind: 'events',
  eventIds: [`event-${n}`],
  after: n === 1 ? null : `c${n - 1}`,
  cursor: `c${n}`,
  mediaType: 'application/cloudevents+json',
  body: `{"n":${n}}`,
});
const drafts = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => draft(from + i));
const good: Attempt = { at: new Date(), outcome: 'delivered', status: 200, latencyMs: 3 };
const bad: Attempt = { at: new Date(), outcome: 'refused', status: 500, latencyMs: 3, excerpt: 'no' };

let id: string;
beforeEach(async () => {
  id = newId('sub');
  await subscriptions.create({
    id,
    workspace: 'default',
    url: 'https://receiver.example',
    events: {},
    headerNames: [],
    secrets: 'sealed',
    start: { cursor: 'c0' },
  });
});

async function take(replica = 'a', ttlMs = LEASE_MS): Promise<SubscriptionLease> {
  const [lease] = await leases.acquire(replica, [id], ttlMs);
  if (!lease) throw new Error('the lease was not to be had');
  return lease;
}

/** Leased, begun at its start, and `count` deliveries planned. */
async function planned(count: number): Promise<SubscriptionLease & { startRev: number }> {
  const scope = { ...(await take()), startRev: 1 };
  await plans.begin(scope, 'c0');
  if (count > 0) await plans.plan(scope, drafts(1, count), `c${count}`);
  return scope;
}

const claim = async (name = 'turn', ttlMs = 60_000): Promise<Turn> => {
  const turn = await turns.claim(id, name, ttlMs);
  if (!turn) throw new Error('there was no turn to take');
  return turn;
};
const head = async (turn: Turn): Promise<PendingDelivery> => {
  const [delivery] = await turns.next(id, turn.doneSeq, 1);
  if (!delivery) throw new Error('nothing is pending');
  return delivery;
};
const change = (what: SubscriptionChange) =>
  inTransaction(db.pool, async (tx) => {
    await subscriptions.lock('default', id, tx);
    await subscriptions.change(id, what, tx);
  });
const ledger = async () =>
  (
    await db.pool.query<{ state: string; attempts: { number: number; outcome: string }[]; body: string | null }>(
      'select state, attempts, body from delivery where subscription_id = $1 order by seq',
      [id],
    )
  ).rows;
const suspension = (turn: Turn) => ({
  reason: 'gone' as const,
  detail: 'answered 410',
  retryMs: 0,
  message: {
    kind: 'event' as const,
    event: makeHouseEvent({
      id: newEventId(),
      name: 'subscription.suspended',
      workspace: 'default',
      time: new Date().toISOString(),
      data: { subscriptionId: turn.subscriptionId, reason: 'gone' },
    }),
    routing: houseRouting('default', 'subscription.suspended', turn.subscriptionId),
  },
});
const told = async () => (await db.pool.query('select from outbox where aggregate = $1', [id])).rowCount;

describe('leases of subscriptions', () => {
  it('are held by one replica at a time, and taken over once they ran out', async () => {
    const first = await take('a', 0);
    const second = await take('b');
    expect(second.epoch).toBe(first.epoch + 1n);
    expect(await leases.acquire('a', [id], LEASE_MS)).toEqual([]);
    expect(await leases.renew('a', [first], LEASE_MS)).toEqual(new Set());
    expect(await leases.renew('b', [second], LEASE_MS)).toEqual(new Set([id]));
    await leases.release('b', [second]);
    await take('a');
  });

  it('know who is alive, and what there is to hold: nothing paused, nothing suspended', async () => {
    await leases.alive('a', 60_000);
    await leases.alive('late', 0);
    expect(await leases.alive('b', 60_000)).toEqual(['a', 'b']);
    const mine = async () => (await leases.active()).find((s) => s.id === id);
    expect(await mine()).toMatchObject({ holder: undefined, version: 1 });
    await take('a');
    expect(await mine()).toMatchObject({ holder: 'a' });
    await change({ paused: true });
    expect(await mine()).toBeUndefined();
    await change({ paused: false });
    await leases.leave('a');
    expect(await mine()).toMatchObject({ holder: undefined });
    expect(await leases.alive('b', 60_000)).toEqual(['b']);
  });
});

describe('plans of deliveries', () => {
  it('move the cursor together with what is planned, and say when somebody must be told', async () => {
    const scope = await planned(0);
    expect(await plans.plan(scope, drafts(1, 2), 'c2')).toEqual({ wasIdle: true, deliveries: 2, bytes: 14 });
    expect(await plans.plan(scope, drafts(3, 3), 'c3')).toEqual({ wasIdle: false, deliveries: 3, bytes: 21 });
    expect(await plans.load(scope)).toMatchObject({ cursor: 'c3', begins: false });
    expect(await plans.backlog(scope)).toEqual({ deliveries: 3, bytes: 21 });
  });

  it('change nothing for a replica that has lost its lease, or that has not heard of a newer start', async () => {
    const old = { ...(await take('a', 0)), startRev: 1 };
    const scope = { ...(await take('b')), startRev: 1 };
    expect(await plans.begin(old, 'x')).toBe(false);
    expect(await plans.begin(scope, 'c0')).toBe(true);
    expect(await plans.plan(old, drafts(1, 1), 'c1')).toBeUndefined();
    expect(await plans.skip(old, 'c9')).toBe(false);
    await change({ start: { cursor: 'c5' } });
    expect(await plans.load(scope)).toMatchObject({ begins: true, start: { cursor: 'c5' }, startRev: 2 });
    expect(await plans.plan({ ...scope, startRev: 2 }, drafts(1, 1), 'c1')).toBeUndefined();
    expect(await ledger()).toEqual([]);
  });

  it('give up what is pending when there is a new start, and it is never sent', async () => {
    const scope = await planned(2);
    await change({ start: { cursor: 'c7' } });
    expect(await turns.claim(id, 'turn', 60_000)).toBeUndefined();
    expect(await plans.begin({ ...scope, startRev: 2 }, 'c7')).toBe(true);
    expect(await ledger()).toMatchObject([
      { state: 'abandoned', body: null },
      { state: 'abandoned', body: null },
    ]);
    expect(await turns.claim(id, 'turn', 60_000)).toBeUndefined();
    await plans.plan({ ...scope, startRev: 2 }, drafts(8, 8), 'c8');
    expect((await head(await claim())).body).toBe('{"n":8}');
  });
});

describe('turns', () => {
  it('are one at a time, go through in order, and are over with the last delivery', async () => {
    await planned(2);
    const turn = await claim();
    expect(await turns.claim(id, 'other', 60_000)).toBeUndefined();
    const [first, second] = await turns.next(id, turn.doneSeq, 10);
    if (!first || !second) throw new Error('two are pending');
    expect([first.body, second.body]).toEqual(['{"n":1}', '{"n":2}']);
    expect(await turns.delivered(turn, first, good, 60_000)).toBe('more');
    expect(await turns.delivered(turn, second, good, 60_000)).toBe('drained');
    expect(await turns.claim(id, 'other', 60_000)).toBeUndefined();
    const { rows } = await db.pool.query('select * from subscription_state where subscription_id = $1', [id]);
    expect(rows[0]).toMatchObject({ delivered_cursor: 'c2', pending_bytes: 0, turn_at: null, claim: null });
    expect(await ledger()).toMatchObject([
      { state: 'delivered', body: null, attempts: [{ number: 1, outcome: 'delivered' }] },
      { state: 'delivered' },
    ]);
  });

  it('that ran out are taken over; who comes late writes down the attempt and nothing else', async () => {
    await planned(2);
    const late = await claim('late', 0);
    const delivery = await head(late);
    const turn = await claim('next');
    expect(await turns.delivered(late, delivery, good, 60_000)).toBe('lost');
    await turns.failed(late, delivery, bad, 1_000);
    expect(await turns.giveBack(late)).toBe(false);
    expect((await ledger())[0]).toMatchObject({ state: 'pending', attempts: [{ number: 1 }, { number: 2 }] });
    expect(await turns.delivered(turn, delivery, good, 60_000)).toBe('more');
    expect(await turns.giveBack(turn)).toBe(true);
    await claim();
  });

  it('after a failure are due later, at once where somebody asks for it, and failures count anew then', async () => {
    const scope = await planned(1);
    const turn = await claim();
    await turns.failed(turn, await head(turn), bad, 3_600_000);
    expect(await turns.claim(id, 'early', 60_000)).toBeUndefined();
    await plans.plan(scope, drafts(2, 2), 'c2');
    expect(await turns.claim(id, 'early', 60_000)).toBeUndefined();
    expect(await overdue(0)).toEqual([]);
    await change({ tryAgain: true });
    expect(await overdue(5_000)).toEqual([{ subscriptionId: id, troubled: true }]);
    expect(await claim()).toMatchObject({ failures: 0, failingForMs: 0 });
  });

  it('count failures until a delivery gets through', async () => {
    await planned(1);
    for (let n = 0; n < 3; n += 1) {
      const turn = await claim();
      expect(turn.failures).toBe(n);
      await turns.failed(turn, await head(turn), bad, 0);
    }
    const turn = await claim();
    expect((await head(turn)).attempts).toBe(3);
    expect(await turns.delivered(turn, await head(turn), good, 60_000)).toBe('drained');
    const { rows } = await db.pool.query('select * from subscription_state where subscription_id = $1', [id]);
    expect(rows[0]).toMatchObject({
      failures: 0,
      failing_since: null,
      last_failure: { outcome: 'refused', status: 500 },
    });
  });

  it('are not taken while the subscription is paused, and not under an older start', async () => {
    await planned(1);
    await change({ paused: true });
    expect(await turns.claim(id, 'turn', 60_000)).toBeUndefined();
    await change({ paused: false });
    const turn = await claim();
    await change({ start: { cursor: 'c0' } });
    await plans.begin({ ...(await relet()), startRev: 2 }, 'c0');
    expect(await turns.delivered(turn, { ...(await anyDelivery()) }, good, 60_000)).toBe('lost');
    expect((await ledger())[0]).toMatchObject({ state: 'abandoned', attempts: [{ outcome: 'delivered' }] });
  });

  const overdue = async (graceMs: number) =>
    (await turns.overdue('a', graceMs)).filter((turn) => turn.subscriptionId === id);
  const relet = async () => {
    await leases.leave('a');
    return take('a');
  };
  const anyDelivery = async (): Promise<PendingDelivery> => {
    const { rows } = await db.pool.query('select * from delivery where subscription_id = $1', [id]);
    return { ...rows[0], seq: BigInt(rows[0].seq), mediaType: '', attempts: 0 };
  };
});

describe('suspension', () => {
  it('stands on the row and in the outbox together, and ends when somebody asks to try again', async () => {
    await planned(1);
    const turn = await claim();
    expect(await turns.suspend(turn, await head(turn), bad, suspension(turn))).toBe(true);
    expect(await told()).toBe(1);
    expect(await turns.claim(id, 'turn', 60_000)).toBeUndefined();
    expect((await leases.active()).map((s) => s.id)).not.toContain(id);
    const condition = await inTransaction(db.pool, (tx) => subscriptions.lock('default', id, tx));
    expect(condition).toMatchObject({ suspended: true, paused: false });
    await change({ tryAgain: true });
    expect((await head(await claim())).body).toBe('{"n":1}');
  });

  it('does not happen where somebody has asked to try again meanwhile, nor where the turn was lost', async () => {
    await planned(1);
    const turn = await claim();
    const delivery = await head(turn);
    await change({ tryAgain: true });
    expect(await turns.suspend(turn, delivery, bad, suspension(turn))).toBe(false);
    const late = await claim('late', 0);
    await claim('next');
    expect(await turns.suspend(late, delivery, bad, suspension(late))).toBe(false);
    expect(await told()).toBe(0);
  });
});

describe('the ledger', () => {
  it('forgets what is finished and old, or more than is to be kept, and never what is pending', async () => {
    await planned(6);
    const turn = await claim();
    for (const delivery of await turns.next(id, 0n, 4)) await turns.delivered(turn, delivery, good, 60_000);
    const keeper = new DeliveryLedger(db);
    expect(await keeper.prune(id, { olderThanMs: 3_600_000, keepNewest: 3 })).toBe(1);
    expect(await keeper.prune(id, { olderThanMs: -1, keepNewest: 3 })).toBe(3);
    expect((await ledger()).map((d) => d.state)).toEqual(['pending', 'pending']);
    expect(await keeper.census()).toMatchObject({ pending: expect.any(Number), active: expect.any(Number) });
  });

  it('goes with its subscription, and so does everything else', async () => {
    await planned(2);
    await inTransaction(db.pool, (tx) => subscriptions.remove(id, tx));
    expect(await ledger()).toEqual([]);
    expect(await turns.claim(id, 'turn', 60_000)).toBeUndefined();
  });
});

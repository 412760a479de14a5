import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { houseRouting, makeHouseEvent } from '@tributary/contracts';
import { newEventId, newId } from '@tributary/runtime';
import fc from 'fast-check';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { inTransaction } from '../transaction.ts';
import { type DeliveryDraft, DeliveryPlans } from './delivery-plans.ts';
import { type Attempt, DeliveryTurns } from './delivery-turns.ts';
import { SubscriptionLeases } from './subscription-leases.ts';
import { type SubscriptionChange, Subscriptions } from './subscriptions.ts';

let db: ScratchDatabase;
beforeAll(async () => {
  db = await scratchDatabase();
});
afterAll(() => db.drop());

const steps = ['plan', 'deliver', 'fail', 'suspend', 'late', 'pause', 'resume', 'replay'] as const;
type Step = (typeof steps)[number];

const good: Attempt = { at: new Date(), outcome: 'delivered', status: 200, latencyMs: 1 };
const bad: Attempt = { at: new Date(), outcome: 'refused', status: 500, latencyMs: 1 };

/** What a subscription must be after each step, thought of without a database. */
class Model {
  pending: number[] = [];
  delivered: number[] = [];
  abandoned: number[] = [];
  paused = false;
  suspended = false;
  failures = 0;
  next = 1;

  get mayTurn(): boolean {
    return this.pending.length > 0 && !this.paused && !this.suspended;
  }
}

/** The same on the database. */
async function makeSubject() {
  const id = newId('sub');
  const [subscriptions, plans, turns] = [new Subscriptions(db), new DeliveryPlans(db), new DeliveryTurns(db)];
  await subscriptions.create({
    id,
    workspace: 'default',
    url: 'https://receiver.example',
    events: {},
    headerNames: [],
    secrets: '',
    start: { cursor: 'c' },
  });
  const [lease] = await new SubscriptionLeases(db).acquire('r', [id], 600_000);
  if (!lease) throw new Error('the lease was not to be had');
  let startRev = 1;
  await plans.begin({ ...lease, startRev }, 'c');
  const change = (what: SubscriptionChange) =>
    inTransaction(db.pool, async (tx) => {
      await subscriptions.lock('default', id, tx);
      await subscriptions.change(id, what, tx);
    });
  const draft = (n: number): DeliveryDraft => ({
    ...{ kind: 'events', eventIds: [`e${n}`], after: null, cursor: `c${n}` },
    ...{ mediaType: 'application/json', body: String(n) },
  });
  const claim = (ttlMs = 600_000) => turns.claim(id, newEventId(), ttlMs);
  const head = async (doneSeq: bigint) => (await turns.next(id, doneSeq, 1))[0];
  const message = () => ({
    kind: 'event' as const,
    event: makeHouseEvent({
      ...{ id: newEventId(), name: 'subscription.suspended', workspace: 'default', time: new Date().toISOString() },
      data: { subscriptionId: id, reason: 'failing' },
    }),
    routing: houseRouting('default', 'subscription.suspended', id),
  });

  const does: Record<Step, (model: Model) => Promise<void>> = {
    plan: async (model) => {
      const drafts = [draft(model.next), draft(model.next + 1)];
      expect(await plans.plan({ ...lease, startRev }, drafts, `c${model.next + 1}`)).toBeDefined();
      model.pending.push(model.next, model.next + 1);
      model.next += 2;
    },
    deliver: async (model) => {
      const turn = await claim();
      expect(turn !== undefined).toBe(model.mayTurn);
      const delivery = turn && (await head(turn.doneSeq));
      if (!turn || !delivery) return;
      expect(turn.failures).toBe(model.failures);
      expect(Number(delivery.body)).toBe(model.pending[0]);
      const after = await turns.delivered(turn, delivery, good, 600_000);
      model.delivered.push(model.pending.shift() ?? 0);
      model.failures = 0;
      expect(after).toBe(model.pending.length > 0 ? 'more' : 'drained');
      if (after === 'more') expect(await turns.giveBack(turn)).toBe(true);
    },
    fail: async (model) => {
      const turn = await claim();
      const delivery = turn && (await head(turn.doneSeq));
      if (!turn || !delivery) return;
      await turns.failed(turn, delivery, bad, 0);
      model.failures += 1;
    },
    suspend: async (model) => {
      const turn = await claim();
      const delivery = turn && (await head(turn.doneSeq));
      if (!turn || !delivery) return;
      const because = { reason: 'failing' as const, detail: '', retryMs: 0, message: message() };
      expect(await turns.suspend(turn, delivery, bad, because)).toBe(true);
      model.suspended = true;
    },
    // Somebody whose time ran out, and who does not know.
    late: async () => {
      const turn = await claim(0);
      const delivery = turn && (await head(turn.doneSeq));
      if (!turn || !delivery) return;
      const next = await claim();
      expect(await turns.delivered(turn, delivery, good, 600_000)).toBe('lost');
      if (next) await turns.giveBack(next);
    },
    pause: async (model) => {
      await change({ paused: true });
      model.paused = true;
    },
    resume: async (model) => {
      await change({ paused: false, tryAgain: true });
      Object.assign(model, { paused: false, suspended: false, failures: 0 });
    },
    replay: async (model) => {
      await change({ start: { cursor: 'x' } });
      startRev += 1;
      expect(await turns.claim(id, 'too-early', 600_000)).toBeUndefined();
      expect(await plans.begin({ ...lease, startRev }, 'x')).toBe(true);
      model.abandoned.push(...model.pending.splice(0));
    },
  };
  const states = async () => {
    const { rows } = await db.pool.query<{ state: string; event_ids: string[] }>(
      'select state, event_ids from delivery where subscription_id = $1 order by seq',
      [id],
    );
    const of = (state: string) =>
      rows.filter((row) => row.state === state).map((row) => Number(row.event_ids[0]?.slice(1)));
    return { pending: of('pending'), delivered: of('delivered'), abandoned: of('abandoned') };
  };
  return { does, states };
}

describe('a subscription and its deliveries', () => {
  it('are what a model of them is, after any steps in any order', async () => {
    const any = fc.array(fc.constantFrom('plan' as const, 'deliver' as const, ...steps), {
      minLength: 1,
      maxLength: 25,
    });
    await fc.assert(
      fc.asyncProperty(any, async (taken) => {
        const model = new Model();
        const { does, states } = await makeSubject();
        for (const step of taken) await does[step](model);
        const { pending, delivered, abandoned } = model;
        expect(await states()).toEqual({ pending, delivered, abandoned });
      }),
      { numRuns: 120 },
    );
  }, 120_000);
});

import { eventSelection, houseRouting, makeHouseEvent } from '@tributary/contracts';
import type { Backlog, DeliveryPlans, Planned, PlannedSubscription, SubscriptionLease } from '@tributary/database';
import { CursorGone, CursorInvalid, type EventLog, FIRST_CURSOR, type LogStart } from '@tributary/messaging';
import { type Clock, failpoint, newEventId } from '@tributary/runtime';
import { draftsOf, type WantedEvent, written } from './delivery-drafts.ts';
import type { Wakes } from './wakes.ts';

export interface PlannerParts {
  plans: DeliveryPlans;
  log: Pick<EventLog, 'read'>;
  wakes: Wakes;
  clock: Clock;
  /** Something is pending where nothing was. */
  onPending(subscriptionId: string): void;
  readAhead: { deliveries: number; bytes: number };
}

/** The lease is another's, or there is a newer start: whoever has the lease begins anew. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}

/** Of one delivery; larger bodies are a burden for receivers. */
const BODY_CHARACTERS = 256 * 1024;
/** Events of one look at the log. */
const PAGE = 500;
const WAIT_MS = 20_000;
/** Where nothing is wanted for long, the cursor is put down so often: behind it the log may forget. */
const SKIP_EVERY_MS = 30_000;

/**
 * Plans the deliveries of one subscription: reads the log from where it stands, and puts down what is wanted together
 * with how far it has read. Reads no further ahead than a few deliveries; the rest waits in the log. Followers that are
 * near the end of the log all read the same memory of it.
 */
export class Planner {
  readonly #parts: PlannerParts;
  readonly #lease: SubscriptionLease;
  readonly #signal: AbortSignal;
  #backlog: Backlog = { deliveries: 0, bytes: 0 };
  #putDownMs = 0;

  constructor(lease: SubscriptionLease, parts: PlannerParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#lease = lease;
    this.#signal = signal;
  }

  /** Goes on until the signal aborts. Throws `Superseded`, or what the database or the log said. */
  async run(): Promise<never> {
    const subscription = await this.#load();
    let place: LogStart = subscription.cursor ?? startOf(subscription);
    if (this.#backlog.deliveries > 0) this.#parts.onPending(subscription.id);
    this.#putDownMs = this.#parts.clock.monotonicMs();
    for (;;) {
      await this.#room();
      place = await this.#step(subscription, place).catch((error: unknown) => {
        if (!(error instanceof CursorGone) && !(error instanceof CursorInvalid)) throw error;
        return this.#resync(subscription, place);
      });
    }
  }

  async #load(): Promise<PlannedSubscription> {
    const { plans } = this.#parts;
    const subscription = await plans.load(this.#lease);
    if (!subscription) throw new Superseded();
    if (subscription.begins) {
      const { start } = subscription;
      const cursor = 'cursor' in start ? start.cursor : null;
      if (!(await plans.begin(this.#scope(subscription), cursor))) throw new Superseded();
      subscription.cursor = cursor;
    }
    const backlog = await plans.backlog(this.#lease);
    if (!backlog) throw new Superseded();
    this.#backlog = backlog;
    return subscription;
  }

  /** Looks at what comes next; returns where to go on. */
  async #step(subscription: PlannedSubscription, place: LogStart): Promise<LogStart> {
    const { batch } = subscription;
    const { wanted, cursor } = await this.#gather(subscription, place);
    if (wanted.length === 0) return this.#skip(subscription, cursor);
    const limits = { maxEvents: batch?.maxEvents, maxCharacters: BODY_CHARACTERS };
    const drafts = draftsOf(wanted, limits, typeof place === 'string' ? place : null);
    this.#planned(subscription, await this.#parts.plans.plan(this.#scope(subscription), drafts, cursor));
    await failpoint('after-plan');
    return cursor;
  }

  /** What is wanted of what comes next. A batch that is not full waits for more, as long as it may. */
  async #gather(
    subscription: PlannedSubscription,
    place: LogStart,
  ): Promise<{ wanted: WantedEvent[]; cursor: string }> {
    const { clock } = this.#parts;
    const { batch } = subscription;
    const most = this.#most(subscription);
    const page = await this.#read(subscription, place, { limit: most, waitMs: WAIT_MS });
    const untilMs = clock.monotonicMs() + (batch?.maxWaitMs ?? 0);
    while (batch && page.wanted.length > 0 && page.wanted.length < Math.min(batch.maxEvents, most)) {
      const waitMs = untilMs - clock.monotonicMs();
      if (waitMs <= 0) break;
      const more = await this.#read(subscription, page.cursor, { limit: most - page.wanted.length, waitMs });
      page.wanted.push(...more.wanted);
      page.cursor = more.cursor;
    }
    return page;
  }

  async #read(subscription: PlannedSubscription, after: LogStart, how: { limit: number; waitMs: number }) {
    const { workspace, events } = subscription;
    const { types, subject: subjects, connection: connectionId, platform, origins } = events;
    const filter = eventSelection(workspace, { types, subjects, connectionId, platform });
    const page = await this.#parts.log.read({ after, filter, ...how, signal: this.#signal });
    const wanted = page.events.flatMap(({ event, cursor, text }): WantedEvent[] => {
      const { id, origin } = event as { id?: unknown; origin?: unknown };
      // An event without an id was not published by us.
      if (typeof id !== 'string' || (origins && !origins.some((one) => one === origin))) return [];
      return [{ id, cursor, text }];
    });
    return { wanted, cursor: page.nextCursor };
  }

  async #skip(subscription: PlannedSubscription, cursor: string): Promise<string> {
    const { clock, plans } = this.#parts;
    if (clock.monotonicMs() - this.#putDownMs < SKIP_EVERY_MS) return cursor;
    if (!(await plans.skip(this.#scope(subscription), cursor))) throw new Superseded();
    this.#putDownMs = clock.monotonicMs();
    return cursor;
  }

  /** The log does not hold what comes next: says so, to the receiver and on the bus, and begins with the oldest it holds. */
  async #resync(subscription: PlannedSubscription, place: LogStart): Promise<LogStart> {
    const { clock, plans } = this.#parts;
    const { id: subscriptionId, workspace } = subscription;
    const after = typeof place === 'string' ? place : undefined;
    const event = makeHouseEvent({
      id: newEventId(),
      name: 'subscription.resynced',
      workspace,
      time: new Date(clock.now()).toISOString(),
      data: { subscriptionId, reason: 'cursor-gone', ...(after === undefined ? {} : { after }) },
    });
    const routing = houseRouting(workspace, 'subscription.resynced', subscriptionId);
    const body = written([{ text: JSON.stringify(event) }], subscription.batch !== null);
    const draft = {
      kind: 'resync' as const,
      eventIds: [event.id],
      after: after ?? null,
      cursor: FIRST_CURSOR,
      ...body,
    };
    const message = { kind: 'event' as const, event, routing };
    this.#planned(subscription, await plans.planAndTell(this.#scope(subscription), draft, FIRST_CURSOR, message));
    return FIRST_CURSOR;
  }

  #planned(subscription: PlannedSubscription, planned: Planned | undefined): void {
    if (!planned) throw new Superseded();
    this.#backlog = planned;
    this.#putDownMs = this.#parts.clock.monotonicMs();
    if (planned.wasIdle) this.#parts.onPending(subscription.id);
  }

  /** Waits until something may be planned again. */
  async #room(): Promise<void> {
    const { plans, wakes } = this.#parts;
    this.#signal.throwIfAborted();
    for (let patience = wakes.patience(); this.#isFull(); ) {
      await wakes.wait(this.#lease.id, patience, this.#signal);
      const backlog = await plans.backlog(this.#lease);
      if (!backlog) throw new Superseded();
      patience = wakes.patience(backlog.deliveries < this.#backlog.deliveries ? undefined : patience);
      this.#backlog = backlog;
    }
  }

  #isFull(): boolean {
    const { deliveries, bytes } = this.#parts.readAhead;
    return this.#backlog.deliveries >= deliveries || this.#backlog.bytes >= bytes;
  }

  /** Events for which there is room. */
  #most({ batch }: PlannedSubscription): number {
    const free = this.#parts.readAhead.deliveries - this.#backlog.deliveries;
    return Math.max(1, Math.min(PAGE, free * (batch?.maxEvents ?? 1)));
  }

  #scope({ startRev }: PlannedSubscription) {
    return { ...this.#lease, startRev };
  }
}

const startOf = ({ start }: PlannedSubscription): LogStart =>
  'cursor' in start ? start.cursor : new Date(start.since);

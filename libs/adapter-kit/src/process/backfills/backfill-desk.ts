import type { OpenPart } from '@tributary/database';
import type { Clock, Logger, Metrics } from '@tributary/runtime';
import type { BackfillStore } from '../ports.ts';
import type { AttendedConnection } from './attended-connection.ts';
import { PARTS_OF_A_PROCESS, type PartJob, type PartQueue } from './part-queue.ts';
import { type PartOutcome, PartReader } from './part-reader.ts';
import { RepairPlanner } from './repair-planner.ts';

export interface BackfillDeskOptions {
  store: BackfillStore;
  /** Opens the queue through which this process gives itself work. */
  openQueue: (process: (job: PartJob) => Promise<void>) => PartQueue;
  /** A hole is repaired when it is this old: what comes by itself is not fetched twice. */
  repairAfterMs: number;
  clock: Clock;
  random: () => number;
  log: Logger;
  metrics: Metrics;
}

/** Parts of one connection that are read at once: the lane decides how fast, this how much is begun. */
export const PARTS_AT_ONCE = 2;
const LOOK_MS = 5_000;
const REPAIR_LOOK_MS = 5_000;

/** A job that waits so long although there is room waits for nothing. */
const STUCK_MS = 10_000;

interface Offer {
  part: OpenPart;
  sinceMs: number;
}

interface Attendance {
  connection: AttendedConnection;
  leave: AbortController;
  running: Map<string, Promise<unknown>>;
}

/**
 * Reads what is to be read again, of the connections that this process owns. What is to be done stands in Postgres; the
 * queue holds a copy of what comes next, and is filled again at every look: a Redis that has forgotten delays it by that.
 */
export class BackfillDesk {
  readonly #options: BackfillDeskOptions;
  readonly #attended = new Map<string, Attendance>();
  /** Given to the queue, or being read, by key. */
  readonly #offered = new Map<string, Offer>();
  readonly #reader: PartReader;
  readonly #repairs: RepairPlanner;
  readonly #meters: ReturnType<typeof meters>;
  #queue: PartQueue | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #lost = false;
  #repairing = false;
  #cancels: (() => void)[] = [];

  constructor(options: BackfillDeskOptions) {
    this.#options = options;
    this.#meters = meters(options.metrics);
    this.#reader = new PartReader({ ...options, onPoints: (points) => this.#meters.points.inc({}, points) });
    this.#repairs = new RepairPlanner(options);
  }

  start(): void {
    const { clock, openQueue } = this.#options;
    this.#queue = openQueue((job) => this.#process(job));
    this.#cancels = [clock.every(LOOK_MS, () => this.soon()), clock.every(REPAIR_LOOK_MS, () => void this.#repair())];
  }

  /** Afterwards nothing is read any more. */
  async stop(): Promise<void> {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
    await Promise.all([...this.#attended.keys()].map((id) => this.#leave(id)));
    await this.#looking;
    await this.#queue?.close();
    this.#queue = undefined;
  }

  /** The connection is well: its open parts are read until the returned function is called, which waits for them. */
  attend(connection: AttendedConnection): () => Promise<void> {
    const { connectionId } = connection.lease;
    const attendance: Attendance = { connection, leave: new AbortController(), running: new Map() };
    this.#attended.set(connectionId, attendance);
    this.soon();
    return async () => {
      if (this.#attended.get(connectionId) === attendance) await this.#leave(connectionId);
    };
  }

  /** Looks at once what is to be done. */
  soon(): void {
    this.#again = true;
    if (!this.#queue) return;
    this.#looking ??= this.#lookOn().finally(() => {
      this.#looking = undefined;
    });
  }

  async #leave(connectionId: string): Promise<void> {
    const attendance = this.#attended.get(connectionId);
    if (!attendance) return;
    this.#attended.delete(connectionId);
    attendance.leave.abort(new Error('the connection is let go'));
    this.#withdraw(({ part }) => part.connectionId === connectionId);
    await Promise.allSettled(attendance.running.values());
  }

  async #lookOn(): Promise<void> {
    while (this.#again && this.#queue) {
      this.#again = false;
      try {
        await this.#look(this.#queue);
        if (this.#lost) this.#options.log.info('backfills go on');
        this.#lost = false;
      } catch (error) {
        if (!this.#lost) this.#options.log.warn({ err: error }, 'backfills cannot go on now; nothing is forgotten');
        this.#lost = true;
      }
    }
  }

  /** Fills the queue: what was offered before and is not being read may have been forgotten there. */
  async #look(queue: PartQueue): Promise<void> {
    const ids = [...this.#attended.keys()];
    const running = this.#runningOf(ids);
    const open = await this.#options.store.open(ids, PARTS_AT_ONCE + running);
    const keys = new Set(open.map(keyOf));
    this.#withdraw(({ part }) => !keys.has(keyOf(part)) && !this.#isRunning(part));
    for (const part of open) {
      const attendance = this.#attended.get(part.connectionId);
      const key = keyOf(part);
      if (!attendance || attendance.running.has(key)) continue;
      if (!this.#offered.has(key) && this.#takenOf(part.connectionId) >= PARTS_AT_ONCE) continue;
      this.#offered.set(key, { part, sinceMs: this.#offered.get(key)?.sinceMs ?? this.#options.clock.monotonicMs() });
      await queue.add({ key }, `${key}-${part.attempts}`);
    }
    this.#renewIfStuck(queue);
    await this.#measure(ids);
  }

  #renewIfStuck(queue: PartQueue): void {
    const nowMs = this.#options.clock.monotonicMs();
    const offers = [...this.#offered.values()];
    const waiting = offers.filter(({ part }) => !this.#isRunning(part));
    if (offers.length - waiting.length >= PARTS_OF_A_PROCESS) return;
    const stuck = waiting.filter(({ sinceMs }) => nowMs - sinceMs >= STUCK_MS);
    if (stuck.length === 0) return;
    queue.renew();
    for (const offer of stuck) offer.sinceMs = nowMs;
  }

  #withdraw(which: (offer: Offer) => boolean): void {
    for (const [key, offer] of this.#offered) if (which(offer)) this.#offered.delete(key);
  }

  #isRunning(part: OpenPart): boolean {
    return this.#attended.get(part.connectionId)?.running.has(keyOf(part)) ?? false;
  }

  #runningOf(ids: readonly string[]): number {
    return Math.max(0, ...ids.map((id) => this.#attended.get(id)?.running.size ?? 0));
  }

  /** Offered and being read. */
  #takenOf(connectionId: string): number {
    return [...this.#offered.values()].filter(({ part }) => part.connectionId === connectionId).length;
  }

  /** One job. What this process did not offer, or has let go of, is not its to read. */
  async #process({ key }: PartJob): Promise<void> {
    const offer = this.#offered.get(key);
    const part = offer?.part;
    const attendance = part && this.#attended.get(part.connectionId);
    if (!part || !attendance || attendance.running.has(key)) return;
    const { connection, leave } = attendance;
    const signal = AbortSignal.any([leave.signal, connection.lease.signal]);
    const reading = this.#reader.read(part, connection, signal);
    attendance.running.set(key, reading);
    try {
      this.#meters.parts.inc({ outcome: await reading });
    } catch (error) {
      this.#options.log.debug({ err: error, part: key }, 'a part of a backfill was left');
      this.#meters.parts.inc({ outcome: 'gone' satisfies PartOutcome });
    } finally {
      attendance.running.delete(key);
      if (this.#offered.get(key) === offer) this.#offered.delete(key);
      this.soon();
    }
  }

  async #repair(): Promise<void> {
    if (this.#repairing) return;
    this.#repairing = true;
    const all = [...this.#attended.values()].map(({ connection }) => connection);
    if (await this.#repairs.plan(all)) this.soon();
    this.#repairing = false;
  }

  async #measure(ids: readonly string[]): Promise<void> {
    const { waiting, running, oldestMs } = await this.#options.store.census(ids);
    this.#meters.open.set({ state: 'waiting' }, waiting);
    this.#meters.open.set({ state: 'running' }, running);
    this.#meters.age.set({}, oldestMs / 1_000);
  }
}

const keyOf = ({ backfillId, number }: OpenPart): string => `${backfillId}-${number}`;

const meters = (metrics: Metrics) => ({
  points: metrics.counter('backfill_points_total', { help: 'Points that backfills brought and the bus has confirmed' }),
  parts: metrics.counter('backfill_parts_total', {
    help: 'Attempts at parts of backfills, by what came of them',
    labels: ['outcome'],
  }),
  open: metrics.gauge('backfill_parts_open', {
    help: 'Open parts of the connections that this replica owns',
    labels: ['state'],
  }),
  age: metrics.gauge('backfill_oldest_seconds', { help: 'Age of the oldest backfill with an open part' }),
});

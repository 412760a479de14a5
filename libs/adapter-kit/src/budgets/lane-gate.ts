import { type OperationClass, RateLimitedError } from '@tributary/contracts';
import type { Clock, Logger } from '@tributary/runtime';
import { type BudgetLane, type BudgetLimit, largestShare, reservationsOf, urgency } from './budget-plan.ts';
import type { BudgetStore, Grant, MeterReading } from './budget-store.ts';

/** `platformCode` of a call that gave up waiting for its budget; the platform was not asked. */
export const BUDGET_SPENT = 'budget-spent';
const MIN_WAIT_MS = 5;

export interface Wanted {
  operation: string;
  lane: BudgetLane;
  class: OperationClass;
  cost: ReadonlyMap<string, number>;
  /** Longer than this nobody wants to wait; absent: until the signal aborts. */
  maxWaitMs?: number;
  signal?: AbortSignal | undefined;
}

/** Leave to make one call now. `done` must be called when the call has ended. */
export interface Pass {
  /** What the platform says the call really cost. */
  reported(units: Record<string, number>): void;
  /** The platform's own count of the window, by budget. */
  metered(readings: Record<string, MeterReading>): void;
  /**
   * The platform refused the call because of its limit. Resolves with how long nothing goes, where a budget plans to
   * send again what was refused; never rejects.
   */
  limited(retryAfterMs: number | undefined): Promise<number | undefined>;
  done(): void;
}

interface Waiter extends Wanted {
  order: number;
  /** Since when its budget has refused it. */
  refusedMs?: number;
  untilMs: number;
  settle(result: { grant: Grant } | { error: unknown }): void;
  settled: boolean;
}

export interface LaneGateOptions {
  store: BudgetStore;
  /** What is reserved for whom; without it nobody passes a more urgent caller who waits for the same budget. */
  limits?: readonly BudgetLimit[];
  concurrency: Record<OperationClass, number>;
  /** Calls under way at once, all classes together. */
  inFlight?: number | undefined;
  clock: Clock;
  log: Logger;
  onWaited?: (lane: BudgetLane, waitedMs: number) => void;
}

/**
 * The one place where a connection's calls wait: the most urgent lane first, within a lane in order of arrival. A call
 * goes when its class has a free place and every budget it spends has room; one that waits for one budget does not hold
 * up calls that spend another, nor those of a lane that has a share of its own.
 */
export class LaneGate {
  readonly #options: LaneGateOptions;
  readonly #underWay: { class: OperationClass; lane: BudgetLane; startedMs: number }[] = [];
  #waiters: Waiter[] = [];
  #order = 0;
  #pumping = false;
  #again = false;
  #cancelWake = () => {};

  constructor(options: LaneGateOptions) {
    this.#options = options;
  }

  /** Rejects with `RateLimitedError` (`budget-spent`) when the wait would be too long, or with the signal's reason. */
  async enter(wanted: Wanted): Promise<Pass> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const grant = await this.#wait(wanted, startedMs);
    this.#options.onWaited?.(wanted.lane, clock.monotonicMs() - startedMs);
    return this.#pass(wanted, grant);
  }

  /** Calls that wait now, by lane. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** For how long calls of these lanes have waited for their budget, and for an answer; 0 where none does. */
  waits(lanes: readonly BudgetLane[]): { budgetMs: number; answerMs: number } {
    const nowMs = this.#options.clock.monotonicMs();
    const longest = (since: readonly (number | undefined)[]) =>
      Math.max(0, ...since.map((ms) => nowMs - (ms ?? nowMs)));
    const ours = ({ lane }: { lane: BudgetLane }) => lanes.includes(lane);
    return {
      budgetMs: longest(this.#waiters.filter(ours).map(({ refusedMs }) => refusedMs)),
      answerMs: longest(this.#underWay.filter(ours).map(({ startedMs }) => startedMs)),
    };
  }

  #wait(wanted: Wanted, startedMs: number): Promise<Grant> {
    return new Promise((resolve, reject) => {
      if (wanted.signal?.aborted) return reject(wanted.signal.reason);
      const untilMs = startedMs + (wanted.maxWaitMs ?? Number.POSITIVE_INFINITY);
      const abort = () => waiter.settle({ error: wanted.signal?.reason });
      const waiter: Waiter = {
        ...wanted,
        order: this.#order++,
        untilMs,
        settled: false,
        settle: (result) => {
          if (waiter.settled) return;
          waiter.settled = true;
          wanted.signal?.removeEventListener('abort', abort);
          this.#waiters = this.#waiters.filter((other) => other !== waiter);
          if ('grant' in result) resolve(result.grant);
          else reject(result.error);
        },
      };
      wanted.signal?.addEventListener('abort', abort, { once: true });
      this.#enqueue(waiter);
      void this.#pump();
    });
  }

  #enqueue(waiter: Waiter): void {
    const before = this.#waiters.findIndex((other) => urgency[other.lane] > urgency[waiter.lane]);
    if (before === -1) this.#waiters.push(waiter);
    else this.#waiters.splice(before, 0, waiter);
  }

  /** One at a time; asked for while it runs, it runs once more. Never rejects. */
  async #pump(): Promise<void> {
    this.#again = true;
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#again) {
        this.#again = false;
        this.#cancelWake();
        const waitMs = await this.#serve();
        if (!this.#again && waitMs !== undefined) {
          this.#cancelWake = this.#options.clock.after(Math.max(MIN_WAIT_MS, waitMs), () => void this.#pump());
        }
      }
    } catch (error) {
      for (const waiter of [...this.#waiters]) waiter.settle({ error });
    } finally {
      this.#pumping = false;
    }
  }

  /** Lets go whoever may go. Answers after how long it is worth looking again; undefined if nobody waits for time. */
  async #serve(): Promise<number | undefined> {
    const full = new Set<string>();
    let wakeMs: number | undefined;
    for (const waiter of [...this.#waiters]) {
      // Somebody came, left or ended: begin anew with the most urgent.
      if (this.#again) return undefined;
      if (waiter.settled) continue;
      if (!this.#hasPlace(waiter)) {
        wakeMs = sooner(wakeMs, this.#giveUpIfLate(waiter, 0));
        continue;
      }
      if ([...waiter.cost.keys()].some((name) => full.has(name) && !this.#hasShare(name, waiter.lane))) {
        wakeMs = sooner(wakeMs, this.#giveUpIfLate(waiter, 0));
        continue;
      }
      const waitMs = await this.#try(waiter, full);
      if (waitMs > 0) wakeMs = sooner(sooner(wakeMs, waitMs), this.#giveUpIfLate(waiter, waitMs));
    }
    return wakeMs;
  }

  async #try(waiter: Waiter, full: Set<string>): Promise<number> {
    const { store } = this.#options;
    const taking = await store.take(waiter.lane, waiter.cost);
    if (!taking.granted) {
      for (const name of taking.refusedBy) full.add(name);
      waiter.refusedMs ??= this.#options.clock.monotonicMs();
      return Math.max(taking.waitMs, MIN_WAIT_MS);
    }
    if (waiter.settled) {
      for (const name of waiter.cost.keys()) await store.correct(taking.grant, name, 0);
      return 0;
    }
    const startedMs = this.#options.clock.monotonicMs();
    this.#underWay.push({ class: waiter.class, lane: waiter.lane, startedMs });
    waiter.settle({ grant: taking.grant });
    return 0;
  }

  /** Milliseconds until this waiter gives up; it does so at once when the wait is known to outlast it. */
  #giveUpIfLate(waiter: Waiter, waitMs: number): number | undefined {
    if (waiter.untilMs === Number.POSITIVE_INFINITY) return undefined;
    const leftMs = waiter.untilMs - this.#options.clock.monotonicMs();
    if (leftMs > 0 && waitMs <= leftMs) return leftMs;
    const message = `${waiter.operation}: what the platform allows is spent for now`;
    const retryAfterMs = Math.ceil(Math.max(waitMs, 1_000));
    waiter.settle({ error: new RateLimitedError(message, { platformCode: BUDGET_SPENT, retryAfterMs }) });
    return undefined;
  }

  /** What is reserved for a lane is not to be waited for, however many more urgent callers wait for the rest. */
  #hasShare(name: string, lane: BudgetLane): boolean {
    const limit = this.#options.limits?.find((each) => each.name === name);
    return limit !== undefined && reservationsOf(limit).some(({ lanes }) => lanes.includes(lane));
  }

  #hasPlace({ class: operationClass, lane }: Wanted): boolean {
    const { concurrency, inFlight = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#underWay.length >= inFlight) return false;
    const places = Math.min(concurrency[operationClass], inFlight);
    const ofClass = this.#underWay.filter((call) => call.class === operationClass);
    const ofLane = ofClass.filter((call) => call.lane === lane);
    return ofClass.length < places && ofLane.length < Math.max(1, Math.floor(places * (largestShare[lane] ?? 1)));
  }

  #leave(wanted: Wanted): void {
    const index = this.#underWay.findIndex((call) => call.class === wanted.class && call.lane === wanted.lane);
    if (index !== -1) this.#underWay.splice(index, 1);
  }

  #pass(wanted: Wanted, grant: Grant): Pass {
    let open = true;
    const { store, log } = this.#options;
    const later = (what: Promise<unknown>) => {
      what.then(
        () => this.#pump(),
        (error: unknown) => log.debug({ err: error }, 'a correction of the budget was lost'),
      );
    };
    return {
      reported: (units) => {
        for (const [name, count] of Object.entries(units)) later(store.correct(grant, name, Math.max(0, count)));
      },
      metered: (readings) => {
        for (const [name, reading] of Object.entries(readings)) later(store.metered(grant, name, reading));
      },
      limited: (retryAfterMs) => {
        const told = store.limited([...wanted.cost.keys()], retryAfterMs).catch((error: unknown) => {
          log.debug({ err: error }, 'that the platform asked us to wait was lost');
          return undefined;
        });
        later(told);
        return told;
      },
      done: () => {
        if (!open) return;
        open = false;
        this.#leave(wanted);
        if (this.#waiters.length > 0) void this.#pump();
      },
    };
  }
}

const sooner = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);

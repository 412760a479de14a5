import type { Clock, Logger } from '@tributary/runtime';
import type { BudgetLane, BudgetLimit } from './budget-plan.ts';
import type { BudgetStore, BudgetUsage, Grant, MeterReading, Taking } from './budget-store.ts';
import { longest, MemoryBudgetStore } from './memory-budget-store.ts';
import type { RedisBudgetCounter } from './redis-budget-counter.ts';
import { RollingWindow } from './rolling-window.ts';

/** How long the shared counts are not asked again after they did not answer. */
const AWAY_MS = 1_000;
/** Redis forgets a grant a little before we do, by the way of its answer. */
const FORGETS_EARLIER_MS = 250;

export interface SharedBudgetOptions {
  counter: RedisBudgetCounter;
  limits: readonly BudgetLimit[];
  clock: Clock;
  log: Logger;
  /** Name of this replica in the shared counts: no two alike, also after a restart. */
  replica: string;
  /** How many share the budget while Redis is away. */
  replicas: () => number;
}

interface Mirror {
  limit: BudgetLimit;
  /** What this replica was granted. */
  own: { id: string; lane: BudgetLane; atMs: number; units: number }[];
  /** What the others had spent when Redis last answered. */
  foreign: { units: number; atMs: number };
}

/**
 * Counts in Redis, and what this replica was granted in memory as well. While Redis is away each replica takes its
 * share of the limit; when Redis comes back having forgotten, it is told again. Never unlimited.
 */
export class SharedBudgetStore implements BudgetStore {
  readonly #options: SharedBudgetOptions;
  readonly #mirrors: Map<string, Mirror>;
  #sequence = 0;
  #awayUntilMs = Number.NEGATIVE_INFINITY;
  #alone: { share: MemoryBudgetStore; all: Map<string, RollingWindow> } | undefined;

  constructor(options: SharedBudgetOptions) {
    this.#options = options;
    const nothing = { units: 0, atMs: Number.NEGATIVE_INFINITY };
    this.#mirrors = new Map(options.limits.map((limit) => [limit.name, { limit, own: [], foreign: nothing }]));
  }

  async take(lane: BudgetLane, cost: ReadonlyMap<string, number>): Promise<Taking> {
    if (cost.size === 0) return { granted: true, grant: this.#grant(lane, cost, {}) };
    return this.#together(
      () => this.#takeShared(lane, cost),
      () => this.#takeAlone(lane, cost),
    );
  }

  async correct(grant: Grant, name: string, units: number): Promise<void> {
    const { atMs, id, lane } = grant;
    const mirror = this.#mirror(name);
    const known = mirror.own.find((entry) => entry.id === id);
    if (known) known.units = units;
    else mirror.own.push({ id, lane, atMs, units });
    this.#alone?.all.get(name)?.correct(this.#now(), grant, units);
    await this.#alone?.share.correct(grant, name, units);
    const entries = [{ id, ageMs: Math.round(this.#now() - atMs), units }];
    await this.#together(
      () => this.#options.counter.record(name, entries, true),
      async () => undefined,
    );
  }

  async metered(grant: Grant, name: string, reading: MeterReading): Promise<void> {
    const { id, atMs } = grant;
    const call = { id, atMs, spent: grant.spent.get(name) ?? 0 };
    this.#alone?.all.get(name)?.metered(this.#now(), call, reading);
    await this.#together(
      () => this.#options.counter.metered({ ...call, ageMs: Math.round(this.#now() - atMs) }, name, reading),
      async () => undefined,
    );
  }

  async limited(names: readonly string[], holdMs: number | undefined): Promise<number | undefined> {
    if (names.length === 0) return undefined;
    const alone = longest(names.map((name) => this.#alone?.all.get(name)?.limited(this.#now(), holdMs)));
    return this.#together(
      () => this.#options.counter.limited(names, holdMs),
      async () => longest([alone, await this.#beAlone().share.limited(names, holdMs)]),
    );
  }

  usage(): Promise<BudgetUsage[]> {
    return this.#together(
      () => this.#options.counter.usage(),
      () => this.#beAlone().share.usage(),
    );
  }

  async #takeShared(lane: BudgetLane, cost: ReadonlyMap<string, number>): Promise<Taking> {
    const { counter } = this.#options;
    const id = this.#nextId(lane);
    let taken = await counter.take(id, lane, cost, (name) => this.#expectedThere(name));
    if ('lost' in taken) {
      for (const name of taken.lost) await this.#tellAgain(name);
      taken = await counter.take(id, lane, cost, () => 0);
    }
    if ('lost' in taken) throw new Error('Redis forgets what it is told');
    for (const [name, units] of Object.entries(taken.foreign))
      this.#mirror(name).foreign = { units, atMs: this.#now() };
    if (taken.refused.length > 0) return { granted: false, waitMs: taken.wait, refusedBy: taken.refused };
    const grant = this.#grant(lane, cost, taken.spent, id);
    this.#note(grant);
    return { granted: true, grant };
  }

  async #takeAlone(lane: BudgetLane, cost: ReadonlyMap<string, number>): Promise<Taking> {
    const { share, all } = this.#beAlone();
    const waits = [...cost].map(([name, units]) => ({
      name,
      ms: all.get(name)?.waitMs(this.#now(), lane, units) ?? 0,
    }));
    const full = waits.filter(({ ms }) => ms > 0);
    if (full.length > 0) {
      return { granted: false, waitMs: Math.max(...full.map(({ ms }) => ms)), refusedBy: full.map(({ name }) => name) };
    }
    const taking = share.takeNow(lane, cost, this.#nextId(lane));
    if (!taking.granted) return taking;
    const { grant } = taking;
    for (const [name, units] of cost) all.get(name)?.spend(grant.atMs, grant.id, lane, units);
    this.#note(grant);
    return { granted: true, grant };
  }

  /** Windows for the time alone, filled with what is known: our own grants, and the others' when last heard of. */
  #beAlone() {
    if (this.#alone) return this.#alone;
    const { limits, clock, replicas } = this.#options;
    const among = Math.max(1, replicas());
    const share = new MemoryBudgetStore(
      limits.map((limit) => shareOf(limit, among)),
      clock,
    );
    const all = new Map(limits.map((limit) => [limit.name, new RollingWindow(limit)]));
    for (const [name, { own, foreign }] of this.#mirrors) {
      const window = all.get(name);
      if (foreign.units > 0) window?.spend(foreign.atMs, 'foreign', 'live', foreign.units);
      for (const { id, lane, atMs, units } of own) {
        window?.spend(atMs, id, lane, units);
        share.remember(name, { id, lane, atMs, units });
      }
    }
    this.#alone = { share, all };
    return this.#alone;
  }

  async #together<T>(shared: () => Promise<T>, alone: () => Promise<T>): Promise<T> {
    if (this.#now() < this.#awayUntilMs) return alone();
    try {
      const result = await shared();
      if (this.#alone) this.#options.log.info('budgets are shared again');
      this.#alone = undefined;
      return result;
    } catch (error) {
      if (!this.#alone)
        this.#options.log.warn({ err: error }, 'Redis is away: this replica takes its share of budgets');
      this.#awayUntilMs = this.#now() + AWAY_MS;
      return alone();
    }
  }

  #expectedThere(name: string): number {
    const { own, limit } = this.#mirror(name);
    const since = this.#now() - limit.countedMs + Math.min(FORGETS_EARLIER_MS, limit.countedMs / 2);
    return own.filter(({ atMs }) => atMs > since).length;
  }

  async #tellAgain(name: string): Promise<void> {
    const entries = this.#mirror(name).own.map(({ id, atMs, units }) => ({
      id,
      ageMs: Math.round(this.#now() - atMs),
      units,
    }));
    await this.#options.counter.record(name, entries, false);
  }

  #note(grant: Grant): void {
    const nowMs = this.#now();
    for (const [name, units] of grant.cost) {
      const mirror = this.#mirror(name);
      mirror.own = mirror.own.filter(({ atMs }) => atMs + mirror.limit.countedMs > nowMs);
      mirror.own.push({ id: grant.id, lane: grant.lane, atMs: grant.atMs, units });
    }
  }

  #nextId(lane: BudgetLane): string {
    return `${this.#options.replica}|${this.#sequence++}|${lane}`;
  }

  #grant(
    lane: BudgetLane,
    cost: ReadonlyMap<string, number>,
    spent: Record<string, number>,
    id = this.#nextId(lane),
  ): Grant {
    return { id, lane, cost, atMs: this.#now(), spent: new Map(Object.entries(spent)) };
  }

  #mirror(name: string): Mirror {
    const mirror = this.#mirrors.get(name);
    if (!mirror) throw new RangeError(`no budget ${name}`);
    return mirror;
  }

  #now(): number {
    return this.#options.clock.monotonicMs();
  }
}

/** A share below one unit becomes one unit in a longer window. */
function shareOf(limit: BudgetLimit, among: number): BudgetLimit {
  const share = limit.limit / among;
  if (share >= 1 || limit.limit < 1) return { ...limit, limit: limit.limit < 1 ? share : Math.floor(share) };
  return { ...limit, limit: 1, countedMs: Math.ceil(limit.countedMs / share) };
}

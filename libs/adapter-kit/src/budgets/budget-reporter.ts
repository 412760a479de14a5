import type { BudgetReport, Json } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import { type BudgetLimit, reservedShare } from './budget-plan.ts';
import type { BudgetStore, BudgetUsage, MeterReading } from './budget-store.ts';

/** How a connection's budgets stand, in the form of the contracts. */
export class BudgetReporter {
  readonly #limits: readonly BudgetLimit[];
  readonly #store: BudgetStore;
  readonly #clock: Clock;
  readonly #reported = new Map<string, Record<string, Json>>();

  constructor(limits: readonly BudgetLimit[], store: BudgetStore, clock: Clock) {
    this.#limits = limits;
    this.#store = store;
    this.#clock = clock;
  }

  /** Remembers the platform's own figures of the last call. */
  reported(units: Record<string, number>): void {
    const at = new Date(this.#clock.now()).toISOString();
    for (const [name, spent] of Object.entries(units)) this.#note(name, { spentByLastCall: spent, at });
  }

  /** Remembers the platform's own count of the window. */
  metered(readings: Record<string, MeterReading>): void {
    const at = new Date(this.#clock.now()).toISOString();
    for (const [name, { spent, limit }] of Object.entries(readings))
      this.#note(name, { spentInWindow: spent, ...(limit === undefined ? {} : { limit }), at });
  }

  #note(name: string, figures: Record<string, Json>): void {
    this.#reported.set(name, { ...this.#reported.get(name), ...figures });
  }

  async report(): Promise<BudgetReport> {
    const usage = await this.#store.usage();
    return {
      budgets: this.#limits.map((limit) =>
        this.#line(
          limit,
          usage.find(({ name }) => name === limit.name),
        ),
      ),
    };
  }

  #line(limit: BudgetLimit, usage: BudgetUsage | undefined): BudgetReport['budgets'][number] {
    const spent = usage?.spent ?? 0;
    const effective = usage?.effectiveLimit ?? limit.limit;
    const platformReported = this.#reported.get(limit.name);
    const heldForMs = usage?.heldForMs ?? 0;
    return {
      name: limit.name,
      unit: limit.unit,
      limit: limit.limit,
      windowMs: limit.windowMs,
      spent,
      left: Math.max(0, effective - spent),
      byLane: { ...usage?.byLane },
      documented: limit.documented,
      ...(limit.statedLimit === undefined ? {} : { platformLimit: limit.statedLimit }),
      ...(effective < limit.limit ? { reducedTo: effective } : {}),
      reserved: unitsOf(limit.reserved ?? reservedShare, effective),
      ...(platformReported ? { platformReported } : {}),
      ...(heldForMs > 0 ? { heldUntil: new Date(this.#clock.now() + heldForMs).toISOString() } : {}),
    };
  }
}

const unitsOf = (shares: Record<string, number>, limit: number): Record<string, number> =>
  Object.fromEntries(Object.entries(shares).map(([lane, share]) => [lane, Math.floor(limit * share)]));

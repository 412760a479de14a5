import type { Clock } from '@tributary/runtime';
import type { BudgetLane, BudgetLimit } from './budget-plan.ts';
import type { BudgetStore, BudgetUsage, Grant, MeterReading, Taking } from './budget-store.ts';
import { RollingWindow } from './rolling-window.ts';

/** The count within one process: alone, in tests, and while the shared one cannot be reached. */
export class MemoryBudgetStore implements BudgetStore {
  readonly #windows: Map<string, RollingWindow>;
  readonly #clock: Clock;
  #grants = 0;

  constructor(limits: readonly BudgetLimit[], clock: Clock) {
    this.#windows = new Map(limits.map((limit) => [limit.name, new RollingWindow(limit)]));
    this.#clock = clock;
  }

  async take(lane: BudgetLane, cost: ReadonlyMap<string, number>): Promise<Taking> {
    return this.takeNow(lane, cost);
  }

  takeNow(lane: BudgetLane, cost: ReadonlyMap<string, number>, id = String(this.#grants++)): Taking {
    const nowMs = this.#clock.monotonicMs();
    let waitMs = 0;
    const refusedBy: string[] = [];
    for (const [name, units] of cost) {
      const wait = this.#window(name).waitMs(nowMs, lane, units);
      if (wait > 0) refusedBy.push(name);
      waitMs = Math.max(waitMs, wait);
    }
    if (refusedBy.length > 0) return { granted: false, waitMs, refusedBy };
    const spent = new Map<string, number>();
    for (const [name, units] of cost) {
      this.#window(name).spend(nowMs, id, lane, units);
      spent.set(name, this.#window(name).spent(nowMs));
    }
    return { granted: true, grant: { id, lane, cost, atMs: nowMs, spent } };
  }

  /** Counts what was granted elsewhere. */
  remember(name: string, spending: { id: string; lane: BudgetLane; atMs: number; units: number }): void {
    this.#window(name).spend(spending.atMs, spending.id, spending.lane, spending.units);
  }

  async correct(grant: Grant, name: string, units: number): Promise<void> {
    this.#window(name).correct(this.#clock.monotonicMs(), grant, units);
  }

  async metered(grant: Grant, name: string, reading: MeterReading): Promise<void> {
    const { id, atMs } = grant;
    this.#window(name).metered(this.#clock.monotonicMs(), { id, atMs, spent: grant.spent.get(name) ?? 0 }, reading);
  }

  async limited(names: readonly string[], holdMs: number | undefined): Promise<number | undefined> {
    const nowMs = this.#clock.monotonicMs();
    return longest(names.map((name) => this.#window(name).limited(nowMs, holdMs)));
  }

  async usage(): Promise<BudgetUsage[]> {
    const nowMs = this.#clock.monotonicMs();
    return [...this.#windows].map(([name, window]) => {
      const byLane = window.byLane(nowMs);
      return {
        name,
        effectiveLimit: window.effectiveLimit(nowMs),
        spent: Object.values(byLane).reduce((sum, units) => sum + units, 0),
        byLane,
        heldForMs: window.heldForMs(nowMs),
      };
    });
  }

  #window(name: string): RollingWindow {
    const window = this.#windows.get(name);
    if (!window) throw new RangeError(`no budget ${name}`);
    return window;
  }
}

export function longest(holds: readonly (number | undefined)[]): number | undefined {
  const told = holds.filter((hold) => hold !== undefined);
  return told.length === 0 ? undefined : Math.max(...told);
}

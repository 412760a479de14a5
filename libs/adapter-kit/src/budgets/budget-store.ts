import type { BudgetLane, SpendingLane } from './budget-plan.ts';

export interface Grant {
  readonly id: string;
  readonly lane: BudgetLane;
  readonly cost: ReadonlyMap<string, number>;
  /** On the store's own clock. */
  readonly atMs: number;
  /** What was counted of ours in each budget when it was given, itself included. */
  readonly spent: ReadonlyMap<string, number>;
}

/** The platform's own count of a window, as an answer told it. */
export interface MeterReading {
  spent: number;
  limit?: number;
}

export type Taking =
  | { granted: true; grant: Grant }
  /** `refusedBy`: the budgets that have no room for this lane; ask again after `waitMs`. */
  | { granted: false; waitMs: number; refusedBy: string[] };

export interface BudgetUsage {
  name: string;
  /** In force now: smaller than stated for a while after the platform said that we asked too much. */
  effectiveLimit: number;
  spent: number;
  byLane: Partial<Record<SpendingLane, number>>;
  heldForMs: number;
}

/**
 * The count of what one credential has spent, in rolling windows. Whatever order and from wherever it is asked, the
 * grants of any window stay within the limit.
 */
export interface BudgetStore {
  /** All of the cost or nothing of it. */
  take(lane: BudgetLane, cost: ReadonlyMap<string, number>): Promise<Taking>;
  /** Replaces what a grant counts for in one budget, in the window it was given in; 0 gives it back. */
  correct(grant: Grant, name: string, units: number): Promise<void>;
  /**
   * The platform's meter, read off the answer to the call that `grant` was for. What it counts beyond our own calls
   * was spent elsewhere and is not ours to spend; the newest reading counts.
   */
  metered(grant: Grant, name: string, reading: MeterReading): Promise<void>;
  /**
   * The platform said that it was too much: nothing more for `holdMs` (the window if absent), then half as much.
   * Answers how long nothing goes, where the budget says that what was refused is to be sent again.
   */
  limited(names: readonly string[], holdMs: number | undefined): Promise<number | undefined>;
  usage(): Promise<BudgetUsage[]>;
}

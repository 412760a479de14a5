import type { CapabilityName } from '@tributary/contracts';

/** Lanes of a budget, most urgent first. */
export const lanes = ['command', 'interactive', 'live', 'pass-through', 'reconcile', 'backfill'] as const;
export type Lane = (typeof lanes)[number];

/** 0 to 1, of what we allow ourselves; whole units of it count. */
export type ReservedShares = { [L in Lane | 'auth' | `${Lane}+${Lane}`]?: number };

export interface BudgetSpec {
  limit: number;
  /** What we allow ourselves of it, where the margin shall be wider; default all of it. */
  use?: number;
  /**
   * Shares that no other lane may use, by lane, or by two lanes that share one, in place of the kit's own: 0.25 for
   * commands, 0.1 for log-ins. A lane with a share of its own gets it however much the more urgent ones want.
   */
  reserved?: ReservedShares;
  /**
   * For a platform that gives no hint how long to wait: rest until the oldest call of our window is over, then go at
   * half the pace for `slowFor`, and send what was refused again. Without it: a whole window, and a slow recovery.
   */
  afterLimit?: { slowFor: string };
  /** Duration such as `10s`. */
  per: string;
  unit?: string;
  /** False where the vendor states no limit and this is our own caution. */
  documented: boolean;
}

/** Data only: identity, budgets, schedules. */
export interface Manifest {
  platform: string;
  displayName: string;
  capabilities: CapabilityName[];
  budgets: Record<string, BudgetSpec>;
  /** Calls of one connection and replica that may be under way at once, all classes together; default by class alone. */
  inFlight?: number;
  /** Durations, by name; a connection's settings may override one as `schedules.<name>`. */
  schedules: { discover: string; follow: string } & Record<string, string>;
}

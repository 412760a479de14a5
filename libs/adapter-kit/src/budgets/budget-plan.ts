import { InvalidRequestError } from '@tributary/contracts';
import { parseDuration } from '@tributary/runtime';
import { type BudgetSpec, type Lane, lanes } from '../contract.ts';

/** Log-ins go before everything: without them nothing else goes. */
export const budgetLanes = ['auth', ...lanes] as const;
export type BudgetLane = 'auth' | Lane;

/** Smaller is more urgent. */
export const urgency: Record<BudgetLane, number> = {
  auth: 0,
  command: 1,
  interactive: 2,
  live: 3,
  reconcile: 4,
  backfill: 5,
};

/** Shares of a budget that no other lane may use. */
export const reservedShare: Partial<Record<BudgetLane, number>> = { command: 0.25, auth: 0.1 };

/**
 * A unit counts from when we let the call go, the platform counts from when it arrives: two calls that we sent a
 * window apart may arrive closer together. So each unit is held a little longer than the window.
 */
const SLACK_SHARE = 0.05;
const MAX_SLACK_MS = 500;

export interface BudgetLimit {
  name: string;
  unit: string;
  limit: number;
  /** The window that the platform states. */
  windowMs: number;
  /** How long a unit counts with us. */
  countedMs: number;
  documented: boolean;
}

/** Reads the manifest's budgets. Throws `RangeError` for a limit that is not above zero or a duration without unit. */
export function budgetLimits(specs: Record<string, BudgetSpec>): BudgetLimit[] {
  return Object.entries(specs).map(([name, spec]) => {
    if (!(spec.limit > 0 && Number.isFinite(spec.limit))) throw new RangeError(`budget ${name}: limit must be above 0`);
    const windowMs = parseDuration(spec.per);
    if (windowMs < 1) throw new RangeError(`budget ${name}: the window must be at least 1ms`);
    return {
      name,
      unit: spec.unit ?? 'requests',
      limit: spec.limit,
      windowMs,
      countedMs: windowMs + Math.min(MAX_SLACK_MS, Math.ceil(windowMs * SLACK_SHARE)),
      documented: spec.documented,
    };
  });
}

/** Units that a call spends: what it states, and one of each budget that counts requests. */
export function costOf(
  operation: string,
  limits: readonly BudgetLimit[],
  stated: Record<string, number> = {},
): Map<string, number> {
  const cost = new Map<string, number>();
  for (const { name, unit, limit } of limits) {
    const units = stated[name] ?? (unit === 'requests' ? 1 : 0);
    if (!(units >= 0 && units <= limit)) {
      throw new InvalidRequestError(`${operation}: costs more of the budget ${name} than it ever holds`);
    }
    if (units > 0) cost.set(name, units);
  }
  for (const name of Object.keys(stated)) {
    if (!limits.some((limit) => limit.name === name)) {
      throw new InvalidRequestError(`${operation}: the manifest has no budget ${name}`);
    }
  }
  return cost;
}

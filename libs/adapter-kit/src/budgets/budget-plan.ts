import { InvalidRequestError } from '@tributary/contracts';
import { parseDuration } from '@tributary/runtime';
import { type BudgetSpec, type Lane, lanes, type ReservedShares } from '../contract.ts';

/** Log-ins go before everything: without them nothing else goes. */
export const budgetLanes = ['auth', ...lanes] as const;
export type BudgetLane = 'auth' | Lane;

/** Smaller is more urgent. */
export const urgency: Record<BudgetLane, number> = {
  auth: 0,
  command: 1,
  interactive: 2,
  live: 3,
  'pass-through': 4,
  reconcile: 5,
  backfill: 6,
};

/** Shares of a budget that no other lane may use, unless a budget says otherwise. */
export const reservedShare: ReservedShares = { command: 0.25, auth: 0.1 };
/** What is reserved in a budget, for whom. */
export const reservationsOf = ({ reserved = reservedShare }: Pick<BudgetLimit, 'reserved'>) =>
  Object.entries(reserved).map(([key, share]) => ({ lanes: key.split('+') as BudgetLane[], share }));

/** A lane whose callers we do not know gets no more than this share of a budget and of the places of a class. */
export const largestShare: Partial<Record<BudgetLane, number>> = { 'pass-through': 0.5 };

/** What the platform's own meter counts beyond our calls: another program uses the same credential. */
export const ELSEWHERE = 'elsewhere';
export type SpendingLane = BudgetLane | typeof ELSEWHERE;
export const spendingLanes = [...budgetLanes, ELSEWHERE] as const;

/**
 * A unit counts from when we let the call go, the platform counts from when it arrives: two calls that we sent a
 * window apart may arrive closer together. So each unit is held a little longer than the window.
 */
const SLACK_SHARE = 0.05;
const MAX_SLACK_MS = 500;

export interface BudgetLimit {
  name: string;
  unit: string;
  /** What we allow ourselves. */
  limit: number;
  /** What the platform states, where we allow ourselves less. */
  statedLimit?: number;
  /** The window that the platform states. */
  windowMs: number;
  /** How long a unit counts with us. */
  countedMs: number;
  documented: boolean;
  /** Shares by lane in place of `reservedShare`. */
  reserved?: ReservedShares;
  /** After the platform said that it was too much, we rest until our oldest call of the window is over. */
  waitForOldest?: boolean;
  /** And go at half the pace for so long; absent: growing back by a twentieth a minute. */
  slowForMs?: number;
}

/** Reads the manifest's budgets. Throws `RangeError` for a limit that is not above zero or a duration without unit. */
export function budgetLimits(specs: Record<string, BudgetSpec>): BudgetLimit[] {
  return Object.entries(specs).map(([name, spec]) => {
    if (!(spec.limit > 0 && Number.isFinite(spec.limit))) throw new RangeError(`budget ${name}: limit must be above 0`);
    const windowMs = parseDuration(spec.per);
    if (windowMs < 1) throw new RangeError(`budget ${name}: the window must be at least 1ms`);
    const limit = spec.use ?? spec.limit;
    if (!(limit > 0 && limit <= spec.limit)) throw new RangeError(`budget ${name}: use must be within the limit`);
    return {
      name,
      unit: spec.unit ?? 'requests',
      limit,
      ...(limit === spec.limit ? {} : { statedLimit: spec.limit }),
      windowMs,
      countedMs: windowMs + Math.min(MAX_SLACK_MS, Math.ceil(windowMs * SLACK_SHARE)),
      documented: spec.documented,
      ...(spec.reserved ? { reserved: spec.reserved } : {}),
      ...(spec.afterLimit ? { waitForOldest: true, slowForMs: parseDuration(spec.afterLimit.slowFor) } : {}),
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

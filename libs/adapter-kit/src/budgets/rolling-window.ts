import { type BudgetLane, type BudgetLimit, reservedShare } from './budget-plan.ts';

interface Spending {
  id: string;
  atMs: number;
  lane: BudgetLane;
  units: number;
}

const reservedLanes = Object.entries(reservedShare) as [BudgetLane, number][];
/** Sums of fractions shall not refuse what fits exactly. */
const EPSILON = 1e-6;
const SMALLEST_FACTOR = 0.1;
const FACTOR_PER_MINUTE = 0.05;
const MINUTE_MS = 60_000;
const MAX_UNTOLD_HOLD_MS = 10_000;

/** One budget's rolling window: an exact log of what was spent when. Pure: the caller brings the time. */
export class RollingWindow {
  readonly limit: BudgetLimit;
  #spendings: Spending[] = [];
  #heldUntilMs = Number.NEGATIVE_INFINITY;
  #factor = 1;
  #factorSinceMs = Number.NEGATIVE_INFINITY;

  constructor(limit: BudgetLimit) {
    this.limit = limit;
  }

  /** 0 if `units` fit now for this lane, else how long until they might. */
  waitMs(nowMs: number, lane: BudgetLane, units: number): number {
    this.#forget(nowMs);
    if (nowMs < this.#heldUntilMs) return this.#heldUntilMs - nowMs;
    const limit = this.effectiveLimit(nowMs);
    const left = sums(this.#spendings);
    if (this.#spendings.length === 0 || fits(left, limit, lane, units)) return 0;
    for (const [index, oldest] of this.#spendings.entries()) {
      left[oldest.lane] = (left[oldest.lane] ?? 0) - oldest.units;
      const last = index === this.#spendings.length - 1;
      if (last || fits(left, limit, lane, units)) return oldest.atMs + this.limit.countedMs - nowMs;
    }
    return 0;
  }

  spend(nowMs: number, id: string, lane: BudgetLane, units: number): void {
    this.#insert({ id, atMs: nowMs, lane, units });
  }

  correct(nowMs: number, grant: { id: string; atMs: number; lane: BudgetLane }, units: number): void {
    this.#spendings = this.#spendings.filter((spending) => spending.id !== grant.id);
    if (units > 0 && grant.atMs + this.limit.countedMs > nowMs) {
      this.#insert({ id: grant.id, atMs: grant.atMs, lane: grant.lane, units });
    }
  }

  limited(nowMs: number, holdMs: number | undefined): void {
    // Calls that were under way together are refused together: that is one refusal, not several.
    if (nowMs - this.#factorSinceMs >= this.limit.windowMs) {
      this.#factor = Math.max(SMALLEST_FACTOR, this.#factorAt(nowMs) / 2);
      this.#factorSinceMs = nowMs;
    }
    const hold = holdMs ?? Math.min(this.limit.windowMs, MAX_UNTOLD_HOLD_MS);
    this.#heldUntilMs = Math.max(this.#heldUntilMs, nowMs + hold);
  }

  effectiveLimit(nowMs: number): number {
    const factor = this.#factorAt(nowMs);
    return factor === 1 ? this.limit.limit : Math.max(Math.min(1, this.limit.limit), this.limit.limit * factor);
  }

  heldForMs(nowMs: number): number {
    return Math.max(0, this.#heldUntilMs - nowMs);
  }

  byLane(nowMs: number): Partial<Record<BudgetLane, number>> {
    this.#forget(nowMs);
    return sums(this.#spendings);
  }

  #factorAt(nowMs: number): number {
    if (this.#factor === 1) return 1;
    const cleanMinutes = Math.floor((nowMs - this.#factorSinceMs) / MINUTE_MS);
    return Math.min(1, this.#factor + cleanMinutes * FACTOR_PER_MINUTE);
  }

  #insert(spending: Spending): void {
    const after = this.#spendings.findIndex((other) => other.atMs > spending.atMs);
    if (after === -1) this.#spendings.push(spending);
    else this.#spendings.splice(after, 0, spending);
  }

  #forget(nowMs: number): void {
    const first = this.#spendings.findIndex((spending) => spending.atMs + this.limit.countedMs > nowMs);
    if (first === -1) this.#spendings = [];
    else if (first > 0) this.#spendings = this.#spendings.slice(first);
  }
}

function sums(spendings: readonly Spending[]): Partial<Record<BudgetLane, number>> {
  const byLane: Partial<Record<BudgetLane, number>> = {};
  for (const { lane, units } of spendings) byLane[lane] = (byLane[lane] ?? 0) + units;
  return byLane;
}

/**
 * Room within the limit, less what other lanes have reserved and not spent. (What is larger than a lane can ever get
 * goes when nothing else is being spent; the callers see to that.)
 */
function fits(byLane: Partial<Record<BudgetLane, number>>, limit: number, lane: BudgetLane, units: number): boolean {
  let used = units;
  for (const spent of Object.values(byLane)) used += spent;
  for (const [reserved, share] of reservedLanes) {
    if (reserved !== lane) used += Math.max(0, Math.floor(limit * share) - (byLane[reserved] ?? 0));
  }
  return used <= limit + EPSILON;
}

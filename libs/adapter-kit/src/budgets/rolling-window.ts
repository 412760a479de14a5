import {
  type BudgetLane,
  type BudgetLimit,
  ELSEWHERE,
  largestShare,
  reservationsOf,
  type SpendingLane,
} from './budget-plan.ts';
import type { MeterReading } from './budget-store.ts';

interface Spending {
  id: string;
  atMs: number;
  lane: SpendingLane;
  units: number;
}

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
  #meteredAtMs = Number.NEGATIVE_INFINITY;

  constructor(limit: BudgetLimit) {
    this.limit = limit;
  }

  /** 0 if `units` fit now for this lane, else how long until they might. */
  waitMs(nowMs: number, lane: BudgetLane, units: number): number {
    this.#forget(nowMs);
    if (nowMs < this.#heldUntilMs) return this.#heldUntilMs - nowMs;
    const limit = this.effectiveLimit(nowMs);
    const left = sums(this.#spendings);
    const fits = (): boolean => hasRoom(left, { limit, of: this.limit, lane, units });
    if (this.#spendings.length === 0 || fits()) return 0;
    for (const [index, oldest] of this.#spendings.entries()) {
      left[oldest.lane] = (left[oldest.lane] ?? 0) - oldest.units;
      const last = index === this.#spendings.length - 1;
      if (last || fits()) return oldest.atMs + this.limit.countedMs - nowMs;
    }
    return 0;
  }

  spend(nowMs: number, id: string, lane: SpendingLane, units: number): void {
    this.#insert({ id, atMs: nowMs, lane, units });
  }

  correct(nowMs: number, grant: { id: string; atMs: number; lane: BudgetLane }, units: number): void {
    this.#spendings = this.#spendings.filter((spending) => spending.id !== grant.id);
    if (units > 0 && grant.atMs + this.limit.countedMs > nowMs) {
      this.#insert({ id: grant.id, atMs: grant.atMs, lane: grant.lane, units });
    }
  }

  /** What is counted of our own calls. */
  spent(nowMs: number): number {
    this.#forget(nowMs);
    return this.#ours().reduce((sum, { units }) => sum + units, 0);
  }

  /** `spent`: what was counted of ours when the call was let go, itself included. */
  metered(nowMs: number, call: { id: string; atMs: number; spent: number }, reading: MeterReading): void {
    // Answers overtake each other: an older reading knows less.
    if (call.atMs < this.#meteredAtMs) return;
    this.#meteredAtMs = call.atMs;
    this.#forget(nowMs);
    const ours = this.#ours();
    const index = ours.findIndex(({ id }) => id === call.id);
    const after = index === -1 ? ours.filter(({ atMs }) => atMs > call.atMs) : ours.slice(index + 1);
    const since = after.reduce((sum, { units }) => sum + units, 0);
    const units = elsewhere(reading, Math.max(this.spent(nowMs), call.spent + since), this.limit);
    this.#spendings = this.#spendings.filter(({ lane }) => lane !== ELSEWHERE);
    if (units > 0) this.#insert({ id: ELSEWHERE, atMs: nowMs, lane: ELSEWHERE, units });
  }

  /** Answers how long nothing goes, where the budget's plan is to send again what was refused. */
  limited(nowMs: number, holdMs: number | undefined): number | undefined {
    // Calls that were under way together are refused together: that is one refusal, not several.
    if (nowMs - this.#factorSinceMs >= this.limit.windowMs) {
      this.#factor = Math.max(SMALLEST_FACTOR, this.#factorAt(nowMs) / 2);
      this.#factorSinceMs = nowMs;
    }
    const hold = holdMs ?? this.#untoldHoldMs(nowMs);
    this.#heldUntilMs = Math.max(this.#heldUntilMs, nowMs + hold);
    return this.limit.waitForOldest ? this.#heldUntilMs - nowMs : undefined;
  }

  effectiveLimit(nowMs: number): number {
    const factor = this.#factorAt(nowMs);
    return factor === 1 ? this.limit.limit : Math.max(Math.min(1, this.limit.limit), this.limit.limit * factor);
  }

  heldForMs(nowMs: number): number {
    return Math.max(0, this.#heldUntilMs - nowMs);
  }

  byLane(nowMs: number): Partial<Record<SpendingLane, number>> {
    this.#forget(nowMs);
    return sums(this.#spendings);
  }

  #factorAt(nowMs: number): number {
    if (this.#factor === 1) return 1;
    const { slowForMs } = this.limit;
    if (slowForMs !== undefined) return nowMs - this.#factorSinceMs >= slowForMs ? 1 : this.#factor;
    const cleanMinutes = Math.floor((nowMs - this.#factorSinceMs) / MINUTE_MS);
    return Math.min(1, this.#factor + cleanMinutes * FACTOR_PER_MINUTE);
  }

  #untoldHoldMs(nowMs: number): number {
    const windowMs = Math.min(this.limit.windowMs, MAX_UNTOLD_HOLD_MS);
    if (!this.limit.waitForOldest) return windowMs;
    this.#forget(nowMs);
    const [oldest] = this.#ours();
    return oldest ? Math.min(windowMs, oldest.atMs + this.limit.countedMs - nowMs) : windowMs;
  }

  #ours(): Spending[] {
    return this.#spendings.filter(({ lane }) => lane !== ELSEWHERE);
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

/** What the platform counts beyond our own calls, and what it allows less than it states. */
export function elsewhere({ spent, limit }: MeterReading, ours: number, of: BudgetLimit): number {
  const stated = of.statedLimit ?? of.limit;
  return Math.max(0, spent - ours) + Math.max(0, stated - (limit ?? stated));
}

function sums(spendings: readonly Spending[]): Partial<Record<SpendingLane, number>> {
  const byLane: Partial<Record<SpendingLane, number>> = {};
  for (const { lane, units } of spendings) byLane[lane] = (byLane[lane] ?? 0) + units;
  return byLane;
}

interface Asked {
  /** In force now. */
  limit: number;
  of: BudgetLimit;
  lane: BudgetLane;
  units: number;
}

/**
 * Room within the limit, less what other lanes have reserved and not spent. (What is larger than a lane can ever get
 * goes when nothing else is being spent; the callers see to that.)
 */
function hasRoom(byLane: Partial<Record<SpendingLane, number>>, { limit, of, lane, units }: Asked): boolean {
  let used = units;
  for (const spent of Object.values(byLane)) used += spent;
  for (const { lanes, share } of reservationsOf(of)) {
    const taken = lanes.reduce((sum, each) => sum + (byLane[each] ?? 0), 0);
    if (!lanes.includes(lane)) used += Math.max(0, Math.floor(limit * share) - taken);
  }
  return used <= limit + EPSILON && (byLane[lane] ?? 0) + units <= largestOf(limit, lane) + EPSILON;
}

/** Never less than one unit. */
function largestOf(limit: number, lane: BudgetLane): number {
  const share = largestShare[lane];
  return share === undefined ? limit : Math.max(Math.min(1, limit), Math.floor(limit * share));
}

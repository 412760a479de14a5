import type { Json, Point } from '@tributary/contracts';
import type { PointValue } from '../../contract.ts';

/** Why an item is not published. Names of the account, so they never change. */
export const setAsideReasons = [
  'no-value',
  'not-a-number',
  'not-json',
  'bad-signal',
  'bad-time',
  'future-time',
  'too-large',
  'bad-item',
] as const;
export type SetAsideReason = (typeof setAsideReasons)[number];

const DAY_MS = 86_400_000;
const SUSPECT_MS = 300_000;
/** RFC 3339 has four digits for the year. */
const FIRST_MS = Date.UTC(-1, 11, 31) + DAY_MS * 366;
const MAX_DEPTH = 32;

export type CheckedPoint =
  | { ok: true; point: Point; tsMs: number; suspect: boolean }
  | { ok: false; reason: SetAsideReason };

/**
 * A point as it may travel, or the reason why not. A time of more than 24 h ahead is set aside, of more than 5 min is
 * marked suspect; a missing time is stamped with `nowMs` (milliseconds since 1970).
 */
export function checkPoint(given: PointValue, nowMs: number): CheckedPoint {
  if (typeof given.signal !== 'string' || given.signal.length < 1 || given.signal.length > 256) {
    return { ok: false, reason: 'bad-signal' };
  }
  const problem = valueProblem(given.value);
  if (problem) return { ok: false, reason: problem };
  const tsMs = Math.floor(given.tsMs ?? nowMs);
  if (!Number.isFinite(tsMs) || tsMs < FIRST_MS) return { ok: false, reason: 'bad-time' };
  if (tsMs > nowMs + DAY_MS) return { ok: false, reason: 'future-time' };
  const unit = given.unit && given.unit.length <= 64 ? { unit: given.unit } : {};
  const point: Point = { signal: given.signal, ts: new Date(tsMs).toISOString(), value: given.value, ...unit };
  return { ok: true, point, tsMs, suspect: tsMs > nowMs + SUSPECT_MS };
}

function valueProblem(value: unknown): SetAsideReason | undefined {
  if (value === null || value === undefined) return 'no-value';
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'not-a-number';
  return isJson(value, 0) ? undefined : 'not-json';
}

/** Would it survive JSON unchanged? */
export function isJson(value: unknown, depth: number): value is Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every((item) => isJson(item, depth + 1));
}

import type { Identity, PointFacts, TrueFact } from './facts.ts';

export interface Comparison {
  expected: number;
  stored: number;
  missing: string[];
  /** Missing, and told to be. */
  excused: string[];
  wrong: string[];
  /** Values that still held, told again at the time of a later message. */
  held: number;
  /** Stored, and never produced. */
  phantom: string[];
}

/** For looking up; made for each of many thousand points. */
export const keyOf = ({ device, signal, ts }: Identity): string => `${device} ${signal} ${ts}`;
/** For people. */
export const nameOf = ({ device, signal, ts }: Identity): string => `${device} ${signal} ${new Date(ts).toISOString()}`;

/** Keys of an object in one order: databases keep them in their own. */
function canonical(value: unknown): string {
  if (typeof value !== 'object') return typeof value === 'string' ? JSON.stringify(value) : String(value);
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Facts do not change: several promises ask for the same comparison. */
const compared = new WeakMap<PointFacts, Comparison>();

/** What is stored of a connection against what its platform produced. */
export function comparePoints(facts: PointFacts): Comparison {
  const known = compared.get(facts) ?? compare(facts);
  compared.set(facts, known);
  return known;
}

function compare(facts: PointFacts): Comparison {
  const left = new Map(facts.stored.map((point) => [keyOf(point), point]));
  const result: Comparison = {
    expected: 0,
    stored: left.size,
    missing: [],
    excused: [],
    wrong: [],
    held: 0,
    phantom: [],
  };
  for (const point of facts.truth) {
    const key = keyOf(point);
    result.expected += 1;
    const stored = left.get(key);
    if (!stored) (isExcused(point, facts) ? result.excused : result.missing).push(nameOf(point));
    else if (canonical(stored.value) !== canonical(point.value))
      result.wrong.push(`${nameOf(point)}: stored ${canonical(stored.value)}, produced ${canonical(point.value)}`);
    left.delete(key);
  }
  const holds = facts.tellsWhatHolds ? standing(facts.truth) : () => false;
  for (const point of left.values()) {
    if (holds(point)) result.held += 1;
    else result.phantom.push(nameOf(point));
  }
  return result;
}

/**
 * Whether a point repeats, at the time of a message of its device, what its series last was before; or is what the
 * platform knew of the device before it produced anything.
 */
function standing(truth: readonly TrueFact[]): (point: TrueFact) => boolean {
  const series = Map.groupBy(truth, ({ device, signal }) => `${device} ${signal}`);
  const begun = new Map<string, number>();
  for (const { device, ts } of truth) begun.set(device, Math.min(ts, begun.get(device) ?? ts));
  const messages = new Set(truth.map(({ device, ts }) => `${device} ${ts}`));
  return ({ device, signal, ts, value }) => {
    if (ts < (begun.get(device) ?? Number.NEGATIVE_INFINITY)) return true;
    const before = (series.get(`${device} ${signal}`) ?? []).filter((one) => one.ts < ts);
    const last = before.reduce<TrueFact | undefined>((late, one) => (late && late.ts > one.ts ? late : one), undefined);
    return messages.has(`${device} ${ts}`) && last !== undefined && canonical(last.value) === canonical(value);
  };
}

function isExcused({ device, ts }: Identity, { gaps, replaysNothing, spacesOf }: PointFacts): boolean {
  if (!replaysNothing) return false;
  return gaps.some(
    (gap) =>
      ts >= gap.fromMs - replaysNothing.lateMs &&
      ts < gap.toMs &&
      (gap.device ?? device) === device &&
      (gap.space === undefined || spacesOf.get(device)?.has(gap.space) === true),
  );
}

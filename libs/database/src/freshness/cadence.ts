/** One stored point of a series: the source's time, milliseconds since 1970, and the message that brought it. */
export interface Arrival {
  tsMs: number;
  /** Greater for a message that came later. */
  message: number;
}

/** A time in which nothing came and something was missed; milliseconds since 1970. */
export interface Interruption {
  fromMs: number;
  toMs: number;
}

/** How often something comes. Milliseconds. */
export interface Cadence {
  /** The usual interval. */
  everyMs: number;
  /** One in twenty intervals is longer than this. */
  slowMs: number;
  /** Intervals that it was learned from. */
  samples: number;
}

/** Fewer intervals than these teach nothing. */
export const LEAST_SAMPLES = 5;
/** Points that are looked at; more would make a change of habit slow to learn. */
export const MOST_ARRIVALS = 48;
/** And where those came all in one pile. */
export const MOST_OF_PILES = 2_000;

/**
 * Learns from the newest points of a series, in any order. Undefined where they are too few.
 *
 * A point teaches only if it was the newest when it came: what was late, and what a repair or a backfill has filled in
 * behind it, does not count. A message is one arrival, so that a source which sends a pile every hour is expected every
 * hour, however close the times within the pile are; nobody's clock but the source's is needed for that. A few long intervals (a night, an outage) among
 * regular ones change nothing; where long intervals are many, they are what is expected. An interval that was noticed as
 * an interruption is nobody's habit.
 */
export function learnCadence(
  arrivals: readonly Arrival[],
  interruptions: readonly Interruption[] = [],
): Cadence | undefined {
  const taught = newestOnArrival(arrivals);
  const between = gaps(
    taught.map(({ tsMs }) => tsMs),
    interruptions,
  ).filter((gap) => gap > 0);
  const apart = gaps(newestOfEach(taught), interruptions);
  const samples = between.length;
  // One pile alone may be history that was read in one go: nothing is known of when the next comes.
  if (samples < LEAST_SAMPLES || apart.length === 0) return undefined;
  // Of a few arrivals the longest wait counts.
  const usual = apart.length >= LEAST_SAMPLES ? 0.5 : 1;
  return {
    everyMs: whole(Math.max(quantile(between, 0.5), quantile(apart, usual))),
    // A range that was read again after a restart came in one message: that happens once, and is no slow arrival.
    slowMs: whole(Math.max(quantile(between, 0.95), quantile(apart, usual))),
    samples,
  };
}

/** A source may be slower by half, with a tenth of jitter and some of ours, before it counts as silent. */
const SLOWER = 1.75;
/** Who is irregular anyway may be slower than in nineteen of twenty cases. */
const SLOWER_THAN_SLOW = 1.5;
/** Our own part of the way. */
const OWN_WAY_MS = 1_000;
/** What is fetched may have been sent just after a round began. */
const LEAST_ROUNDS = 2;

/**
 * How long nothing may come: one and three quarters of the usual interval, or one and a half of the slow ones; of what is
 * fetched, as many whole rounds of the poll as that takes; and a second for our own part of the way. Milliseconds.
 */
export function staleAfterMs({ everyMs, slowMs }: Pick<Cadence, 'everyMs' | 'slowMs'>, pollEveryMs = 0): number {
  const sendsMs = Math.max(SLOWER * everyMs, SLOWER_THAN_SLOW * slowMs);
  const rounds = pollEveryMs > 0 ? Math.max(LEAST_ROUNDS, Math.ceil(sendsMs / pollEveryMs)) : 0;
  return whole(Math.max(sendsMs, rounds * pollEveryMs) + OWN_WAY_MS);
}

function newestOnArrival(arrivals: readonly Arrival[]): Arrival[] {
  const byTime = arrivals.toSorted((a, b) => a.tsMs - b.tsMs || a.message - b.message);
  let newerCameWith = Number.POSITIVE_INFINITY;
  const kept: Arrival[] = [];
  for (const arrival of byTime.toReversed()) {
    if (arrival.message > newerCameWith) continue;
    newerCameWith = arrival.message;
    kept.push(arrival);
  }
  return kept.reverse();
}

/** The last time of each message; both are in order. */
const newestOfEach = (taught: readonly Arrival[]): number[] =>
  taught.filter(({ message }, i) => taught[i + 1]?.message !== message).map(({ tsMs }) => tsMs);

function gaps(times: readonly number[], interruptions: readonly Interruption[]): number[] {
  return times.slice(1).flatMap((to, i) => {
    const from = times[i] ?? to;
    const lost = interruptions.some(
      ({ fromMs, toMs }) => Math.min(to, toMs) - Math.max(from, fromMs) > (to - from) / 2,
    );
    return lost ? [] : [to - from];
  });
}

/** The smallest value that at least this share does not exceed; 0 of nothing. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** What fits a column, and is a duration. */
const whole = (ms: number): number => Math.min(2_147_483_647, Math.max(1, Math.round(ms)));

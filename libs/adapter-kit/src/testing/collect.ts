import type { Checkpoint, CoveredSpan, NativeId, Observation, PointValue, Poll } from '../contract.ts';
import type { Connected } from './connect-adapter.ts';

/** A signal that is never given. */
export const never: AbortSignal = new AbortController().signal;

export async function collect<T>(source: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

/** One run of a poll to its end: all it gave, and where the next one is to begin. */
export async function run(poll: Poll | undefined, from?: Checkpoint) {
  const pages = poll ? await collect(poll.run(from, never)) : [];
  const observations: Observation[] = pages.flatMap((page) => page.items);
  const covers = pages.flatMap((page) => page.covers ?? []);
  return { observations, covers, checkpoint: pages.findLast((page) => page.checkpoint)?.checkpoint ?? from };
}

/** Native ids of a finished discovery, which the kit is told as the process would tell it. */
export async function discover({ adapter, access }: Connected): Promise<NativeId[]> {
  const pages = await collect(adapter.devices?.discover(never) ?? []);
  const ids = pages.flatMap((page) => page.items.map(({ nativeId }) => nativeId));
  access.rememberDevices(ids);
  return ids;
}

/** Points by device, signal and time; the last of an identity wins, as it does downstream. */
export function pointsBy(
  observations: readonly Observation[],
  points = new Map<string, PointValue['value']>(),
): Map<string, PointValue['value']> {
  for (const observation of observations) {
    if (observation.type !== 'points') continue;
    for (const { signal, tsMs, value } of observation.points)
      points.set(`${observation.device}|${signal}|${tsMs}`, value);
  }
  return points;
}

interface Truth<F> {
  points(filter?: F): Iterable<{ device: string; signal: string; ts: number; value: unknown }>;
}

/** What a simulator knows to be true, in the form of `pointsBy`. */
export const truthBy = <F>({ truth }: { truth: Truth<F> }, filter?: F): Map<string, unknown> =>
  new Map([...truth.points(filter)].map(({ device, signal, ts, value }) => [`${device}|${signal}|${ts}`, value]));

/** Points that have not come, or with another value. */
export const missingOf = (expected: ReadonlyMap<string, unknown>, found: ReadonlyMap<string, unknown>): string[] =>
  [...expected].filter(([key, value]) => JSON.stringify(found.get(key)) !== JSON.stringify(value)).map(([key]) => key);

/**
 * Points of a stretch that was said to be covered whole, which did not come or came with another value: must be none. What
 * is said of fewer devices or signals is an exception; `covers` are in the order in which they were said.
 */
export function unkept(
  covers: readonly CoveredSpan[],
  expected: ReadonlyMap<string, unknown>,
  found: ReadonlyMap<string, unknown>,
): string[] {
  const claimed = new Map([...expected].filter(([key]) => isClaimed(covers, key)));
  return missingOf(claimed, found);
}

/** Points of a stretch that was said to be covered whole. */
export function isClaimed(covers: readonly CoveredSpan[], key: string): boolean {
  const [device, signal, ts] = key.split('|');
  const width = (span: CoveredSpan) => (span.device === undefined ? 2 : 0) + (span.signal === undefined ? 1 : 0);
  const speaking = covers.filter(
    (span) =>
      (span.device ?? device) === device &&
      (span.signal ?? signal) === signal &&
      span.fromMs <= Number(ts) &&
      Number(ts) < span.toMs,
  );
  const narrowest = Math.min(...speaking.map(width));
  const last = speaking.findLast((span) => width(span) === narrowest);
  return last !== undefined && (last.state ?? 'complete') === 'complete';
}

/** What the work fails with; undefined where it does not. */
export const failureOf = (work: Promise<unknown> | undefined): Promise<unknown> =>
  Promise.resolve(work).then(
    () => undefined,
    (error: unknown) => error,
  );

import type { Cadence } from './cadence.ts';
import { staleAfterMs } from './cadence.ts';

export interface WatchedSeries {
  id: number;
  /** When its newest point was stored; milliseconds since 1970. */
  observedMs: number;
  cadence?: Cadence | undefined;
}

/** What is known of a device when the watch looks at it. Times are milliseconds since 1970. */
export interface WatchedDevice {
  series: readonly WatchedSeries[];
  /** Said by the platform. */
  declaredMs?: number | undefined;
  /** Said by a setting of the connection: so long it may be silent. */
  settingMs?: number | undefined;
  pollEveryMs?: number | undefined;
  /** Nobody is blamed for what was before: the watch began then, or the connection was changed. */
  notBeforeMs: number;
}

export interface Verdict {
  /** When something last came. */
  sinceMs: number;
  everyMs: number;
  staleAfterMs: number;
  source: 'declared' | 'learned' | 'setting';
  silent: boolean;
  /** When it is silent if nothing comes until then. */
  dueMs: number;
}

/** Undefined while nobody knows how often something comes. */
export function judge(device: WatchedDevice, nowMs: number): Verdict | undefined {
  const sinceMs = Math.max(...device.series.map(({ observedMs }) => observedMs));
  if (!Number.isFinite(sinceMs)) return undefined;
  const expected = expectedOf(device, sinceMs);
  if (!expected) return undefined;
  const dueMs = Math.max(sinceMs, device.notBeforeMs) + expected.staleAfterMs;
  return { sinceMs, ...expected, silent: nowMs >= dueMs, dueMs };
}

function expectedOf(
  device: WatchedDevice,
  sinceMs: number,
): Pick<Verdict, 'everyMs' | 'staleAfterMs' | 'source'> | undefined {
  const { declaredMs, settingMs, pollEveryMs } = device;
  const fastest = fastestAlive(device, sinceMs);
  if (settingMs !== undefined) {
    return { everyMs: declaredMs ?? fastest?.everyMs ?? settingMs, staleAfterMs: settingMs, source: 'setting' };
  }
  const cadence = declaredMs === undefined ? fastest : { everyMs: declaredMs, slowMs: declaredMs };
  if (!cadence) return undefined;
  const source = declaredMs === undefined ? 'learned' : 'declared';
  return { everyMs: cadence.everyMs, staleAfterMs: staleAfterMs(cadence, pollEveryMs), source };
}

/** Of the series that were alive when something last came: one that ended long ago must not make the others late. */
function fastestAlive({ series, pollEveryMs }: WatchedDevice, sinceMs: number): Cadence | undefined {
  const alive = series.flatMap(({ cadence, observedMs }) =>
    cadence && observedMs + staleAfterMs(cadence, pollEveryMs) >= sinceMs ? [cadence] : [],
  );
  return alive.toSorted((a, b) => staleAfterMs(a) - staleAfterMs(b))[0];
}

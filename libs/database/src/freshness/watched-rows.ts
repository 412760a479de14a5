import type { Json, Link } from '@tributary/contracts';
import { parseDuration } from '@tributary/runtime';
import { milliseconds } from '../telemetry/value-columns.ts';
import type { ConnectionFacts } from './broken-link.ts';
import type { Cadence } from './cadence.ts';
import type { SilentDevice } from './silence-events.ts';
import type { WatchedDevice } from './verdict.ts';

/** A device whose time has come to be looked at. */
export interface DueDevice extends SilentDevice, Omit<WatchedDevice, 'series'> {
  series: { id: number; observedMs: number; cadence?: Cadence; learnedMs?: number }[];
  /** Number of silences so far. */
  silences: number;
  /** While it is silent: when something last came, as it was noticed. */
  silentSinceMs: number | undefined;
  /** And why, as it was last written. */
  silentLink: Link | undefined;
  /** Nothing is expected of a connection that is paused or gone, nor of a device that is gone. */
  expected: boolean;
  firstSeenMs: number;
  adapter: (ConnectionFacts & { seenMs: number }) | undefined;
}

interface SeriesPart {
  id: number;
  observedMs: number;
  everyMs: number | null;
  slowMs: number | null;
  samples: number | null;
  learnedMs: number | null;
}

export interface DueRow {
  device_id: string;
  native_id: string;
  workspace_id: string;
  connection_id: string;
  platform: string;
  declared_ms: number | null;
  silent_since_ms: number | null;
  silent_link: Link | null;
  silences: number;
  expected: boolean;
  changed_ms: number;
  first_seen_ms: number;
  freshness: Json;
  evidence: ConnectionFacts | null;
  seen_ms: number | null;
  series: SeriesPart[] | null;
}

/** $1: how many. Those that are due longest come first. */
export const DUE = `
  select w.device_id, d.native_id, w.workspace_id, d.connection_id, d.platform, d.reports_every_ms as declared_ms,
    o.since_ms as silent_since_ms, o.link as silent_link, w.silences, ${milliseconds('d.first_seen_at')} as first_seen_ms,
    not c.paused and c.removed_at is null and d.state <> 'removed' as expected,
    ${milliseconds('c.updated_at')} as changed_ms, c.settings -> 'freshness' as freshness,
    e.evidence, ${milliseconds('e.seen_at')} as seen_ms, s.series
  from (select * from device_watch where look_at <= now() order by look_at limit $1) w
  join device d on d.id = w.device_id
  join connection c on c.id = d.connection_id
  left join connection_evidence e on e.connection_id = c.id
  left join lateral (
    select ${milliseconds('o.since')} as since_ms, o.link from device_silence o
    where w.silent and o.device_id = w.device_id and o.number = w.silences and o.until is null
  ) o on true
  left join lateral (
    select jsonb_agg(jsonb_build_object('id', s.id, 'observedMs', ${milliseconds('l.observed_at')},
      'everyMs', k.every_ms, 'slowMs', k.slow_ms, 'samples', k.samples,
      'learnedMs', ${milliseconds('k.learned_at')})) as series
    from series s join series_latest l on l.series_id = s.id left join series_cadence k on k.series_id = s.id
    where s.device_id = w.device_id
  ) s on true`;

export function dueDevice(row: DueRow, beganMs: number): DueDevice {
  const settingMs = settingOf(row.freshness, row.native_id);
  return {
    deviceId: row.device_id,
    nativeId: row.native_id,
    workspace: row.workspace_id,
    connectionId: row.connection_id,
    platform: row.platform,
    series: (row.series ?? []).map(seriesOf),
    ...(row.declared_ms === null ? {} : { declaredMs: row.declared_ms }),
    ...(settingMs === undefined ? {} : { settingMs }),
    ...(row.evidence?.pollEveryMs === undefined ? {} : { pollEveryMs: row.evidence.pollEveryMs }),
    notBeforeMs: Math.max(beganMs, row.changed_ms),
    silences: row.silences,
    silentSinceMs: row.silent_since_ms ?? undefined,
    silentLink: row.silent_link ?? undefined,
    expected: row.expected,
    firstSeenMs: row.first_seen_ms,
    adapter: row.evidence && row.seen_ms !== null ? { ...row.evidence, seenMs: row.seen_ms } : undefined,
  };
}

function seriesOf({ id, observedMs, everyMs, slowMs, samples, learnedMs }: SeriesPart): DueDevice['series'][number] {
  if (everyMs === null || slowMs === null || samples === null) return { id, observedMs };
  return { id, observedMs, cadence: { everyMs, slowMs, samples }, ...(learnedMs === null ? {} : { learnedMs }) };
}

/** `settings.freshness`: `staleAfter` for all devices, `devices` by native id; durations such as 10m. */
export function settingOf(freshness: Json, nativeId: string): number | undefined {
  if (freshness === null || typeof freshness !== 'object' || Array.isArray(freshness)) return undefined;
  const { staleAfter, devices } = freshness;
  const own =
    devices !== null && typeof devices === 'object' && !Array.isArray(devices) ? devices?.[nativeId] : undefined;
  const text = own ?? staleAfter;
  if (typeof text !== 'string') return undefined;
  try {
    return parseDuration(text);
  } catch (error) {
    // The adapter refuses such a setting by name; the watch goes on with what it has learned.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

import { deviceId } from '@tributary/contracts';
import { type CoverageInterval, CoverageReader } from '@tributary/database';
import pg from 'pg';
import { keyOf, nameOf } from '../check/compare.ts';
import type { CoverageFacts, PointFacts, TrueFact } from '../check/facts.ts';
import type { World } from '../world/world.ts';

/** An end of some kind: read, or known not to be had. */
const EXPLAINED = new Set(['complete', 'partial', 'unrecoverable']);
/** Claims trail the present: a platform may show what is new only a while later. */
const TRAIL_MS = 60_000;

/** By the database's clock. */
const AHEAD = `
  select source || ' until ' || to_ts || ', stated at ' || stated_at as what from coverage_span
  where connection_id = $1 and to_ts > stated_at`;

/** What the house says of each device's time, held against what its platform produced. */
export async function collectCoverage(world: World, points: readonly PointFacts[]): Promise<CoverageFacts[]> {
  const pool = new pg.Pool({ connectionString: world.backings.postgres.url, max: 4 });
  try {
    const reader = new CoverageReader(pool);
    const facts: CoverageFacts[] = [];
    for (const one of points) {
      const ahead = await pool.query<{ what: string }>(AHEAD, [one.connection]);
      facts.push({ ...(await coverageOf(reader, one)), ahead: ahead.rows.map(({ what }) => what) });
    }
    return facts;
  } finally {
    await pool.end();
  }
}

async function coverageOf(
  reader: CoverageReader,
  { connection, platform, truth, stored }: PointFacts,
): Promise<Omit<CoverageFacts, 'ahead'>> {
  const devices = Map.groupBy(truth, ({ device }) => device);
  const times = truth.map(({ ts }) => ts);
  const fromMs = times.reduce((least, ts) => Math.min(least, ts), Number.POSITIVE_INFINITY);
  const toMs = times.reduce((most, ts) => Math.max(most, ts), Number.NEGATIVE_INFINITY);
  if (!(fromMs < toMs)) return { connection, platform, lies: [], open: [], holes: 0 };
  const ids = [...devices.keys()].map((device) => deviceId(connection, device));
  const intervals = await reader.intervals({ connectionId: connection, deviceIds: ids, fromMs, toMs });
  const there = new Set(stored.map(keyOf));
  const of = (device: string) => intervals.get(deviceId(connection, device)) ?? [];
  return {
    connection,
    platform,
    lies: truth
      .filter((point) => !there.has(keyOf(point)) && isComplete(of(point.device), point))
      .map((point) => `${nameOf(point)} is said to be there`),
    holes: [...devices.keys()].reduce((sum, device) => sum + holesOf(of(device)), 0),
    open: [...devices.keys()].flatMap((device) => openOf(of(device), toMs).map((one) => `${device}: ${describe(one)}`)),
  };
}

/**
 * What nobody explains, from the first claim on: what was before a connection was made is nobody's promise. A hole that is
 * stated is known: it is read again in its time, which is longer than a round.
 */
function openOf(intervals: readonly CoverageInterval[], endMs: number): CoverageInterval[] {
  return sinceFirstClaim(intervals).filter(
    ({ state, fromMs, source }) =>
      (state === 'missing' && source === undefined) || (state === 'pending' && fromMs < endMs - TRAIL_MS),
  );
}

const holesOf = (intervals: readonly CoverageInterval[]): number =>
  sinceFirstClaim(intervals).filter(({ state, source }) => state === 'missing' && source !== undefined).length;

const sinceFirstClaim = (intervals: readonly CoverageInterval[]): readonly CoverageInterval[] =>
  intervals.slice(
    Math.max(
      0,
      intervals.findIndex(({ state }) => EXPLAINED.has(state)),
    ),
  );

const isComplete = (intervals: readonly CoverageInterval[], { ts }: TrueFact): boolean =>
  intervals.some(({ fromMs, toMs, state }) => state === 'complete' && ts >= fromMs && ts < toMs);

const describe = ({ fromMs, toMs, state, source, reason }: CoverageInterval): string =>
  [state, new Date(fromMs).toISOString(), `${toMs - fromMs} ms`, source ?? '', reason ?? ''].join(' ');

import { CONSERVATION } from '../conservation/account-sql.ts';
import type { Queryable } from '../transaction.ts';
import { type Circumstances, type CoverageInterval, type Doubt, judge } from './judge.ts';
import { readRows, spacesOf } from './span-rows.ts';
import type { Scope, SpanRow, StatedState, Stretch } from './statement.ts';

export interface CoverageQuery extends Stretch {
  connectionId: string;
  deviceIds: readonly string[];
  /** Absent: every signal of the devices. */
  signal?: string | undefined;
}

/** A stretch that is known to be missing. */
export interface CoverageHole extends Scope, Stretch {
  id: string;
  workspace: string;
  connectionId: string;
  source: string;
  reason: string | null;
  statedAtMs: number;
}

export interface HolesQuery {
  connectionIds?: readonly string[];
  /** Only what was stated at least this long ago. */
  minAgeMs?: number;
  limit: number;
}

/** How much of a connection's time is not there; seconds, of every stretch stated, whomever it speaks for. */
export interface CoverageStanding {
  connectionId: string;
  missingSeconds: number;
  unrecoverableSeconds: number;
  /** Since when the oldest hole that is still open has been known. */
  oldestHoleAgeSeconds: number;
}

/** Sources that read what lies behind; the others go on with time. */
const OF_THE_PAST = 'backfill';

/** What is known of which stretches. A fenced pool shows what is the workspace's. */
export class CoverageReader {
  readonly #pool: Queryable;

  constructor(pool: Queryable) {
    this.#pool = pool;
  }

  /** Intervals that tile [from, to), for each of the devices; those that are not the connection's were never read. */
  async intervals(query: CoverageQuery): Promise<Map<string, CoverageInterval[]>> {
    const { connectionId, deviceIds, signal, fromMs, toMs } = query;
    const [rows, doubts, shared, live] = await Promise.all([
      this.#rows(query),
      this.#doubts(connectionId, query),
      this.#shared(connectionId),
      this.#liveUntil(query),
    ]);
    const spaces = await spacesOf(this.#pool, deviceIds);
    const judged = deviceIds.map((deviceId): [string, CoverageInterval[]] => {
      const around = [...(spaces.get(deviceId) ?? [])];
      const liveUntilMs = greatest(live.filter((one) => speaksOf(one, deviceId, around)).map(({ ms }) => ms));
      const subject = { deviceId, signal, spaces: around };
      return [deviceId, judge({ fromMs, toMs }, subject, { rows, doubts }, { ...shared, liveUntilMs })];
    });
    return new Map(judged);
  }

  /** Stretches that are missing and that nobody has made up for, the newest first. */
  async holes({ connectionIds, minAgeMs = 0, limit }: HolesQuery): Promise<CoverageHole[]> {
    const { rows } = await this.#pool.query<CoverageHole>(
      `select id::text as id, workspace_id as workspace, connection_id as "connectionId", device_id as "deviceId",
         space_id as "spaceId", signal, source, reason, ${ms('from_ts')} as "fromMs", ${ms('to_ts')} as "toMs",
         ${ms('stated_at')} as "statedAtMs"
       from coverage_span
       where state = 'missing' and ($1::text[] is null or connection_id = any($1))
         and stated_at <= now() - $2::float8 * interval '1 millisecond'
       order by to_ts desc, id desc limit $3`,
      [connectionIds ?? null, minAgeMs, limit],
    );
    return rows;
  }

  /** Of every connection that has any. */
  async standings(): Promise<CoverageStanding[]> {
    const seconds = (state: StatedState) =>
      `coalesce(sum(extract(epoch from s.to_ts - s.from_ts)) filter (where s.state = '${state}'), 0)::float8`;
    const { rows } = await this.#pool.query<CoverageStanding>(
      `select s.connection_id as "connectionId", ${seconds('missing')} as "missingSeconds",
         ${seconds('unrecoverable')} as "unrecoverableSeconds",
         coalesce(extract(epoch from now() - min(s.stated_at) filter (where s.state = 'missing')), 0)::float8
           as "oldestHoleAgeSeconds"
       from coverage_span s join connection c on c.id = s.connection_id
       where s.state in ('missing', 'unrecoverable') and c.removed_at is null
       group by 1 order by 1`,
    );
    return rows;
  }

  #rows({ connectionId, deviceIds, signal, fromMs, toMs }: CoverageQuery): Promise<SpanRow[]> {
    return readRows(
      this.#pool,
      `connection_id = $1 and from_ts < ${at('$3')} and to_ts > ${at('$2')}
       and (device_id is null or device_id = any($4)) and ($5::text is null or signal is null or signal = $5)`,
      [connectionId, fromMs, toMs, deviceIds, signal ?? null],
    );
  }

  /** Minutes of the account that do not balance, or whose points wait, by the time of the source they speak of. */
  async #doubts(connectionId: string, { fromMs, toMs }: Stretch): Promise<Doubt[]> {
    const { rows } = await this.#pool.query<DoubtRow>(
      `with doubtful as materialized (
         select m.*, coalesce(source_from, minute) as from_ts, coalesce(source_to, minute + interval '1 minute') as to_ts
         from ${CONSERVATION} m
         where connection_id = $1 and (not checked or parked > 0 or discarded > 0)
           and (imbalance > 0 or parked > 0 or discarded > 0)
           and coalesce(source_from, minute) < ${at('$3')}
           and coalesce(source_to, minute + interval '1 minute') > ${at('$2')}
       )
       select d.run, ${ms('d.from_ts')} as "fromMs", ${ms('d.to_ts')} as "toMs", d.imbalance > 0 as lost,
         d.discarded > 0 as discarded, array(
           select distinct split_part(p.routing_key, '.', 6) from parked_message p
           where p.connection_id = d.connection_id and p.run = d.run and p.minute = d.minute and p.state = 'parked'
         ) as devices
       from doubtful d`,
      [connectionId, fromMs, toMs],
    );
    return rows.flatMap(doubtsOf);
  }

  async #shared(connectionId: string): Promise<Pick<Circumstances, 'horizonMs' | 'standsStill'>> {
    const { rows } = await this.#pool.query<{ horizonMs: number | null; paused: boolean; removed: boolean }>(
      `select floor(extract(epoch from nullif(h.settled_before, '-infinity')) * 1000)::float8 as "horizonMs",
         coalesce(c.paused, false) as paused, c.removed_at is not null as removed
       from conservation_horizon h left join connection c on c.id = $1`,
      [connectionId],
    );
    const [found] = rows;
    const standsStill = found?.removed ? 'the connection is removed' : found?.paused && 'the connection is paused';
    return { horizonMs: found?.horizonMs ?? Number.NEGATIVE_INFINITY, standsStill: standsStill || undefined };
  }

  async #liveUntil({ connectionId, deviceIds, signal }: CoverageQuery): Promise<LiveEnd[]> {
    const { rows } = await this.#pool.query<LiveEnd>(
      `select device_id as "deviceId", space_id as "spaceId", ${ms('max(to_ts)')} as ms from coverage_span
       where connection_id = $1 and (device_id is null or device_id = any($2)) and state in ('complete', 'partial')
         and source <> $3 and ($4::text is null or signal is null or signal = $4)
       group by 1, 2`,
      [connectionId, deviceIds, OF_THE_PAST, signal ?? null],
    );
    return rows;
  }
}

interface LiveEnd extends Pick<Scope, 'deviceId' | 'spaceId'> {
  ms: number;
}

interface DoubtRow extends Stretch {
  run: string;
  lost: boolean;
  discarded: boolean;
  devices: string[];
}

/** What is lost may be anybody's; what is parked says whose it is. */
function doubtsOf({ run, fromMs, toMs, lost, discarded, devices }: DoubtRow): Doubt[] {
  const doubt = { fromMs, toMs, run };
  if (lost) return [{ ...doubt, deviceId: null, reason: 'the account misses points that were read' }];
  if (devices.length === 0 || discarded) return [{ ...doubt, deviceId: null, reason: reasonOf(discarded) }];
  return devices.map((deviceId) => ({ ...doubt, deviceId, reason: reasonOf(false) }));
}

const reasonOf = (discarded: boolean) => (discarded ? 'points were discarded' : 'points are parked');
const speaksOf = ({ deviceId, spaceId }: LiveEnd, device: string, spaces: readonly string[]) =>
  deviceId === null ? spaceId === null || spaces.includes(spaceId) : deviceId === device;
const greatest = (list: readonly number[]) => (list.length === 0 ? undefined : Math.max(...list));
const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
const at = (place: string) => `to_timestamp(${place}::float8 / 1000)`;

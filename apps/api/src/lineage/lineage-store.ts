import { Inject, Injectable } from '@nestjs/common';
import type { Json, Lineage } from '@tributary/contracts';
import { HOUSE, type House } from '../house.ts';
import type { KeptPoint, KeptValue } from './judge-point.ts';

/** Times of one commit. */
interface CommitColumns {
  committed_at: Date | null;
  sealed_at: Date | null;
}

interface KeptRow extends CommitColumns {
  place: number;
  series_id: number | null;
  rev: string | null;
  value: Json;
  current: boolean;
}

export interface KeptRows {
  /** In the order in which they were asked for. */
  points: KeptPoint[];
  /** Of rows that have this rev. */
  sealedAt: Date | undefined;
}

interface AttemptRow {
  status?: number;
  latencyMs?: number;
}

interface DeliveryRow {
  id: string;
  subscription_id: string;
  state: Lineage['deliveries'][number]['state'];
  attempt_count: number;
  last: AttemptRow | null;
  created_at: Date;
  finished_at: Date | null;
}

const MOST_DELIVERIES = 100;
const VALUE = 'coalesce(to_jsonb(k.number), to_jsonb(k.boolean), to_jsonb(k.text), k.json)';
/** The number of a transaction comes again after four billion: the newest is meant. */
const COMMIT =
  'lateral (select at, sealed_at from telemetry_commit t where t.xid = k.written_in order by at desc limit 1) c';

const kept = (table: string, current: boolean): string => `
  select a.place, a.series_id, k.rev::text, ${VALUE} as value, c.at as committed_at, c.sealed_at, ${current} as current
  from asked a join ${table} k on k.series_id = a.series_id and k.ts >= a.ts and k.ts < a.ts + interval '1 millisecond'
    and k.ts >= $4 and k.ts <= $5
  left join ${COMMIT} on true`;

/** What the store knows of the way of a value, of the workspace that is served. */
@Injectable()
export class LineageStore {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  /** What is kept of these points of a device; times count by the millisecond. */
  async points(deviceId: string, rev: string, asked: readonly { signal: string; ts: string }[]): Promise<KeptRows> {
    if (asked.length === 0) return { points: [], sealedAt: undefined };
    const times = asked.map(({ ts }) => Date.parse(ts));
    const { rows } = await this.#house.db.pool.query<KeptRow>(
      `with asked as materialized (
         select a.place, a.ts, s.id as series_id from unnest($2::text[], $3::timestamptz[]) with ordinality as a(signal, ts, place)
         join series s on s.device_id = $1 and s.signal = a.signal
       )
       select place, series_id, null as rev, null::jsonb as value, null::timestamptz as committed_at, null::timestamptz as sealed_at, false as current
       from asked union all ${kept('point', true)} union all ${kept('point_revision', false)}`,
      [
        deviceId,
        asked.map(({ signal }) => signal),
        times.map((ms) => new Date(ms)),
        new Date(Math.min(...times)),
        new Date(Math.max(...times) + 1),
      ],
    );
    const byPlace = Map.groupBy(rows, ({ place }) => Number(place));
    const sealed = rows.find((row) => row.rev === rev && row.sealed_at !== null)?.sealed_at;
    return { points: asked.map((_, at) => keptPoint(byPlace.get(at + 1) ?? [])), sealedAt: sealed ?? undefined };
  }

  /** Deliveries of an event, oldest first. */
  async deliveries(eventId: string): Promise<Lineage['deliveries']> {
    const { rows } = await this.#house.db.pool.query<DeliveryRow>(
      `select id, subscription_id, state, attempt_count, attempts -> -1 as last, created_at, finished_at from delivery
       where event_ids @> array[$1] order by created_at desc, id desc limit ${MOST_DELIVERIES}`,
      [eventId],
    );
    return rows.reverse().map((row) => ({
      id: row.id,
      subscriptionId: row.subscription_id,
      state: row.state,
      plannedAt: row.created_at.toISOString(),
      ...(row.finished_at ? { finishedAt: row.finished_at.toISOString() } : {}),
      attempts: row.attempt_count,
      ...(row.last?.status === undefined ? {} : { status: row.last.status }),
      ...(row.last?.latencyMs === undefined ? {} : { durationMs: row.last.latencyMs }),
    }));
  }

  async parked(eventId: string): Promise<Lineage['parked']> {
    const { rows } = await this.#house.db.pool.query<Lineage['parked'][number] & { parked_at: Date }>(
      'select id, reason, state, parked_at from parked_message where event_id = $1 order by id',
      [eventId],
    );
    return rows.map(({ id, reason, state, parked_at }) => ({ id, reason, state, parkedAt: parked_at.toISOString() }));
  }

  /** Is it an event of a platform that is kept by its own id? */
  async isPlatformEvent(eventId: string): Promise<boolean> {
    const { rowCount } = await this.#house.db.pool.query('select 1 from platform_event where id = $1', [eventId]);
    return rowCount !== 0;
  }

  /** Which device and connection a series is of; undefined where there is none. */
  async seriesOf(seriesId: number): Promise<{ deviceId: string; connectionId: string; signal: string } | undefined> {
    const { rows } = await this.#house.db.pool.query<{ device_id: string; connection_id: string; signal: string }>(
      'select s.device_id, d.connection_id, s.signal from series s join device d on d.id = s.device_id where s.id = $1',
      [seriesId],
    );
    const [row] = rows;
    return row && { deviceId: row.device_id, connectionId: row.connection_id, signal: row.signal };
  }
}

function keptPoint(rows: readonly KeptRow[]): KeptPoint {
  const [first] = rows;
  const values = rows.flatMap((row) =>
    row.rev === null ? [] : [{ ...keptValue(row, row.rev), current: row.current }],
  );
  return {
    seriesId: first?.series_id ? `ser_${first.series_id}` : undefined,
    current: values.find(({ current }) => current),
    revisions: values.filter(({ current }) => !current),
  };
}

const keptValue = ({ value, committed_at }: KeptRow, rev: string): KeptValue => ({
  rev,
  value,
  committedAt: committed_at ?? undefined,
});

import type { Link } from '@tributary/contracts';
import type { Database } from '../database.ts';
import { milliseconds } from '../telemetry/value-columns.ts';
import type { LinkFact } from './broken-link.ts';
import { type Cadence, learnCadence, MOST_ARRIVALS, MOST_OF_PILES } from './cadence.ts';
import { DUE, type DueDevice, type DueRow, dueDevice } from './watched-rows.ts';

const DAY_MS = 86_400_000;
/** How far back the points are looked for that a cadence is learned from. A look locks all partitions it may touch. */
const REACHES_MS = [2 * DAY_MS, 32 * DAY_MS];

/** The watch is this replica's; times are the database's, milliseconds since 1970. */
export interface HeldWatch {
  /** Since when it has watched without a break. */
  beganMs: number;
  nowMs: number;
}

/** What the watch reads. One replica watches at a time, under a lease; what it writes stands in `SilenceBook`. */
export class FreshnessWatch {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /** Takes the watch, or keeps it, for `ttlMs`. Undefined while it is another's. */
  async hold(replica: string, ttlMs: number): Promise<HeldWatch | undefined> {
    const { rows } = await this.#db.pool.query<HeldWatch>(
      `update freshness_watch f set replica = $1, watched_until = now() + $2 * interval '1 millisecond', round_at = now(),
         began_at = case when f.replica = $1 and f.watched_until >= now() then f.began_at else now() end
       where f.replica is null or f.replica = $1 or f.watched_until < now()
       returning ${milliseconds('f.began_at')} as "beganMs", ${milliseconds('now()')} as "nowMs"`,
      [replica, ttlMs],
    );
    return rows[0];
  }

  /** Free at once for others. */
  async release(replica: string): Promise<void> {
    await this.#db.pool.query('update freshness_watch set replica = null where replica = $1', [replica]);
  }

  async due(limit: number, beganMs: number): Promise<DueDevice[]> {
    const { rows } = await this.#db.pool.query<DueRow>({ name: 'freshness-due', text: DUE, values: [limit] });
    return rows.map((row) => dueDevice(row, beganMs));
  }

  /** How long until a device is due; milliseconds, negative when one is overdue, undefined when there is none. */
  async untilDueMs(): Promise<number | undefined> {
    const { rows } = await this.#db.pool.query<{ ms: number | null }>({
      name: 'freshness-until-due',
      text: `select ${milliseconds('min(look_at)')} - ${milliseconds('now()')} as ms from device_watch`,
    });
    return rows[0]?.ms ?? undefined;
  }

  /** What the newest points of these series teach; those of which too little is known are absent. */
  async learn(seriesIds: readonly number[], nowMs: number): Promise<Map<number, Cadence>> {
    const learned = new Map<number, Cadence>();
    for (const reachMs of REACHES_MS) {
      for (const most of [MOST_ARRIVALS, MOST_OF_PILES]) {
        const missing = seriesIds.filter((id) => !learned.has(id));
        if (missing.length > 0) await this.#look(missing, { nowMs, reachMs, most }, learned);
      }
    }
    return learned;
  }

  /** Devices of which something was parked since, by device; only while it is parked. */
  async parked(connectionIds: readonly string[], sinceMs: number): Promise<Map<string, LinkFact>> {
    const { rows } = await this.#db.pool.query<{
      device: string;
      reason: string;
      firstMs: number;
      lastMs: number;
      times: number;
    }>(
      `select split_part(routing_key, '.', 6) as device, max(reason) as reason, count(*)::int as times,
         ${milliseconds('min(parked_at)')} as "firstMs", ${milliseconds('max(parked_at)')} as "lastMs"
       from parked_message where state = 'parked' and parked_at >= $2 and split_part(routing_key, '.', 5) = any($1)
       group by 1`,
      [connectionIds, new Date(sinceMs)],
    );
    return new Map(
      rows.map(({ device, reason, ...seen }) => [
        device,
        { link: 'mapping', detail: `messages of this device are parked: ${reason}`, ...seen, data: { reason } },
      ]),
    );
  }

  /** Silent devices of all workspaces, by the link that is broken. */
  async counts(): Promise<Map<Link, number>> {
    const { rows } = await this.#db.pool.query<{ link: Link; devices: number }>(
      'select link, count(*)::int as devices from device_silence where until is null group by link',
    );
    return new Map(rows.map(({ link, devices }) => [link, devices]));
  }

  async #look(
    ids: readonly number[],
    { nowMs, reachMs, most }: { nowMs: number; reachMs: number; most: number },
    learned: Map<number, Cadence>,
  ): Promise<void> {
    const { rows } = await this.#db.pool.query<{
      id: number;
      points: [number, number][] | null;
      lost: [number, number][] | null;
    }>(
      `select s.id, a.points, o.lost from unnest($1::int[]) as s(id) cross join lateral (
         select jsonb_agg(jsonb_build_array(${milliseconds('n.ts')}, n.message)) as points from (
           select p.ts, dense_rank() over (order by p.rev) as message from (select p.ts, p.rev from point p where p.series_id = s.id and p.ts between $2 and $3 order by p.ts desc limit $4) p
         ) n
       ) a cross join lateral (
         select jsonb_agg(jsonb_build_array(${milliseconds('o.since')}, ${milliseconds('o.until')})) as lost
         from device_silence o join series k on k.device_id = o.device_id
         where k.id = s.id and o.until > $2
       ) o`,
      [ids, new Date(nowMs - reachMs), new Date(nowMs + DAY_MS), most],
    );
    for (const { id, points, lost } of rows) {
      const arrivals = (points ?? []).map(([tsMs, message]) => ({ tsMs, message }));
      const interruptions = (lost ?? []).map(([fromMs, toMs]) => ({ fromMs, toMs }));
      const cadence = learnCadence(arrivals, interruptions);
      if (cadence) learned.set(id, cadence);
    }
  }
}

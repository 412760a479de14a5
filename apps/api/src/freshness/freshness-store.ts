import { Inject, Injectable } from '@nestjs/common';
import { type DeviceFreshness, type Link, links, type SilenceCause, type SilenceResource } from '@tributary/contracts';
import { HOUSE, type House } from '../house.ts';
import { bindingOf, readCursor, writeCursor } from '../lists/cursor.ts';
import { Parameters } from '../lists/sql.ts';
import { type FreshRow, freshColumns, freshMembersOf } from './fresh-members.ts';

export interface SilenceQuery {
  workspace: string;
  link?: Link | undefined;
  connectionId?: string | undefined;
  state: 'silent' | 'over' | 'all';
}

interface SilenceRow {
  id: string;
  device_id: string;
  native_id: string;
  name: string;
  connection_id: string;
  platform: string;
  since: Date;
  noticed_at: Date;
  until: Date | null;
  every_ms: number;
  stale_after_ms: number;
  cause: SilenceCause;
}

interface WatchRow extends FreshRow {
  every_ms: number | null;
  source: DeviceFreshness['cadenceFrom'] | null;
}

interface SeriesRow extends FreshRow {
  id: number;
  signal: string;
  every_ms: number | null;
  samples: number | null;
}

const COLUMNS = `o.id, o.device_id, d.native_id, d.name, o.connection_id, d.platform, o.since, o.noticed_at, o.until,
  o.every_ms, o.stale_after_ms, o.cause`;
const FROM = `device_silence o join device d on d.id = o.device_id join connection c on c.id = o.connection_id`;
const STATES = { silent: ['o.until is null'], over: ['o.until is not null'], all: [] };
const LAST_SILENCES = 10;

/** What is silent in a workspace. */
@Injectable()
export class FreshnessStore {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  /** The newest first. Throws 400 for a cursor of another list. */
  async page(
    query: SilenceQuery,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<{ items: SilenceResource[]; nextCursor?: string }> {
    const parameters = new Parameters();
    const where = conditions(query, parameters);
    const binding = bindingOf('freshness', query.workspace, query.link, query.connectionId, query.state);
    if (cursor !== undefined) {
      const [before] = readCursor(cursor, binding, ['bigint']);
      where.push(`o.id < ${parameters.add(before, 'bigint')}`);
    }
    const { rows } = await this.#house.db.pool.query<SilenceRow>(
      `select ${COLUMNS} from ${FROM} where ${where.join(' and ')} order by o.id desc limit ${limit + 1}`,
      parameters.values,
    );
    const kept = rows.slice(0, limit);
    const items = kept.map(presentSilence);
    const last = kept.at(-1);
    if (rows.length <= limit || !last) return { items };
    return { items, nextCursor: writeCursor(binding, [last.id]) };
  }

  /** Of those that are silent now, whatever the page. */
  async counts(workspace: string): Promise<Partial<Record<Link, number>>> {
    const { rows } = await this.#house.db.pool.query<{ link: Link; devices: number }>(
      `select o.link, count(*)::int as devices from ${FROM}
       where o.workspace_id = $1 and o.until is null and c.removed_at is null group by o.link`,
      [workspace],
    );
    const found = new Map(rows.map((row) => [row.link, row.devices]));
    return Object.fromEntries(links.flatMap((link) => (found.has(link) ? [[link, found.get(link)]] : [])));
  }

  /** Undefined before the first round. */
  async watchedAt(): Promise<string | undefined> {
    const { rows } = await this.#house.db.pool.query<{ at: Date | null }>('select round_at as at from freshness_watch');
    return rows[0]?.at?.toISOString();
  }

  async device(workspace: string, deviceId: string): Promise<DeviceFreshness> {
    const [watched, series, silences] = await Promise.all([
      this.#watch(deviceId),
      this.#series(deviceId),
      this.#silences(workspace, deviceId),
    ]);
    const open = silences.find(({ until }) => until === undefined);
    return {
      deviceId,
      ...(watched ? freshMembersOf(watched) : {}),
      ...(watched?.every_ms ? { expectedEveryMs: watched.every_ms } : {}),
      ...(watched?.source ? { cadenceFrom: watched.source } : {}),
      ...(open ? { since: open.since, cause: open.cause } : {}),
      series,
      silences,
    };
  }

  async #watch(deviceId: string): Promise<WatchRow | undefined> {
    const observed =
      '(select max(l.observed_at) from series s join series_latest l on l.series_id = s.id where s.device_id = w.device_id)';
    const { rows } = await this.#house.db.pool.query<WatchRow>(
      `select ${freshColumns('f.observed', 'f.stale_after_ms')}, f.every_ms, f.source
       from (select w.*, ${observed} as observed from device_watch w where w.device_id = $1) f`,
      [deviceId],
    );
    return rows[0];
  }

  async #series(deviceId: string): Promise<DeviceFreshness['series']> {
    const { rows } = await this.#house.db.pool.query<SeriesRow>(
      `select s.id, s.signal, k.every_ms, k.samples, ${freshColumns('l.observed_at', 'k.stale_after_ms')}
       from series s left join series_latest l on l.series_id = s.id left join series_cadence k on k.series_id = s.id
       where s.device_id = $1 order by s.id limit 1000`,
      [deviceId],
    );
    return rows.map((row) => ({
      id: `ser_${row.id}`,
      signal: row.signal,
      ...freshMembersOf(row),
      ...(row.every_ms === null ? {} : { expectedEveryMs: row.every_ms }),
      ...(row.samples === null ? {} : { samples: row.samples }),
    }));
  }

  async #silences(workspace: string, deviceId: string): Promise<SilenceResource[]> {
    const { rows } = await this.#house.db.pool.query<SilenceRow>(
      `select ${COLUMNS} from ${FROM} where o.device_id = $1 and o.workspace_id = $2 order by o.number desc
       limit ${LAST_SILENCES}`,
      [deviceId, workspace],
    );
    return rows.map(presentSilence);
  }
}

function conditions({ workspace, link, connectionId, state }: SilenceQuery, parameters: Parameters): string[] {
  const where = [`o.workspace_id = ${parameters.add(workspace, 'text')}`, 'c.removed_at is null', ...STATES[state]];
  if (link !== undefined) where.push(`o.link = ${parameters.add(link, 'text')}`);
  if (connectionId !== undefined) where.push(`o.connection_id = ${parameters.add(connectionId, 'text')}`);
  return where;
}

const presentSilence = (row: SilenceRow): SilenceResource => ({
  deviceId: row.device_id,
  nativeId: row.native_id,
  name: row.name,
  connectionId: row.connection_id,
  platform: row.platform,
  since: row.since.toISOString(),
  noticedAt: row.noticed_at.toISOString(),
  ...(row.until === null ? {} : { until: row.until.toISOString() }),
  expectedEveryMs: row.every_ms,
  staleAfterMs: row.stale_after_ms,
  cause: row.cause,
});

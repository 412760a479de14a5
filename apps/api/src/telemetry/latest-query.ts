import { formatFilter, type Json } from '@tributary/contracts';
import type { FencedDatabase } from '@tributary/database';
import { devicesWithin } from '../devices/within-spaces.ts';
import { freshFilter, staleMembersOf } from '../freshness/fresh-members.ts';
import { type FilterColumns, filterToSql } from '../lists/filter-sql.ts';
import { readFilter } from '../lists/read-filter.ts';
import { Parameters } from '../lists/sql.ts';

/** Which newest values are wanted; what is absent does not restrict. */
export interface LatestSelection {
  devices?: string[] | undefined;
  connectionId?: string | undefined;
  platforms?: string[] | undefined;
  /** With the spaces below them. */
  spaces?: string[] | undefined;
  signals?: string[] | undefined;
  /** SCIM filter over the values and what they are of. */
  filter?: string | undefined;
  /** Only series with a greater number. */
  afterSeries: number;
  limit: number;
}

export interface LatestRow {
  series_id: number;
  device_id: string;
  connection_id: string;
  signal: string;
  unit: string | null;
  ts: Date;
  number: number | null;
  boolean: boolean | null;
  text: string | null;
  json: Json | null;
  observed_at: Date;
  stale_after_ms: number | null;
}

export interface LatestPoint {
  deviceId: string;
  seriesId: string;
  signal: string;
  ts: string;
  value: Json;
  unit?: string;
  observedAt: string;
  ageMs: number;
  staleAfterMs?: number;
  stale?: boolean;
}

const COLUMNS =
  'l.series_id, l.device_id, d.connection_id, l.signal, l.unit, l.ts, l.number, l.boolean, l.text, l.json, l.observed_at, k.stale_after_ms';
const FROM =
  'latest_point l join device d on d.id = l.device_id join connection c on c.id = d.connection_id left join series_cadence k on k.series_id = l.series_id';

const FILTER: FilterColumns = {
  seriesId: { type: 'id', sql: `('ser_' || l.series_id)` },
  deviceId: { type: 'id', sql: 'l.device_id' },
  connectionId: { type: 'id', sql: 'd.connection_id' },
  platform: { type: 'id', sql: 'd.platform' },
  spaceId: { type: 'id', sql: 'd.space_id' },
  signal: { type: 'text', sql: 'l.signal' },
  unit: { type: 'id', sql: 'l.unit' },
  ts: { type: 'instant', sql: 'l.ts' },
  ...freshFilter('l.observed_at', 'k.stale_after_ms'),
  value: { type: 'any', sql: 'coalesce(to_jsonb(l.number), to_jsonb(l.boolean), to_jsonb(l.text), l.json)' },
};

/** In spaces with more devices than this, series are walked in their order and those of other devices passed over. */
const FEW_DEVICES = 500;

/** The most frequent read of all. Throws 400 for a filter that is none. */
export async function readLatest(
  pool: FencedDatabase['pool'],
  workspace: string,
  selection: LatestSelection,
): Promise<LatestRow[]> {
  const inside = await fewDevicesWithin(pool, workspace, selection);
  const { rows } = await pool.query<LatestRow>(latestStatement(workspace, selection, inside));
  return rows;
}

/** How many devices the spaces have decides the way: the planner cannot guess it. Undefined where they are many. */
async function fewDevicesWithin(
  pool: FencedDatabase['pool'],
  workspace: string,
  { spaces }: LatestSelection,
): Promise<string[] | undefined> {
  if (!spaces) return undefined;
  const { rows } = await pool.query<{ id: string }>({
    name: 'devices-within-spaces',
    text: `${devicesWithin('$1', '$2')} limit ${FEW_DEVICES + 1}`,
    values: [workspace, spaces],
  });
  return rows.length > FEW_DEVICES ? undefined : rows.map(({ id }) => id);
}

/**
 * One prepared statement for each combination of restrictions, so that each keeps its own plan; none for a filter, of
 * which there are too many. `inside`: the devices of the spaces, where they are few.
 */
export function latestStatement(workspace: string, selection: LatestSelection, inside?: string[]) {
  const parameters = new Parameters();
  const { values } = parameters;
  values.push(workspace, selection.afterSeries, selection.limit);
  // The sum keeps the planner from walking all series in order of their numbers, in the hope to meet a device's soon.
  const order = selection.devices || inside ? 'l.series_id + 0' : 'l.series_id';
  const where = ['d.workspace_id = $1', 'c.removed_at is null', `${order} > $2`];
  let name = 'latest';
  const add = (tag: string, sql: (place: string) => string, value: unknown) => {
    values.push(value);
    where.push(sql(`$${values.length}`));
    name += tag;
  };
  const { connectionId, platforms, spaces, signals, filter } = selection;
  const [only] = selection.devices ?? [];
  if (selection.devices?.length === 1) add('-device', (place) => `l.device_id = ${place}`, only);
  else if (selection.devices) add('-devices', (place) => `l.device_id = any(${place}::text[])`, selection.devices);
  if (connectionId) add('-connection', (place) => `d.connection_id = ${place}`, connectionId);
  if (platforms) add('-platforms', (place) => `d.platform = any(${place}::text[])`, platforms);
  if (inside) add('-inside', (place) => `l.device_id = any(${place}::text[])`, inside);
  // Asked for each series that is met, not joined: the set is made once, and the walk ends with the page.
  else if (spaces) add('-spaces', (place) => `(l.device_id in (${devicesWithin('$1', place)})) is true`, spaces);
  if (signals) add('-signals', (place) => `l.signal = any(${place}::text[])`, signals);
  if (filter !== undefined) where.push(readFilter(filter, (tree) => filterToSql(tree, FILTER, parameters)));
  const text = `select ${COLUMNS} from ${FROM} where ${where.join(' and ')} order by ${order} limit $3`;
  return filter === undefined ? { name, text, values } : { text, values };
}

/** A filter in its one spelling, for what must be the same however it was written. */
export const canonicalFilter = (filter: string | undefined): string | undefined =>
  filter === undefined ? undefined : readFilter(filter, formatFilter);

/** The one typed column that is set. */
export const typedValue = (row: Pick<LatestRow, 'number' | 'boolean' | 'text' | 'json'>): Json =>
  row.number ?? row.boolean ?? row.text ?? row.json;

export function presentLatest(row: LatestRow, nowMs: number): LatestPoint {
  const ageMs = Math.max(0, nowMs - row.observed_at.getTime());
  const point: LatestPoint = {
    deviceId: row.device_id,
    seriesId: `ser_${row.series_id}`,
    signal: row.signal,
    ts: row.ts.toISOString(),
    value: typedValue(row),
    observedAt: row.observed_at.toISOString(),
    ageMs,
    ...staleMembersOf(ageMs, row.stale_after_ms),
  };
  if (row.unit !== null) point.unit = row.unit;
  return point;
}

import type { Json } from '@tributary/contracts';
import type { Database } from '@tributary/database';

/** Which newest values are wanted; what is absent does not restrict. */
export interface LatestSelection {
  devices?: string[] | undefined;
  connectionId?: string | undefined;
  signals?: string[] | undefined;
  /** Only series with a greater number. */
  afterSeries: number;
  limit: number;
}

export interface LatestRow {
  series_id: number;
  device_id: string;
  signal: string;
  unit: string | null;
  ts: Date;
  number: number | null;
  boolean: boolean | null;
  text: string | null;
  json: Json | null;
  observed_at: Date;
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
}

const COLUMNS =
  's.id as series_id, s.device_id, s.signal, s.unit, l.ts, l.number, l.boolean, l.text, l.json, l.observed_at';
const FROM = `series_latest l join series s on s.id = l.series_id join device d on d.id = s.device_id join connection c on c.id = d.connection_id`;

/** The most frequent read of all. */
export async function readLatest(
  pool: Database['pool'],
  workspace: string,
  selection: LatestSelection,
): Promise<LatestRow[]> {
  const { rows } = await pool.query<LatestRow>(latestStatement(workspace, selection));
  return rows;
}

/** One prepared statement for each combination of restrictions, so that each keeps its own plan. */
export function latestStatement(workspace: string, selection: LatestSelection) {
  const values: unknown[] = [workspace, selection.afterSeries, selection.limit];
  // The sum keeps the planner from walking all series in order of their numbers, in the hope to meet a device's soon.
  const order = selection.devices ? 's.id + 0' : 's.id';
  const where = ['d.workspace_id = $1', 'c.removed_at is null', `${order} > $2`];
  let name = 'latest';
  const add = (tag: string, sql: (place: string) => string, value: unknown) => {
    values.push(value);
    where.push(sql(`$${values.length}`));
    name += tag;
  };
  const [only] = selection.devices ?? [];
  if (selection.devices?.length === 1) add('-device', (place) => `s.device_id = ${place}`, only);
  else if (selection.devices) add('-devices', (place) => `s.device_id = any(${place}::text[])`, selection.devices);
  if (selection.connectionId) add('-connection', (place) => `d.connection_id = ${place}`, selection.connectionId);
  if (selection.signals) add('-signals', (place) => `s.signal = any(${place}::text[])`, selection.signals);
  const text = `select ${COLUMNS} from ${FROM} where ${where.join(' and ')} order by ${order} limit $3`;
  return { name, text, values };
}

/** The one typed column that is set. */
export const typedValue = (row: Pick<LatestRow, 'number' | 'boolean' | 'text' | 'json'>): Json =>
  row.number ?? row.boolean ?? row.text ?? row.json;

export function presentLatest(row: LatestRow, nowMs: number): LatestPoint {
  const point: LatestPoint = {
    deviceId: row.device_id,
    seriesId: `ser_${row.series_id}`,
    signal: row.signal,
    ts: row.ts.toISOString(),
    value: typedValue(row),
    observedAt: row.observed_at.toISOString(),
    ageMs: Math.max(0, nowMs - row.observed_at.getTime()),
  };
  if (row.unit !== null) point.unit = row.unit;
  return point;
}

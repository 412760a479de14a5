/** What the api asks Postgres for the newest values of one device; the bare handler asks the same. */
export const LATEST_OF_DEVICE = `
  select s.id as series_id, s.device_id, s.signal, s.unit, l.ts, l.number, l.boolean, l.text, l.json, l.observed_at
  from series_latest l join series s on s.id = l.series_id join device d on d.id = s.device_id
    join connection c on c.id = d.connection_id
  where d.workspace_id = $1 and c.removed_at is null and s.id + 0 > $2 and s.device_id = $4 order by s.id + 0 limit $3`;

export interface LatestRow {
  series_id: number;
  device_id: string;
  signal: string;
  unit: string | null;
  ts: Date;
  number: number | null;
  boolean: boolean | null;
  text: string | null;
  json: unknown;
  observed_at: Date;
}

import type { AggregateFunction, Json, StoredMeta, TelemetryQuery } from '@tributary/contracts';
import type { BucketRow } from '@tributary/database';
import type { PointRow, TextType } from './point-text.ts';
import type { SelectedSeries } from './series-selection.ts';

type Asked = Pick<TelemetryQuery, 'from' | 'to' | 'timeZone' | 'every' | 'fill'> & { fn: AggregateFunction[] };

const text = (ms: number): string => new Date(ms).toISOString();
const idOf = ({ id }: SelectedSeries): string => `ser_${id}`;

/** By columns: a list of buckets, and of each series and function a list of values in the same order. */
export function columnarAnswer(
  asked: Asked,
  series: SelectedSeries[],
  rows: BucketRow[],
  { nowMs, meta }: { nowMs: number; meta: StoredMeta },
) {
  const { from, to, timeZone, every, fill, fn } = asked;
  const column = (place: number, at: number): Json[] => rows.map(({ values }) => values[place]?.[at] ?? null);
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    timeZone,
    every,
    fill,
    buckets: rows.map(({ fromMs, toMs }) => ({ from: text(fromMs), to: text(toMs) })),
    series: series.map((one, place) => ({
      seriesId: idOf(one),
      deviceId: one.device_id,
      signal: one.signal,
      ...(one.unit === null ? {} : { unit: one.unit }),
      ...freshness(one, nowMs),
      values: Object.fromEntries(fn.map((name, at) => [name, column(place, at)])),
    })),
    meta,
  };
}

function freshness({ last_ts, observed_at }: SelectedSeries, nowMs: number) {
  if (!last_ts || !observed_at) return {};
  return {
    lastTs: last_ts.toISOString(),
    observedAt: observed_at.toISOString(),
    ageMs: Math.max(0, nowMs - observed_at.getTime()),
  };
}

/** Columns of the table form. */
export const tableColumns = (series: SelectedSeries[], fn: AggregateFunction[]): string[] => [
  'from',
  'to',
  ...series.flatMap((one) => fn.map((name) => `${idOf(one)}.${name}`)),
];

/** A line for each bucket: values by series and function, or in the columns of the table. */
export function textRow(
  type: TextType,
  series: SelectedSeries[],
  fn: AggregateFunction[],
): (row: BucketRow) => PointRow {
  const ids = series.map(idOf);
  const bucket = ({ fromMs, toMs }: BucketRow) => ({ from: text(fromMs), to: text(toMs) });
  if (type === 'text/csv') {
    return (row) => {
      const cells = ids.flatMap((id, place) => fn.map((name, at) => [`${id}.${name}`, row.values[place]?.[at]]));
      return { ...bucket(row), ...Object.fromEntries(cells) };
    };
  }
  const named = (values: Json[] = []) => Object.fromEntries(fn.map((name, at) => [name, values[at]]));
  return (row) => ({
    ...bucket(row),
    values: Object.fromEntries(ids.map((id, place) => [id, named(row.values[place])])),
  });
}

import { Inject, Injectable } from '@nestjs/common';
import type { seriesResource } from '@tributary/contracts';
import type { z } from 'zod';
import { type FreshRow, freshColumns, freshFilter, freshMembersOf } from '../freshness/fresh-members.ts';
import { HOUSE, type House } from '../house.ts';
import { seriesNumber } from '../http/path-params.ts';
import { notFound } from '../http/problem-error.ts';
import type { ListDefinition, ListRequest } from '../lists/list-query.ts';
import { type ListPage, readList } from '../lists/read-list.ts';

export type SeriesResource = z.output<typeof seriesResource>;

interface SeriesRow extends Record<string, unknown>, FreshRow {
  id: number;
  device_id: string;
  signal: string;
  unit: string | null;
  value_type: SeriesResource['valueType'];
  first_ts: Date | null;
  last_ts: Date | null;
}

/** Of the newest value: a series whose platform changes its mind follows. */
const VALUE_TYPE = `case when l.number is not null then 'number' when l.boolean is not null then 'boolean' when l.text is not null then 'string' else 'json' end`;

const seriesList: ListDefinition = {
  name: 'series',
  select: `s.id, s.device_id, s.signal, s.unit, ${VALUE_TYPE} as value_type, l.first_ts, l.ts as last_ts,
    ${freshColumns('l.observed_at', 'k.stale_after_ms')}`,
  from: 'series s join device d on d.id = s.device_id join connection c on c.id = d.connection_id left join series_latest l on l.series_id = s.id left join series_cadence k on k.series_id = s.id',
  filter: {
    id: { type: 'id', sql: `('ser_' || s.id)` },
    deviceId: { type: 'id', sql: 's.device_id' },
    connectionId: { type: 'id', sql: 'd.connection_id' },
    signal: { type: 'text', sql: 's.signal' },
    unit: { type: 'id', sql: 's.unit' },
    valueType: { type: 'id', sql: VALUE_TYPE },
    firstTs: { type: 'instant', sql: 'l.first_ts' },
    lastTs: { type: 'instant', sql: 'l.ts' },
    ...freshFilter('l.observed_at', 'k.stale_after_ms'),
  },
  sort: {
    signal: { sql: 's.signal', type: 'text' },
    lastTs: { sql: 'l.ts', type: 'timestamptz' },
  },
  key: { sql: 's.id', type: 'integer' },
};

const presentSeries = (row: SeriesRow): SeriesResource => ({
  id: `ser_${row.id}`,
  deviceId: row.device_id,
  signal: row.signal,
  ...(row.unit === null ? {} : { unit: row.unit }),
  valueType: row.value_type,
  ...(row.first_ts === null ? {} : { firstTs: row.first_ts.toISOString() }),
  ...(row.last_ts === null ? {} : { lastTs: row.last_ts.toISOString() }),
  ...freshMembersOf(row),
});

/** What is measured at which device. */
@Injectable()
export class SeriesStore {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  list(workspace: string, request: ListRequest, within: { deviceId?: string } = {}): Promise<ListPage<SeriesResource>> {
    return readList<SeriesRow, SeriesResource>(this.#house.db, {
      definition: seriesList,
      request,
      conditions: (parameters) => [
        `d.workspace_id = ${parameters.add(workspace, 'text')}`,
        'c.removed_at is null',
        ...(within.deviceId ? [`s.device_id = ${parameters.add(within.deviceId, 'text')}`] : []),
      ],
      present: presentSeries,
    });
  }

  /** Throws 404 for a series that is not there or is another workspace's. */
  async get(workspace: string, id: string): Promise<SeriesResource> {
    const { rows } = await this.#house.db.pool.query<SeriesRow>({
      name: 'series-by-id',
      text: `select ${seriesList.select} from ${seriesList.from} where s.id = $1 and d.workspace_id = $2 and c.removed_at is null`,
      values: [seriesNumber(id), workspace],
    });
    const row = rows[0];
    if (!row) throw notFound('series');
    return presentSeries(row);
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { QUERY_LIMITS, type TelemetryQuery } from '@tributary/contracts';
import { HOUSE, type House } from '../house.ts';
import { seriesNumber } from '../http/path-params.ts';
import { badRequest, type Fault, ProblemError, pointer } from '../http/problem-error.ts';

/** A series that a query asks for. */
export interface SelectedSeries {
  id: number;
  device_id: string;
  connection_id: string;
  signal: string;
  unit: string | null;
  /** Of its newest point; null while it has none. */
  last_ts: Date | null;
  observed_at: Date | null;
}

type Selector = NonNullable<TelemetryQuery['selectors']>[number];

const MOST = QUERY_LIMITS.series;
const SERIES = `
  select s.id, s.device_id, d.connection_id, s.signal, s.unit, l.ts as last_ts, l.observed_at
  from series s join device d on d.id = s.device_id join connection c on c.id = d.connection_id
    left join series_latest l on l.series_id = s.id
  where d.workspace_id = $1 and c.removed_at is null`;
/** One more than there may be tells that there are too many. */
const OF_SELECTOR = `(i.signals is null or i.signals ? s.signal) limit ${MOST + 1}`;
/** One of the two is null, and then finds nothing. */
const SELECTED = `
  select i.place, f.* from jsonb_to_recordset($2::jsonb) as i(place int, device text, connection text, signals jsonb)
  cross join lateral (
    (${SERIES} and s.device_id = i.device and ${OF_SELECTOR})
    union all
    (${SERIES} and d.connection_id = i.connection and ${OF_SELECTOR})
  ) f`;
const OWNERS = `
  select d.id from device d join connection c on c.id = d.connection_id
  where d.id = any($2::text[]) and d.workspace_id = $1 and c.removed_at is null
  union all
  select c.id from connection c where c.id = any($2::text[]) and c.workspace_id = $1 and c.removed_at is null`;

/** Finds the series that a query names or selects, by three statements at most. */
@Injectable()
export class SeriesSelection {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  /**
   * Each once, in the order of asking; those of a selector by device, then by signal as asked. Throws 404 that names
   * everything that is not there or is another workspace's, and 400 for more series than a query may have.
   */
  async find(workspace: string, { series = [], selectors = [] }: TelemetryQuery): Promise<SelectedSeries[]> {
    const faults: Fault[] = [];
    const named = await this.#named(workspace, series, faults);
    const selected = await this.#selected(workspace, selectors, faults);
    if (faults.length > 0) {
      throw new ProblemError('not-found', 'Not everything that was asked for is there.', { errors: faults });
    }
    const each = [...new Map([...named, ...selected].map((one) => [one.id, one])).values()];
    if (each.length > MOST) {
      throw badRequest([{ pointer: '/body', detail: `asks for ${each.length} series, and may ask for ${MOST}` }]);
    }
    return each;
  }

  async #named(workspace: string, ids: string[], faults: Fault[]): Promise<SelectedSeries[]> {
    if (ids.length === 0) return [];
    const { rows } = await this.#house.db.pool.query<SelectedSeries>(`${SERIES} and s.id = any($2::int[])`, [
      workspace,
      ids.map(seriesNumber),
    ]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.flatMap((id, place) => {
      const row = byId.get(seriesNumber(id));
      if (!row) faults.push({ pointer: pointer('body', 'series', place), detail: 'there is no such series' });
      return row ?? [];
    });
  }

  async #selected(workspace: string, selectors: Selector[], faults: Fault[]): Promise<SelectedSeries[]> {
    if (selectors.length === 0) return [];
    const { pool } = this.#house.db;
    const asked = JSON.stringify(selectors.map((selector, place) => ({ ...selector, place })));
    const [{ rows: owners }, { rows }] = await Promise.all([
      pool.query<{ id: string }>(OWNERS, [workspace, selectors.map(({ device, connection }) => device ?? connection)]),
      pool.query<SelectedSeries & { place: number }>(SELECTED, [workspace, asked]),
    ]);
    const there = new Set(owners.map(({ id }) => id));
    const lists = Map.groupBy(rows, ({ place }) => place);
    return selectors.flatMap((selector, place) => {
      const list = inOrder(lists.get(place) ?? [], selector);
      if (list.length > MOST)
        throw badRequest([at(place, { pointer: '', detail: `matches more than ${MOST} series` })]);
      faults.push(...faultsOf(selector, list, there).map((fault) => at(place, fault)));
      return list;
    });
  }
}

const at = (place: number, { pointer: inside, detail }: Fault): Fault => ({
  pointer: pointer('body', 'selectors', place) + inside,
  detail,
});

function inOrder<T extends SelectedSeries>(list: T[], { signals }: Selector): T[] {
  const rank = new Map(signals?.map((signal, i) => [signal, i]));
  const byText = (a: string, b: string) => (a < b ? -1 : Number(a > b));
  return list.toSorted(
    (a, b) =>
      byText(a.device_id, b.device_id) ||
      (rank.get(a.signal) ?? 0) - (rank.get(b.signal) ?? 0) ||
      byText(a.signal, b.signal),
  );
}

/** What a selector asks for and is not there; pointers begin at the selector. */
function faultsOf({ device, connection, signals }: Selector, list: SelectedSeries[], there: Set<string>): Fault[] {
  const [kind, id] = device === undefined ? (['connection', connection] as const) : (['device', device] as const);
  if (!there.has(id ?? '')) return [{ pointer: `/${kind}`, detail: `there is no such ${kind}` }];
  if (!signals) return list.length > 0 ? [] : [{ pointer: '', detail: `the ${kind} has no series yet` }];
  const found = new Set(list.map(({ signal }) => signal));
  const missing = kind === 'device' ? 'the device has no such signal' : 'no device of the connection has such a signal';
  return signals.flatMap((signal, i) =>
    found.has(signal) ? [] : [{ pointer: pointer('signals', i), detail: missing }],
  );
}

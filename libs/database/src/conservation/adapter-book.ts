import type { Database } from '../database.ts';
import type { Queryable } from '../transaction.ts';
import type { RunMinute } from './batch-account.ts';
import { formatRanges, type NumberRanges } from './number-ranges.ts';

/** What an adapter knows of one minute of a run. Every count is that of the whole minute so far and never falls. */
export interface AdapterEntry extends RunMinute {
  /** Of the lease under which the run publishes. */
  epoch: number;
  /** Points that the connection brought. */
  received: number;
  /** Of these: read again with the value that is confirmed already. */
  unchanged: number;
  /** Of these, by rule: cannot be published. */
  setAside: Record<string, number>;
  /** Of these: given up before the bus had them; the source was not acknowledged. */
  unacknowledged: number;
  /** Numbers given to points, from 0. */
  numbered: number;
  confirmed: NumberRanges;
  /** Between which times of the source its points lie, half-open, milliseconds since 1970; absent while there is none. */
  source?: { fromMs: number; toMs: number } | undefined;
  /** Said long after the minute: whatever was received is numbered by now, or never will be. */
  past: boolean;
  /** The run is over: nothing of it will be published any more. */
  ended: boolean;
}

const KEY = 'workspace_id, minute, connection_id, run';
const GROWING = ['received', 'unchanged', 'set_aside_points', 'unacknowledged', 'numbered'] as const;

const RECORD = `
  insert into conservation_minute as m (${KEY}, epoch, ${GROWING.join(', ')}, set_aside, confirmed, confirmed_at, past, ended,
    sent_at, source_from, source_to)
  select workspace, to_timestamp(minute_ms / 1000.0), connection_id, run, epoch, ${GROWING.join(', ')}, set_aside,
    confirmed::int8multirange, case when confirmed <> '{}' then now() end, past, ended, now(), to_timestamp(source_from / 1000), to_timestamp(source_to / 1000)
  from unnest($1::text[], $2::float8[], $3::text[], $4::text[], $5::bigint[],
    ${GROWING.map((_, i) => `$${i + 6}::bigint[]`).join(', ')}, $11::jsonb[], $12::text[], $13::boolean[], $14::boolean[],
    $15::float8[], $16::float8[])
    as e(workspace, minute_ms, connection_id, run, epoch, ${GROWING.join(', ')}, set_aside, confirmed, past, ended, source_from, source_to)
  order by workspace, minute_ms, connection_id, run
  on conflict (${KEY}) do update set
    epoch = excluded.epoch,
    set_aside = case when excluded.set_aside_points >= m.set_aside_points then excluded.set_aside else m.set_aside end,
    ${GROWING.map((name) => `${name} = greatest(m.${name}, excluded.${name})`).join(', ')},
    confirmed = m.confirmed + excluded.confirmed,
    confirmed_at = case when excluded.confirmed <@ m.confirmed then m.confirmed_at else now() end,
    past = m.past or excluded.past,
    ended = m.ended or excluded.ended,
    sent_at = now(),
    source_from = least(m.source_from, excluded.source_from),
    source_to = greatest(m.source_to, excluded.source_to),
    checked = false`;

/** The adapters' side of the account. */
export class AdapterBook {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /**
   * Writes what is known of some minutes, each at most once; an older report that comes later changes nothing. With a
   * transaction it is written with whatever else that commits.
   */
  async record(entries: readonly AdapterEntry[], tx: Queryable = this.#db.pool): Promise<void> {
    if (entries.length === 0) return;
    await tx.query({ name: 'conservation-record', text: RECORD, values: columns(entries) });
  }
}

const columns = (entries: readonly AdapterEntry[]) => [
  entries.map(({ workspace }) => workspace),
  entries.map(({ minuteMs }) => minuteMs),
  entries.map(({ connectionId }) => connectionId),
  entries.map(({ run }) => run),
  entries.map(({ epoch }) => epoch),
  entries.map(({ received }) => received),
  entries.map(({ unchanged }) => unchanged),
  entries.map(({ setAside }) => Object.values(setAside).reduce((sum, points) => sum + points, 0)),
  entries.map(({ unacknowledged }) => unacknowledged),
  entries.map(({ numbered }) => numbered),
  entries.map(({ setAside }) => JSON.stringify(setAside)),
  entries.map(({ confirmed }) => formatRanges(confirmed)),
  entries.map(({ past }) => past),
  entries.map(({ ended }) => ended),
  entries.map(({ source }) => source?.fromMs ?? null),
  entries.map(({ source }) => source?.toMs ?? null),
];

import type { Queryable } from '../transaction.ts';
import { type BatchEntry, countsOf, type RunMinute, settledOutcomes } from './batch-account.ts';
import { common, formatRanges, minus, type NumberRanges, parseRanges, sizeOf, union } from './number-ranges.ts';

const KEY = 'workspace_id, minute, connection_id, run';
const COUNTS = [...settledOutcomes, 'redelivered'] as const;

/**
 * Adds what is new. An entry that has a number which has arrived before is not taken: its row is locked instead. In the
 * order of the key, so that two of these never wait for each other.
 */
const ADD = `
  insert into conservation_minute as m (${KEY}, covered, confirmed_below, confirmed_below_at, ${COUNTS.join(', ')})
  select workspace, to_timestamp(minute_ms / 1000.0), connection_id, run, covered::int8multirange, confirmed_below,
    case when confirmed_below > 0 then now() end, ${COUNTS.join(', ')}
  from unnest($1::text[], $2::float8[], $3::text[], $4::text[], $5::text[], $6::bigint[],
    ${COUNTS.map((_, i) => `$${i + 7}::bigint[]`).join(', ')})
    as e(workspace, minute_ms, connection_id, run, covered, confirmed_below, ${COUNTS.join(', ')})
  order by workspace, minute_ms, connection_id, run
  on conflict (${KEY}) do update set
    covered = m.covered + excluded.covered,
    confirmed_below = greatest(m.confirmed_below, excluded.confirmed_below),
    confirmed_below_at = case when excluded.confirmed_below > m.confirmed_below then now() else m.confirmed_below_at end,
    ${COUNTS.map((name) => `${name} = m.${name} + excluded.${name}`).join(', ')},
    checked = false
  where not m.covered && excluded.covered
  returning workspace_id as workspace, (extract(epoch from minute) * 1000)::float8 as "minuteMs",
    connection_id as "connectionId", run`;

const THIS_MINUTE =
  'm.workspace_id = $1 and m.minute = to_timestamp($2::float8 / 1000) and m.connection_id = $3 and m.run = $4';

const ADD_KNOWN = `
  update conservation_minute m set
    covered = m.covered + $5::int8multirange,
    parked = m.parked - $5::int8multirange,
    parked_points = m.parked_points - numbers_in(m.parked * $5::int8multirange),
    confirmed_below = greatest(m.confirmed_below, $6::bigint),
    confirmed_below_at = case when $6::bigint > m.confirmed_below then now() else m.confirmed_below_at end,
    ${COUNTS.map((name, i) => `${name} = m.${name} + $${i + 7}::bigint`).join(', ')},
    checked = false
  where ${THIS_MINUTE}`;

/**
 * Writes entries in the transaction that stores their points. A number that was settled before is counted as delivered
 * again and nothing else; one that is parked moves from there to what became of it now.
 */
export async function settle(client: Queryable, entries: readonly BatchEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const { rows } = await client.query<RunMinute>({
    name: 'conservation-add',
    text: ADD,
    values: [
      ...keyColumns(entries),
      entries.map(({ numbers }) => formatRanges(numbers)),
      entries.map(({ confirmedBelow }) => confirmedBelow),
      ...settledOutcomes.map((_, at) => entries.map(({ counts }) => counts[at] ?? 0)),
      entries.map(({ redelivered }) => redelivered),
    ],
  });
  if (rows.length === entries.length) return;
  const taken = new Set(rows.map(keyOf));
  for (const entry of entries) if (!taken.has(keyOf(entry))) await settleAgain(client, entry);
}

/** The row is locked: what it says now, it says until we have written. */
async function settleAgain(client: Queryable, entry: BatchEntry): Promise<void> {
  const key = keyValues(entry);
  const { rows } = await client.query<{ covered: string; parked: string }>(
    `select covered::text, parked::text from conservation_minute m where ${THIS_MINUTE}`,
    key,
  );
  const [covered, parked] = [rows[0]?.covered ?? '{}', rows[0]?.parked ?? '{}'].map(parseRanges);
  const { numbers, confirmedBelow } = entry;
  const counted = union(minus(numbers, covered ?? []), common(numbers, parked ?? []));
  const outcomes = entry.outcomes();
  const counts = countsOf(outcomesIn(counted, outcomes));
  const redelivered = entry.redelivered + sizeOf(numbers) - sizeOf(counted);
  await client.query(ADD_KNOWN, [...key, formatRanges(counted), confirmedBelow, ...counts, redelivered]);
}

function* outcomesIn(ranges: NumberRanges, outcomes: ReadonlyMap<number, number>): Generator<number> {
  for (const [number, outcome] of outcomes)
    if (ranges.some(([from, to]) => from <= number && number < to)) yield outcome;
}

/** Points that are set aside with their message, to be replayed or discarded. */
export interface ParkedPoints extends RunMinute {
  /** None for points without numbers: then `points` are counted. */
  numbers: NumberRanges;
  points: number;
  confirmedBelow: number;
}

const PARK = `
  insert into conservation_minute as m (${KEY}, covered, parked, parked_points, confirmed_below, confirmed_below_at)
  values ($1, to_timestamp($2::float8 / 1000), $3, $4, $5::int8multirange, $5::int8multirange, $6::bigint, $7::bigint,
    case when $7::bigint > 0 then now() end)
  on conflict (${KEY}) do update set
    covered = m.covered + excluded.covered,
    parked = m.parked + (excluded.covered - m.covered),
    parked_points = m.parked_points
      + case when m.run = '' then excluded.parked_points else numbers_in(excluded.covered - m.covered) end,
    redelivered = m.redelivered + numbers_in(excluded.covered * m.covered),
    confirmed_below = greatest(m.confirmed_below, excluded.confirmed_below),
    confirmed_below_at = case when excluded.confirmed_below > m.confirmed_below then now() else m.confirmed_below_at end,
    checked = false`;

/** Call in the transaction that parks the message. Points that were settled or parked before stay what they are. */
export async function settleParked(client: Queryable, parked: ParkedPoints): Promise<void> {
  const { numbers, points, confirmedBelow } = parked;
  await client.query(PARK, [...keyValues(parked), formatRanges(numbers), points, confirmedBelow]);
}

/** Call in the transaction that discards the message: what of it is still parked is dropped by that name. */
export async function settleDiscarded(client: Queryable, parkedId: string): Promise<void> {
  await client.query(
    `update conservation_minute m set
       discarded = m.discarded + numbers_in(m.parked * p.numbers),
       parked_points = m.parked_points - numbers_in(m.parked * p.numbers),
       parked = m.parked - p.numbers,
       checked = false
     from parked_message p
     where p.id = $1 and m.workspace_id = p.workspace_id and m.minute = p.minute and m.connection_id = p.connection_id
       and m.run = p.run`,
    [parkedId],
  );
}

const keyOf = ({ workspace, minuteMs, connectionId, run }: RunMinute): string =>
  `${workspace} ${minuteMs} ${connectionId} ${run}`;

const keyValues = ({ workspace, minuteMs, connectionId, run }: RunMinute) => [workspace, minuteMs, connectionId, run];

const keyColumns = (keys: readonly RunMinute[]) => [
  keys.map(({ workspace }) => workspace),
  keys.map(({ minuteMs }) => minuteMs),
  keys.map(({ connectionId }) => connectionId),
  keys.map(({ run }) => run),
];

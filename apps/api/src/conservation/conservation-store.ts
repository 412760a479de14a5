import { Inject, Injectable } from '@nestjs/common';
import { CONSERVATION } from '@tributary/database';
import { HOUSE, type House } from '../house.ts';
import { bindingOf, readCursor, writeCursor } from '../lists/cursor.ts';
import { Parameters } from '../lists/sql.ts';
import { COUNTS, type CountsRow, type MinuteRow } from './conservation-rows.ts';

export interface AccountQuery {
  workspace: string;
  connectionId?: string | undefined;
  /** Half-open: [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  state?: 'open' | 'unbalanced' | undefined;
}

export interface AccountPage {
  /** Rows of one minute of one connection, together. */
  minutes: MinuteRow[][];
  nextCursor?: string;
}

interface Key {
  minute: Date;
  connection_id: string;
  /** Microseconds since 1970. */
  us: string;
}

const KEY_TYPES = ['timestamptz', 'text', 'bigint', 'bigint'] as const;
const NUMBERS = COUNTS.map((name) => `${name}::float8`).join(', ');
const SUMS = COUNTS.map((name) => `coalesce(sum(${name}), 0)::float8 as ${name}`).join(', ');
/** What is not balanced has not been closed; so these look at few rows, however long the range is. */
const STATES = {
  open: 'not checked and in_flight > 0 and imbalance = 0',
  unbalanced: 'not checked and imbalance > 0',
};

/** Reads the account of a workspace. */
@Injectable()
export class ConservationStore {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  /** The range that a cursor was made for, so that one that ended "now" does not move on between pages. */
  rangeOf(query: Omit<AccountQuery, 'fromMs' | 'toMs'>, cursor: string): { fromMs: number; toMs: number } {
    const [, , fromMs, toMs] = readCursor(cursor, binding(query), KEY_TYPES);
    return { fromMs: Number(fromMs), toMs: Number(toMs) };
  }

  /** The newest minutes first. Throws 400 for a cursor of another list. */
  async page(
    query: AccountQuery,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<AccountPage> {
    const keys = await this.#keys(query, limit + 1, cursor);
    const kept = keys.slice(0, limit);
    const rows = await this.#rows(query.workspace, kept);
    // One may have gone by retention meanwhile.
    const minutes = kept.map((key) => rows.get(keyOf(key)) ?? []).filter((found) => found.length > 0);
    const last = kept.at(-1);
    if (keys.length <= limit || !last) return { minutes };
    const position = [last.us, last.connection_id, String(query.fromMs), String(query.toMs)];
    return { minutes, nextCursor: writeCursor(binding(query), position) };
  }

  /** Which minutes a page has: of that an index knows, and only those of the page need to be judged. */
  async #keys(query: AccountQuery, limit: number, cursor: string | undefined): Promise<Key[]> {
    const parameters = new Parameters();
    const where = conditions(query, parameters);
    if (cursor !== undefined) {
      const [minute, connection] = readCursor(cursor, binding(query), KEY_TYPES);
      const us = parameters.add(minute, 'bigint');
      const after = `('epoch'::timestamptz + ${us} * interval '1 microsecond', ${parameters.add(connection, 'text')})`;
      where.push(`(minute, connection_id) < ${after}`);
    }
    const { rows } = await this.#house.db.pool.query<Key>(
      `select distinct minute, connection_id, (extract(epoch from minute) * 1000000)::bigint::text as us
       from ${query.state === undefined ? 'conservation_minute' : CONSERVATION} k
       where ${where.join(' and ')} order by minute desc, connection_id desc limit ${limit}`,
      parameters.values,
    );
    return rows;
  }

  async #rows(workspace: string, keys: readonly Key[]): Promise<Map<string, MinuteRow[]>> {
    const { rows } = await this.#house.db.pool.query<MinuteRow>(
      `select minute, connection_id, run, set_aside, holes::text, redelivered::float8, ${NUMBERS} from ${CONSERVATION} c
       where workspace_id = $1 and minute = any($2) and connection_id = any($3) order by run`,
      [workspace, [...new Set(keys.map(({ minute }) => minute))], [...new Set(keys.map((key) => key.connection_id))]],
    );
    return Map.groupBy(rows, keyOf);
  }

  async totals(query: AccountQuery): Promise<CountsRow> {
    const parameters = new Parameters();
    const { rows } = await this.#house.db.pool.query<CountsRow>(
      `with c as (select * from ${CONSERVATION} c where ${conditions(query, parameters).join(' and ')}),
         aside as (
           select rule, sum(points::bigint)::float8 as points from c cross join jsonb_each_text(set_aside) as r(rule, points)
           where set_aside_points > 0 group by rule
         )
       select ${SUMS}, coalesce((select jsonb_object_agg(rule, points) from aside), '{}') as set_aside from c`,
      parameters.values,
    );
    return rows[0] as CountsRow;
  }
}

const keyOf = ({ minute, connection_id }: Pick<Key, 'minute' | 'connection_id'>): string =>
  `${minute.getTime()} ${connection_id}`;

const binding = ({ workspace, connectionId, state }: Omit<AccountQuery, 'fromMs' | 'toMs'>): string =>
  bindingOf('conservation', workspace, connectionId, state);

function conditions({ workspace, connectionId, fromMs, toMs, state }: AccountQuery, parameters: Parameters): string[] {
  const where = [
    `workspace_id = ${parameters.add(workspace, 'text')}`,
    `minute >= ${parameters.add(new Date(fromMs), 'timestamptz')}`,
    `minute < ${parameters.add(new Date(toMs), 'timestamptz')}`,
  ];
  if (connectionId !== undefined) where.push(`connection_id = ${parameters.add(connectionId, 'text')}`);
  if (state !== undefined) where.push(STATES[state]);
  return where;
}

import type pg from 'pg';
import { inTransaction } from '../transaction.ts';

export const DAY_MS = 86_400_000;
/** Days for which partitions exist before their first point comes. */
const AHEAD_DAYS = 7;
/** Yesterday too: late points of it come every night. */
const BEHIND_DAYS = 1;
/** Serialises everybody who adds or drops partitions; with `pg_advisory_xact_lock`. */
const PARTITION_LOCK = 7_214_002;

export const dayOf = (tsMs: number): number => Math.floor(tsMs / DAY_MS);

const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
const tableOf = (day: number): string => `point_${dateOf(day).replaceAll('-', '')}`;
const dayOfTable = (name: string): number => dayOf(Date.parse(name.replace(/^point_(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')));

/** The daily partitions of `point`; days count from 1970 UTC. */
export class Partitions {
  readonly #pool: pg.Pool;
  #known = new Set<number>();

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Does a point of this day have where to go, as far as this process knows? */
  has(day: number): boolean {
    return this.#known.has(day);
  }

  /** Makes yesterday's to next week's. */
  async makeAhead(nowMs: number): Promise<void> {
    const today = dayOf(nowMs);
    await this.make(Array.from({ length: BEHIND_DAYS + 1 + AHEAD_DAYS }, (_, i) => today - BEHIND_DAYS + i));
  }

  /** Makes those of these days that do not exist. Writers are not held up: attaching takes no lock that blocks them. */
  async make(days: Iterable<number>): Promise<void> {
    const wanted = [...days].filter((day) => !this.#known.has(day)).toSorted((a, b) => a - b);
    if (wanted.length === 0) return;
    await inTransaction(this.#pool, async (client) => {
      await client.query('select pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
      const existing = await this.#read(client);
      for (const day of wanted.filter((day) => !existing.has(day))) {
        const table = tableOf(day);
        await client.query(`create table ${table} (like point including all)`);
        await client.query(
          `alter table point attach partition ${table} for values from ('${dateOf(day)} 00:00Z') to ('${dateOf(day + 1)} 00:00Z')`,
        );
      }
    });
    await this.refresh();
  }

  /**
   * Drops every day before the one `beforeMs` lies in; returns the days dropped. Readers and writers go on. What an
   * earlier call left half done is finished.
   */
  async dropBefore(beforeMs: number): Promise<string[]> {
    const limit = dayOf(beforeMs);
    const { rows } = await this.#pool.query<{ name: string }>(
      `select relname as name from pg_class
       where relname ~ '^point_\\d{8}$' and relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
    );
    const gone = rows.map(({ name }) => dayOfTable(name)).filter((day) => day < limit);
    for (const day of gone) await this.#drop(day);
    await this.refresh();
    return gone.map(dateOf);
  }

  /** Reads anew which partitions exist. */
  async refresh(): Promise<void> {
    this.#known = await this.#read(this.#pool);
  }

  async #read(db: Pick<pg.Pool, 'query'>): Promise<Set<number>> {
    const { rows } = await db.query<{ name: string }>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = 'point'::regclass and not i.inhdetachpending and c.relname ~ '^point_\\d{8}$'`,
    );
    return new Set(rows.map(({ name }) => dayOfTable(name)));
  }

  /** Two statements, so that the strong lock is taken only on a table that nobody sees any more. */
  async #drop(day: number): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await client.query('select pg_advisory_lock($1)', [PARTITION_LOCK]);
      const { rows } = await client.query<{ pending: boolean }>(
        `select inhdetachpending as pending from pg_inherits
         where inhrelid = to_regclass($1) and inhparent = 'point'::regclass`,
        [tableOf(day)],
      );
      const how = rows[0]?.pending ? 'finalize' : 'concurrently';
      if (rows.length > 0) await client.query(`alter table point detach partition ${tableOf(day)} ${how}`);
      await client.query(`drop table if exists ${tableOf(day)}`);
    } finally {
      await client.query('select pg_advisory_unlock($1)', [PARTITION_LOCK]).catch(() => undefined);
      client.release();
    }
  }
}

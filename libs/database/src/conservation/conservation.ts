import type { Database } from '../database.ts';
import { CONSERVATION } from './account-sql.ts';

/** How the account of one connection stands now. */
export interface Standing {
  connectionId: string;
  /** Points received and neither dealt with nor missing. */
  inFlight: number;
  /** Points by which minutes do not balance; 0 when all do. */
  imbalance: number;
}

/** Minutes that are over for less than this are looked at again anyway. */
const YOUNG = `interval '2 minutes'`;
const MOST_AT_ONCE = 5_000;
const KEY = 'workspace_id, minute, connection_id, run';

/** Looks after the account: closes what balances, tells what does not. Nothing is ever closed that does not balance. */
export class Conservation {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /**
   * Closes minutes in which everything received has its place, so that they need not be judged again; whatever is written
   * to one later opens it again. Returns how many.
   */
  async close(): Promise<number> {
    // A row that was written after it was judged has another version, and waits for the next time; so does one that
    // somebody is writing. Versions are compared as text: as they are, they would choose the plan, and some releases of
    // Postgres do not look at them again after waiting. It waits for nobody, so nobody waits for it in a circle.
    const { rowCount } = await this.#db.pool.query(
      `with balanced as materialized (
         select ${KEY}, version::text as version, unacknowledged from ${CONSERVATION} c
         where not checked and in_flight = 0 and imbalance = 0 and minute < now() - ${YOUNG}
         order by minute limit ${MOST_AT_ONCE}
       ), held as materialized (
         select ${KEY}, m.unacknowledged as given_up, b.unacknowledged
         from conservation_minute m join balanced b using (${KEY})
         where m.ctid::text = b.version and not m.checked
         for update of m skip locked
       )
       update conservation_minute m set checked = true, released = held.unacknowledged - held.given_up
       from held
       where (m.workspace_id, m.minute, m.connection_id, m.run)
         = (held.workspace_id, held.minute, held.connection_id, held.run)`,
    );
    return rowCount ?? 0;
  }

  /** Of every connection that exists and has minutes which are not closed. */
  async standings(): Promise<Standing[]> {
    const { rows } = await this.#db.pool.query<Standing>(
      `select m.connection_id as "connectionId", sum(in_flight)::float8 as "inFlight", sum(imbalance)::float8 as imbalance
       from ${CONSERVATION} m join connection c on c.id = m.connection_id and c.workspace_id = m.workspace_id
       where not checked group by 1 order by 1`,
    );
    return rows;
  }
}

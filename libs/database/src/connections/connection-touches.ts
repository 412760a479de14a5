import type { Database } from '../database.ts';

/**
 * When something of a platform was last changed through us. What was asked before that says nothing of how it is now.
 * Times are the database's alone.
 */
export class ConnectionTouches {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /** Call it once the change was made, or may have been. Nothing happens for a connection that is not there. */
  async touch(connectionId: string, scopes: readonly string[]): Promise<void> {
    await this.#db.pool.query(
      `insert into connection_touch (connection_id, workspace_id, scope, at)
       select c.id, c.workspace_id, s.scope, clock_timestamp()
       from connection c, unnest($2::text[]) as s(scope) where c.id = $1 order by s.scope
       on conflict (connection_id, scope) do update set at = excluded.at`,
      [connectionId, [...new Set(scopes)]],
    );
  }
}

/** Of the row `c`: when each scope was touched, and what time it is, in milliseconds. */
export const TOUCHES = `(select json_object_agg(t.scope, extract(epoch from t.at) * 1000) from connection_touch t where t.connection_id = c.id) as touches,
    (extract(epoch from clock_timestamp()) * 1000)::float8 as read_at_ms`;

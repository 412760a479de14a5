import { createHash } from 'node:crypto';
import type { Database } from '../database.ts';

/** A log-in that somebody has begun. */
export interface PendingLogin {
  workspace: string;
  connectionId: string;
  /** Who began it. */
  actor: string;
  nonce: string;
  /** What the adapter needs again, as it sealed it. */
  carry: string;
}

/** How many of one connection may wait. */
const MAX_WAITING = 20;

/** Users' own log-ins at platforms between their beginning and their return; each is good once. Time is the database's. */
export class PendingLogins {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /** Returns when it runs out. The oldest ones of the connection make room where too many wait. */
  async begin(state: string, login: PendingLogin, ttlMs: number): Promise<Date> {
    await this.#db.pool.query(
      `delete from pending_login where connection_id = $1 and (expires_at <= now() or state_hash in (
         select state_hash from pending_login where connection_id = $1 order by expires_at desc offset ${MAX_WAITING - 1}))`,
      [login.connectionId],
    );
    const { rows } = await this.#db.pool.query<{ at: Date }>(
      `insert into pending_login (state_hash, connection_id, workspace_id, nonce, carry, actor, expires_at)
       values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 millisecond') returning expires_at as at`,
      [hashOf(state), login.connectionId, login.workspace, login.nonce, login.carry, login.actor, ttlMs],
    );
    return (rows[0] as { at: Date }).at;
  }

  /**
   * Takes it away, so that no second request has it. Undefined for a state that never was, was used, has run out, or
   * belongs to another connection, and where the key of whoever began it holds no more. What is looked for is a hash:
   * how long that takes tells nothing of the state.
   */
  async take(state: string, connectionId: string): Promise<PendingLogin | undefined> {
    const { rows } = await this.#db.pool.query<PendingLogin>(
      `delete from pending_login p where state_hash = $1 and connection_id = $2 and expires_at > now()
         and not exists (select 1 from api_key k where k.id = p.actor
           and (k.revoked_at is not null or k.expires_at <= now()))
       returning workspace_id as workspace, connection_id as "connectionId", actor, nonce, carry`,
      [hashOf(state), connectionId],
    );
    return rows[0];
  }
}

const hashOf = (state: string): Buffer => createHash('sha256').update(state).digest();

import type { Json } from '@tributary/contracts';
import type { Database } from '../database.ts';
import type { Queryable } from '../transaction.ts';

export interface AuditEntry {
  /** Absent for what concerns the whole installation. */
  workspace?: string | undefined;
  /** Who: an API key's id, or a subject of OIDC. */
  actor: string;
  /** What: `connection.created`. */
  action: string;
  /** On which: an id. */
  target?: string | undefined;
  /** Never secrets. */
  details?: Record<string, Json> | undefined;
  traceId?: string | undefined;
}

/** Who did what. Entries are only ever added, and dropped by age. */
export class AuditLog {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /** Pass the transaction of the act, so that both are there or neither. */
  async record(entry: AuditEntry, tx: Queryable = this.#db.pool): Promise<void> {
    await tx.query(
      'insert into audit_log (workspace_id, actor, action, target, details, trace_id) values ($1, $2, $3, $4, $5, $6)',
      [
        entry.workspace ?? null,
        entry.actor,
        entry.action,
        entry.target ?? null,
        entry.details ?? {},
        entry.traceId ?? null,
      ],
    );
  }
}

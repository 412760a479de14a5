import { createHash } from 'node:crypto';
import { newEventId } from '@tributary/runtime';
import type { Database } from '../database.ts';
import type { Queryable } from '../transaction.ts';

/** What was answered to the first request, enough to answer it again. */
export interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

export type IdempotencyResult =
  /** Nobody has run it: run it, then `finish` or `abandon` with this attempt. */
  | { outcome: 'run'; attempt: string }
  | { outcome: 'answered'; answer: StoredAnswer }
  /** The first request is still running. */
  | { outcome: 'in-progress' }
  /** The key was used with another request. */
  | { outcome: 'reused' };

/** So long is a first request believed to be running; after that its process is taken for dead. */
const LOCK_MS = 60_000;

/** The same request with the same key has its effect once, and the same answer, for as long as the key is kept. */
export class IdempotencyKeys {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /** `request` is all that makes it this request: method, path, body. */
  async begin(workspace: string, key: string, request: string | Uint8Array): Promise<IdempotencyResult> {
    const hash = createHash('sha256').update(request).digest();
    const attempt = newEventId();
    const taken = await this.#db.pool.query(
      `insert into idempotency_key as k (workspace_id, key, request_hash, attempt, locked_until)
       values ($1, $2, $3, $4, now() + $5 * interval '1 millisecond')
       on conflict (workspace_id, key) do update set attempt = excluded.attempt, locked_until = excluded.locked_until
       where k.answer is null and k.locked_until < now() and k.request_hash = excluded.request_hash`,
      [workspace, key, hash, attempt, LOCK_MS],
    );
    if (taken.rowCount) return { outcome: 'run', attempt };
    const { rows } = await this.#db.pool.query<{ hash: Buffer; answer: StoredAnswer | null }>(
      'select request_hash as hash, answer from idempotency_key where workspace_id = $1 and key = $2',
      [workspace, key],
    );
    const [row] = rows;
    // Abandoned between the two statements.
    if (!row) return this.begin(workspace, key, request);
    if (!row.hash.equals(hash)) return { outcome: 'reused' };
    return row.answer ? { outcome: 'answered', answer: row.answer } : { outcome: 'in-progress' };
  }

  /** Keeps the answer; pass the transaction of the effect, so that both are there or neither. False: another took over. */
  async finish(
    workspace: string,
    key: string,
    attempt: string,
    answer: StoredAnswer,
    tx: Queryable = this.#db.pool,
  ): Promise<boolean> {
    const { rowCount } = await tx.query(
      'update idempotency_key set answer = $4 where workspace_id = $1 and key = $2 and attempt = $3 and answer is null',
      [workspace, key, attempt, answer],
    );
    return rowCount === 1;
  }

  /** It had no effect: the key is free again. */
  async abandon(workspace: string, key: string, attempt: string): Promise<void> {
    await this.#db.pool.query(
      'delete from idempotency_key where workspace_id = $1 and key = $2 and attempt = $3 and answer is null',
      [workspace, key, attempt],
    );
  }
}

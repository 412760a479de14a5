import type { Logger } from '@tributary/runtime';
import { CoverageBook } from '../coverage/coverage-book.ts';
import type { Database } from '../database.ts';
import type { TelemetryStore } from '../telemetry/telemetry-store.ts';
import { inTransaction } from '../transaction.ts';

/** Milliseconds; each has a default. */
export interface RetentionPeriods {
  /** 90 days. */
  platformEventsMs?: number;
  /** Commands at their end; 400 days. */
  commandsMs?: number;
  /** Replayed and discarded ones; what is parked stays. 30 days. */
  parkedMs?: number;
  /** Minutes of the account that balance; one that does not is kept as long as audit entries. 14 days. */
  conservationMs?: number;
  /** Backfills that have ended; 90 days. */
  backfillsMs?: number;
  /** When points were committed, for their lineage. 7 days. */
  commitsMs?: number;
  /** 24 hours. */
  idempotencyKeysMs?: number;
  /** 400 days. */
  auditMs?: number;
  /** What connections said of themselves, and what their breakers did. 90 days. */
  connectionHistoryMs?: number;
  /** From the removal of a connection until nothing is left of it. 30 days. */
  removedConnectionsMs?: number;
}

const DAY_MS = 86_400_000;
/** Longer than any answer of before is given. */
const TOUCHES_MS = 32 * DAY_MS;
const RETENTION_LOCK = 7_214_004;
/** Rows of one statement: short locks, short transactions. */
const CHUNK = 5_000;
const SERIES_CHUNK = 50;

type Deleted = Record<string, number>;

/** Drops what has been kept long enough. Run it a few times a day, in as many processes as like: one at a time works. */
export class Retention {
  readonly #db: Pick<Database, 'pool'>;
  readonly #store: TelemetryStore;
  readonly #periods: RetentionPeriods;
  readonly #log: Logger;

  constructor(
    db: Pick<Database, 'pool'>,
    options: { store: TelemetryStore; log: Logger; periods?: RetentionPeriods | undefined },
  ) {
    this.#db = db;
    this.#store = options.store;
    this.#log = options.log;
    this.#periods = options.periods ?? {};
  }

  /** How many rows of what were deleted; undefined when another process is at it. */
  async run(nowMs: number, signal?: AbortSignal): Promise<Deleted | undefined> {
    const guard = await this.#db.pool.connect();
    try {
      const { rows } = await guard.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [
        RETENTION_LOCK,
      ]);
      if (!rows[0]?.mine) return undefined;
      await this.#store.ensurePartitions(nowMs);
      const days = await this.#store.dropExpired(nowMs);
      const spans = await new CoverageBook(this.#db).forget(this.#store.keepsFrom(nowMs));
      const deleted: Deleted = {
        'days of points': days.length,
        'spans of coverage': spans,
        ...(await this.#deleteOld(nowMs, signal)),
      };
      deleted.connections = await this.#purgeConnections(nowMs, signal);
      this.#log.info({ deleted }, 'retention done');
      return deleted;
    } finally {
      await guard.query('select pg_advisory_unlock($1)', [RETENTION_LOCK]).catch(() => undefined);
      guard.release();
    }
  }

  async #deleteOld(nowMs: number, signal: AbortSignal | undefined): Promise<Deleted> {
    const p = this.#periods;
    const before = (ms: number) => new Date(nowMs - ms);
    const delete_ = (table: string, where: string, at: Date) => this.#deleteChunks(table, where, at, signal);
    return {
      'platform events': await delete_('platform_event', 'ts < $1', before(p.platformEventsMs ?? 90 * DAY_MS)),
      commands: await delete_(
        'command',
        `state in ('confirmed', 'rejected', 'failed', 'expired', 'cancelled', 'delivered', 'unknown') and updated_at < $1`,
        before(p.commandsMs ?? 400 * DAY_MS),
      ),
      'parked messages': await delete_(
        'parked_message',
        `state <> 'parked' and parked_at < $1`,
        before(p.parkedMs ?? 30 * DAY_MS),
      ),
      'news of parked messages': await delete_(
        'parked_news',
        'untold = 0 and told_at < $1',
        before(p.parkedMs ?? 30 * DAY_MS),
      ),
      'jobs over parked messages': await delete_('parked_job', 'finished_at < $1', before(p.parkedMs ?? 30 * DAY_MS)),
      'minutes of the account': await delete_(
        'conservation_minute',
        // What waits, or was thrown away, says of its time that it is not all there.
        'checked and parked_points = 0 and discarded = 0 and minute < $1',
        before(p.conservationMs ?? 14 * DAY_MS),
      ),
      'minutes that never balanced': await delete_(
        'conservation_minute',
        '(not checked or parked_points > 0 or discarded > 0) and minute < $1',
        before(p.auditMs ?? 400 * DAY_MS),
      ),
      backfills: await delete_('backfill', 'ended_at < $1', before(p.backfillsMs ?? 90 * DAY_MS)),
      'times of commits': await delete_('telemetry_commit', 'at < $1', before(p.commitsMs ?? 7 * DAY_MS)),
      'idempotency keys': await delete_('idempotency_key', 'created_at < $1', before(p.idempotencyKeysMs ?? DAY_MS)),
      // Whoever held the connection has signed out by now, or never will.
      'shared tokens': await delete_(
        'shared_token',
        'connection_id in (select id from connection where removed_at < $1)',
        before(DAY_MS),
      ),
      'pending log-ins': await delete_('pending_login', 'expires_at < $1', before(0)),
      'changes at platforms': await delete_('connection_touch', 'at < $1', before(TOUCHES_MS)),
      'changes of status': await delete_(
        'connection_status_change',
        'at < $1',
        before(p.connectionHistoryMs ?? 90 * DAY_MS),
      ),
      'changes of breakers': await delete_(
        'breaker_change',
        'last_at < $1',
        before(p.connectionHistoryMs ?? 90 * DAY_MS),
      ),
      'audit entries': await delete_('audit_log', 'at < $1', before(p.auditMs ?? 400 * DAY_MS)),
    };
  }

  /** Table and condition are ours, never a caller's. */
  async #deleteChunks(table: string, where: string, at: Date, signal: AbortSignal | undefined): Promise<number> {
    let total = 0;
    for (let deleted = CHUNK; deleted === CHUNK; total += deleted) {
      signal?.throwIfAborted();
      const result = await this.#db.pool.query(
        `delete from ${table} where ctid = any(array(select ctid from ${table} where ${where} limit ${CHUNK}))`,
        [at],
      );
      deleted = result.rowCount ?? 0;
    }
    return total;
  }

  async #purgeConnections(nowMs: number, signal: AbortSignal | undefined): Promise<number> {
    const { rows } = await this.#db.pool.query<{ id: string }>('select id from connection where removed_at < $1', [
      new Date(nowMs - (this.#periods.removedConnectionsMs ?? 30 * DAY_MS)),
    ]);
    for (const { id } of rows) await this.#purge(id, signal);
    return rows.length;
  }

  /** Points first, while their series are still known; a crash between leaves work for the next run. */
  async #purge(connectionId: string, signal: AbortSignal | undefined): Promise<void> {
    const { rows } = await this.#db.pool.query<{ id: number }>(
      'select s.id from series s join device d on d.id = s.device_id where d.connection_id = $1 order by s.id',
      [connectionId],
    );
    for (let at = 0; at < rows.length; at += SERIES_CHUNK) {
      signal?.throwIfAborted();
      const ids = rows.slice(at, at + SERIES_CHUNK).map((row) => row.id);
      await inTransaction(this.#db.pool, async (tx) => {
        await tx.query('delete from point_revision where series_id = any($1)', [ids]);
        await tx.query('delete from point where series_id = any($1)', [ids]);
        await tx.query('delete from series where id = any($1)', [ids]);
      });
    }
    await this.#db.pool.query('delete from command where connection_id = $1', [connectionId]);
    await this.#db.pool.query('delete from platform_event where connection_id = $1', [connectionId]);
    await this.#db.pool.query('delete from conservation_minute where connection_id = $1', [connectionId]);
    await this.#db.pool.query('delete from connection where id = $1', [connectionId]);
  }
}

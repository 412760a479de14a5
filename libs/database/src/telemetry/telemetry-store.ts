import { type Clock, failpoint } from '@tributary/runtime';
import type pg from 'pg';
import { countsByConnection, entriesOf, totalOf } from '../conservation/batch-account.ts';
import { settle } from '../conservation/intake-book.ts';
import type { Database } from '../database.ts';
import { classifyDatabaseError, sqlStateOf } from '../database-errors.ts';
import { inTransaction } from '../transaction.ts';
import type { CommitReport, TelemetryBatch } from './batch.ts';
import { type ReadBatch, readBatch } from './batch-reader.ts';
import { copyRows } from './copy-path.ts';
import { mergeRows } from './merge-path.ts';
import { noteCommit } from './note-commit.ts';
import { DAY_MS, dayOf, Partitions } from './partitions.ts';
import type { PointRows } from './point-rows.ts';
import { rehearse } from './rehearsal.ts';
import { SeriesResolver } from './series-resolver.ts';

export interface TelemetryStoreOptions {
  clock: Clock;
  /** Points of days older than this are refused as `expired`. Milliseconds; default 400 days. */
  retentionMs?: number;
  /** Series whose numbers are kept in memory; default one million, at some 150 bytes each. */
  maxCachedSeries?: number;
}

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
/** Raised for a row that no partition takes. */
const CHECK_VIOLATION = '23514';
/** Tries of one commit, when each attempt meets another writer or something that was deleted meanwhile. */
const MAX_ATTEMPTS = 6;
/** After meeting stored rows where none were expected, that many batches do not try the short way. */
const CAUTION = 8;

/** Writes telemetry. Any number of them, in any number of processes, may write the same facts at the same time. */
export class TelemetryStore {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;
  readonly #retentionMs: number;
  readonly #partitions: Partitions;
  readonly #resolver: SeriesResolver;
  #caution = 0;

  constructor(db: Pick<Database, 'pool'>, options: TelemetryStoreOptions) {
    this.#pool = db.pool;
    this.#clock = options.clock;
    this.#retentionMs = options.retentionMs ?? 400 * DAY_MS;
    this.#partitions = new Partitions(db.pool);
    this.#resolver = new SeriesResolver(db.pool, options.maxCachedSeries ?? 1_000_000);
  }

  /**
   * Stores a batch in one transaction: points, revisions, newest values, account. When it resolves, every point is either stored
   * or named in `refused`. When it rejects, none is, or (the connection broke at the commit) all are: committing the
   * same batch again is harmless, and the order of batches does not matter. Judge what it throws by
   * `classifyDatabaseError`. An abort is heeded between attempts.
   */
  async commit(batch: TelemetryBatch, signal?: AbortSignal): Promise<CommitReport> {
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      try {
        return await this.#attempt(batch);
      } catch (error) {
        if (attempt >= MAX_ATTEMPTS) throw error;
        if (await this.#correctBelief(error, batch)) continue;
        if (classifyDatabaseError(error) !== 'conflict') throw error;
        await this.#clock.sleep(Math.random() * 10 * 2 ** attempt, signal);
      }
    }
  }

  /** What `commit` would report now, or what it would reject with. Nothing is changed. */
  rehearse(batch: TelemetryBatch): Promise<CommitReport> {
    const nowMs = this.#clock.now();
    const rules = { nowMs, keepFromMs: nowMs - this.#retentionMs, partitions: this.#partitions };
    return rehearse(this.#pool, batch, rules);
  }

  /** Makes yesterday's to next week's partitions. Call at start and a few times a day. */
  async ensurePartitions(nowMs: number): Promise<void> {
    await this.#partitions.refresh();
    await this.#partitions.makeAhead(nowMs);
  }

  /** The first moment whose points are kept. */
  keepsFrom(nowMs: number): Date {
    return new Date(dayOf(nowMs - this.#retentionMs) * DAY_MS);
  }

  /**
   * Drops the partitions and revisions of days before `nowMs - retentionMs`; returns the days, as dates. Newest values
   * stay, also those that are older.
   */
  async dropExpired(nowMs: number): Promise<string[]> {
    const dropped = await this.#partitions.dropBefore(nowMs - this.#retentionMs);
    const firstMoment = this.keepsFrom(nowMs);
    await this.#pool.query('delete from point_revision where ts < $1', [firstMoment]);
    await this.#pool.query('update series_latest set first_ts = least(ts, $1) where first_ts < $1 and first_ts < ts', [
      firstMoment,
    ]);
    return dropped;
  }

  async #attempt(batch: TelemetryBatch): Promise<CommitReport> {
    const nowMs = this.#clock.now();
    const devices = await this.#resolver.resolve(batch.groups);
    const read = readBatch(batch, devices, { nowMs, keepFromMs: nowMs - this.#retentionMs });
    const path = await this.#write(read, batch);
    this.#remember(read);
    await this.#resolver.setUnits(read.units);
    const connections = countsByConnection(batch.groups, read.rows);
    return { ...totalOf(connections), connections, refused: read.refused, path };
  }

  /** Points, revisions, newest values, and what the account learns of the batch: all of it or nothing. */
  async #write(read: ReadBatch, { groups, sealedMs }: TelemetryBatch): Promise<CommitReport['path']> {
    const { rows, refused } = read;
    const withAccount = (write: (client: pg.PoolClient, rows: PointRows) => Promise<void>) =>
      inTransaction(this.#pool, async (client) => {
        await write(client, rows);
        if (rows.order.length > 0) await noteCommit(client, sealedMs);
        // Last of all: rows of the account are written by every batch, and are locked until the commit.
        await settle(client, entriesOf(groups, rows, refused));
        await failpoint('after-copy-before-commit');
      });
    if (rows.order.length === 0) {
      if (refused.length > 0) await withAccount(async () => undefined);
      return 'none';
    }
    await this.#makePartitions(read.days);
    if (read.allAhead && !this.#cautious()) {
      try {
        await withAccount(copyRows);
        return 'copy';
      } catch (error) {
        if (sqlStateOf(error) !== UNIQUE_VIOLATION) throw error;
        this.#caution = CAUTION;
      }
    }
    await withAccount(mergeRows);
    return 'merge';
  }

  #cautious(): boolean {
    if (this.#caution === 0) return false;
    this.#caution--;
    return true;
  }

  async #makePartitions(days: Set<number>): Promise<void> {
    const missing = () => [...days].filter((day) => !this.#partitions.has(day));
    if (missing().length === 0) return;
    await this.#partitions.refresh();
    await this.#partitions.make(missing());
  }

  #remember(read: ReadBatch): void {
    for (const { entry, tsUs } of read.newest.values()) {
      if (tsUs > entry.newestUs) entry.newestUs = tsUs;
    }
  }

  /** Was something so no longer that this process believed? Then it is looked up anew, and the next attempt may do. */
  async #correctBelief(error: unknown, batch: TelemetryBatch): Promise<boolean> {
    const state = sqlStateOf(error);
    if (state === FOREIGN_KEY_VIOLATION) this.#resolver.forget(batch.groups.map((group) => group.deviceId));
    else if (state === CHECK_VIOLATION) await this.#partitions.refresh();
    else return false;
    return true;
  }
}

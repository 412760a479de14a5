import {
  AdapterBook,
  Backfills,
  CoverageBook,
  type CoverageHole,
  CoverageReader,
  type Database,
  gapsToRead,
  holdsLease,
  inTransaction,
  type NewBackfill,
  type OpenPart,
  type PartClaim,
  type Queryable,
  type SpanStatement,
  type TimeRange,
} from '@tributary/database';
import type { Checkpoint } from '../../contract.ts';
import type { BackfillStore, WrittenWithPart } from '../ports.ts';

/** Backfills in Postgres, and what is known of coverage beside them. */
export class BackfillRows implements BackfillStore {
  readonly #pool: Database['pool'];
  readonly #backfills: Backfills;
  readonly #book: CoverageBook;
  readonly #reader: CoverageReader;
  readonly #account: AdapterBook;

  constructor(db: Database) {
    this.#pool = db.pool;
    this.#backfills = new Backfills(db);
    this.#book = new CoverageBook(db);
    this.#reader = new CoverageReader(db.pool);
    this.#account = new AdapterBook(db);
  }

  open(connectionIds: readonly string[], each: number): Promise<OpenPart[]> {
    return this.#backfills.open(connectionIds, each);
  }

  claim(part: OpenPart, epoch: number): Promise<OpenPart | undefined> {
    return this.#backfills.claim(part, epoch);
  }

  async gapsOf(part: TimeRange & { connectionId: string; deviceId: string; signals: string[] }): Promise<TimeRange[]> {
    const { deviceId, ...query } = part;
    const gaps = await gapsToRead(this.#reader, { ...query, deviceIds: [deviceId] });
    return gaps.get(deviceId)?.toRead ?? [];
  }

  async missingOf(query: TimeRange & { connectionId: string; deviceIds: readonly string[]; signal?: string }) {
    const found = await this.#reader.intervals(query);
    return new Map(
      [...found].map(
        ([id, intervals]) =>
          [id, intervals.filter(({ state, source }) => state === 'missing' && source !== undefined)] as const,
      ),
    );
  }

  paged(
    claim: PartClaim,
    page: { points: number; calls: number; resume?: Checkpoint | undefined },
    also: WrittenWithPart,
  ): Promise<boolean> {
    return this.#backfills.paged(claim, page, (tx) => this.#writeAlso(tx, claim.connectionId, also));
  }

  finish(
    claim: PartClaim,
    end: { state: 'done' | 'unrecoverable'; calls: number; reason?: string },
    also: WrittenWithPart,
  ): Promise<boolean> {
    return this.#backfills.finish(claim, end, (tx) => this.#writeAlso(tx, claim.connectionId, also));
  }

  postpone(claim: PartClaim, failure: Parameters<BackfillStore['postpone']>[1]): Promise<boolean> {
    return this.#backfills.postpone(claim, failure);
  }

  census(connectionIds: readonly string[]): Promise<{ waiting: number; running: number; oldestMs: number }> {
    return this.#backfills.census(connectionIds);
  }

  holes(connectionIds: readonly string[], query: { minAgeMs: number; limit: number }): Promise<CoverageHole[]> {
    return this.#reader.holes({ ...query, connectionIds });
  }

  madeUp(lease: { connectionId: string; epoch: number }, holeId: string): Promise<void> {
    return inTransaction(this.#pool, async (tx) => {
      if (await holdsLease(tx, lease)) await this.#book.madeUp(tx, holeId);
    });
  }

  openRepairs(connectionId: string): Promise<OpenPart[]> {
    return this.#backfills.openRepairs(connectionId);
  }

  repairsLately(connectionId: string): Promise<(OpenPart & { endedMs: number })[]> {
    return this.#backfills.repairsLately(connectionId);
  }

  plan(draft: NewBackfill, epoch: number): Promise<string | undefined> {
    return this.#backfills.planAsOwner(draft, epoch);
  }

  async settle(lease: { connectionId: string; epoch: number }, statements: readonly SpanStatement[]): Promise<void> {
    await this.#book.writeOwned(lease, statements);
  }

  async #writeAlso(tx: Queryable, connectionId: string, { statements, account }: WrittenWithPart): Promise<void> {
    await this.#book.write(tx, connectionId, statements);
    // Last: the intake writes the same rows with every batch, and waits while they are locked.
    await this.#account.record(account, tx);
  }
}

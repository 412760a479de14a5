import {
  AdapterBook,
  Checkpoints,
  CoverageBook,
  type Database,
  inTransaction,
  type SpanStatement,
} from '@tributary/database';
import type { Checkpoint } from '../../contract.ts';
import type { CheckpointStore, SavedCheckpoint, WrittenWithCheckpoint } from '../ports.ts';

/** Checkpoints in Postgres, and what is written with them. */
export class CheckpointRows implements CheckpointStore {
  readonly #db: Database;
  readonly #checkpoints: Checkpoints;
  readonly #book: AdapterBook;
  readonly #coverage: CoverageBook;

  constructor(db: Database) {
    this.#db = db;
    this.#checkpoints = new Checkpoints(db);
    this.#book = new AdapterBook(db);
    this.#coverage = new CoverageBook(db);
  }

  get(connectionId: string, name: string): Promise<SavedCheckpoint | undefined> {
    return this.#checkpoints.get(connectionId, name);
  }

  save(
    connectionId: string,
    name: string,
    value: Checkpoint,
    { version, epoch }: { version: number; epoch: number },
    { account = [], covers = [] }: WrittenWithCheckpoint = {},
  ): Promise<boolean> {
    const expected = { version, epoch: BigInt(epoch) };
    if (account.length === 0 && covers.length === 0) {
      return this.#checkpoints.save(connectionId, name, value, expected);
    }
    return inTransaction(this.#db.pool, async (client) => {
      const saved = await this.#checkpoints.save(connectionId, name, value, expected, client);
      if (!saved) return false;
      await this.#coverage.write(client, connectionId, covers);
      // Last: the intake writes the same rows with every batch, and waits while they are locked.
      await this.#book.record(account, client);
      return true;
    });
  }

  cover(lease: { connectionId: string; epoch: number }, covers: readonly SpanStatement[]): Promise<boolean> {
    return this.#coverage.writeOwned(lease, covers);
  }
}

import { Checkpoints, type Database } from '@tributary/database';
import type { Checkpoint } from '../../contract.ts';
import type { CheckpointStore, SavedCheckpoint } from '../ports.ts';

/** Checkpoints in Postgres. */
export class CheckpointRows implements CheckpointStore {
  readonly #checkpoints: Checkpoints;

  constructor(db: Database) {
    this.#checkpoints = new Checkpoints(db);
  }

  get(connectionId: string, name: string): Promise<SavedCheckpoint | undefined> {
    return this.#checkpoints.get(connectionId, name);
  }

  save(
    connectionId: string,
    name: string,
    value: Checkpoint,
    expected: { version: number; epoch: number },
  ): Promise<boolean> {
    return this.#checkpoints.save(connectionId, name, value, { ...expected, epoch: BigInt(expected.epoch) });
  }
}

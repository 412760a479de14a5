import type { Checkpoint } from '../../contract.ts';
import type { CheckpointStore, SavedCheckpoint } from '../ports.ts';

/** The checkpoint table in memory, for tests: compare-and-set on version, and on epoch where one is known. */
export class MemoryCheckpoints implements CheckpointStore {
  readonly rows = new Map<string, SavedCheckpoint>();
  /** The epoch under which writes are taken; undefined takes any. */
  epoch: number | undefined;

  async get(connectionId: string, name: string): Promise<SavedCheckpoint | undefined> {
    return this.rows.get(`${connectionId}/${name}`);
  }

  async save(
    connectionId: string,
    name: string,
    value: Checkpoint,
    expected: { version: number; epoch: number },
  ): Promise<boolean> {
    const key = `${connectionId}/${name}`;
    if ((this.rows.get(key)?.version ?? 0) !== expected.version) return false;
    if (this.epoch !== undefined && this.epoch !== expected.epoch) return false;
    this.rows.set(key, { value, version: expected.version + 1 });
    return true;
  }
}

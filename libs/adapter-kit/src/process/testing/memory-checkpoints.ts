import type { AdapterEntry, SpanStatement } from '@tributary/database';
import type { Checkpoint } from '../../contract.ts';
import type { CheckpointStore, SavedCheckpoint, WrittenWithCheckpoint } from '../ports.ts';

/** The checkpoint table in memory, for tests: compare-and-set on version, and on epoch where one is known. */
export class MemoryCheckpoints implements CheckpointStore {
  readonly rows = new Map<string, SavedCheckpoint>();
  /** Entries of the account that were written with a checkpoint. */
  readonly account: AdapterEntry[] = [];
  /** What was stated of stretches of time, in the order of writing. */
  readonly covers: SpanStatement[] = [];
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
    { account = [], covers = [] }: WrittenWithCheckpoint = {},
  ): Promise<boolean> {
    const key = `${connectionId}/${name}`;
    if ((this.rows.get(key)?.version ?? 0) !== expected.version) return false;
    if (this.epoch !== undefined && this.epoch !== expected.epoch) return false;
    this.account.push(...account);
    this.covers.push(...covers);
    this.rows.set(key, { value, version: expected.version + 1 });
    return true;
  }

  async cover({ epoch }: { epoch: number }, covers: readonly SpanStatement[]): Promise<boolean> {
    if (this.epoch !== undefined && this.epoch !== epoch) return false;
    this.covers.push(...covers);
    return true;
  }
}

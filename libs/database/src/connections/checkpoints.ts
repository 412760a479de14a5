import type { Database } from '../database.ts';
import type { Queryable } from '../transaction.ts';

/** Flat and small; only the adapter that wrote it looks inside. */
export type CheckpointValue = Record<string, string | number | boolean>;

export interface StoredCheckpoint {
  name: string;
  value: CheckpointValue;
  version: number;
  epoch: bigint;
  updatedAt: Date;
}

interface Row extends Omit<StoredCheckpoint, 'epoch'> {
  epoch: string;
}

const COLUMNS = 'name, value, version, epoch, updated_at as "updatedAt"';

/** Where polls resume. */
export class Checkpoints {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  async get(connectionId: string, name: string): Promise<StoredCheckpoint | undefined> {
    const { rows } = await this.#db.pool.query<Row>(
      `select ${COLUMNS} from checkpoint where connection_id = $1 and name = $2`,
      [connectionId, name],
    );
    return rows[0] && fromRow(rows[0]);
  }

  /**
   * Compare and set: `version` is what was last read or saved (0 for none), `epoch` that of the lease. True: saved, and
   * the version is one greater. False: nothing changed, because another owner has the lease or somebody else saved.
   */
  async save(
    connectionId: string,
    name: string,
    value: CheckpointValue,
    expected: { version: number; epoch: bigint },
    tx: Queryable = this.#db.pool,
  ): Promise<boolean> {
    // The share lock keeps a take-over waiting until this is committed, so that it then reads what was saved.
    const { rowCount } = await tx.query(
      `with owner as (
         select connection_id from connection_lease
         where connection_id = $1 and epoch = $5 and replica is not null
         for share
       )
       insert into checkpoint as c (connection_id, name, value, version, epoch, updated_at)
       select $1, $2, $3, 1, $5, now() from owner
       where $4::int = 0 or exists (select 1 from checkpoint where connection_id = $1 and name = $2)
       on conflict (connection_id, name) do update
       set value = excluded.value, version = c.version + 1, epoch = excluded.epoch, updated_at = now()
       where c.version = $4 and c.epoch <= excluded.epoch`,
      [connectionId, name, value, expected.version, String(expected.epoch)],
    );
    return rowCount === 1;
  }
}

const fromRow = (row: Row): StoredCheckpoint => ({ ...row, epoch: BigInt(row.epoch) });

import type { Database } from '../database.ts';
import type { ConnectionFacts } from './broken-link.ts';

export interface EvidenceRow extends ConnectionFacts {
  connectionId: string;
  /** Of the lease under which it was seen: what an earlier owner says late does not count. */
  epoch: number;
}

/** What adapters have seen of the links between a platform and us, a row for each connection. */
export class ConnectionEvidence {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /** All of a process in one statement. Connections that are gone are passed over. */
  async tell(rows: readonly EvidenceRow[]): Promise<void> {
    if (rows.length === 0) return;
    const sorted = rows.toSorted((a, b) => (a.connectionId < b.connectionId ? -1 : 1));
    await this.#db.pool.query(
      `insert into connection_evidence as e (connection_id, workspace_id, epoch, seen_at, evidence)
       select c.id, c.workspace_id, i.epoch, now(), i.evidence
       from unnest($1::text[], $2::bigint[], $3::jsonb[]) as i(id, epoch, evidence) join connection c on c.id = i.id
       order by c.id
       on conflict (connection_id) do update set epoch = excluded.epoch, seen_at = excluded.seen_at,
         evidence = excluded.evidence
       where e.epoch <= excluded.epoch`,
      [
        sorted.map(({ connectionId }) => connectionId),
        sorted.map(({ epoch }) => epoch),
        sorted.map(({ facts, wellMs, pollEveryMs }) => JSON.stringify({ facts, wellMs, pollEveryMs })),
      ],
    );
  }
}

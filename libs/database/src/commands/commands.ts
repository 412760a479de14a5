import type { Database } from '../database.ts';
import { COMMAND_COLUMNS, type StoredCommand, type StoredTransition } from './stored-command.ts';

/** Reads commands; `CommandLedger` writes them. */
export class Commands {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /** With all that is known of its life; undefined where the workspace has no such command. */
  async get(workspace: string, id: string): Promise<(StoredCommand & { transitions: StoredTransition[] }) | undefined> {
    const command = await this.find(id);
    if (command?.workspace !== workspace) return undefined;
    const { rows } = await this.#db.pool.query<StoredTransition>(
      'select state, at, evidence, error from command_transition where command_id = $1 order by step',
      [id],
    );
    return { ...command, transitions: rows };
  }

  /** For adapters, which work across workspaces. */
  async find(id: string): Promise<StoredCommand | undefined> {
    const { rows } = await this.#db.pool.query<StoredCommand>(
      `select ${COMMAND_COLUMNS} from command c where c.id = $1`,
      [id],
    );
    return rows[0];
  }

  /**
   * Commands whose outcome a platform may still tell: not at their end, known to be sent (they have a reference), and not
   * followed since `notSince`. For the adapter that owns these connections.
   */
  async toFollow(options: {
    connectionIds: readonly string[];
    notSince: Date;
    limit: number;
  }): Promise<StoredCommand[]> {
    const { rows } = await this.#db.pool.query<StoredCommand>(
      `select ${COMMAND_COLUMNS} from command c
       where c.connection_id = any($1) and c.state in ('dispatched', 'acknowledged', 'queued', 'delivered', 'unknown')
         and c.reference is not null and (c.followed_at is null or c.followed_at < $2)
       order by c.followed_at nulls first, c.id limit $3`,
      [options.connectionIds, options.notSince, options.limit],
    );
    return rows;
  }

  /** Ids of commands that wait to be sent, oldest first: for an adapter that missed an order. */
  async waiting(platform: string, limit: number): Promise<StoredCommand[]> {
    const { rows } = await this.#db.pool.query<StoredCommand>(
      `select ${COMMAND_COLUMNS} from command c where c.state = 'accepted' and c.platform = $1 order by c.id limit $2`,
      [platform, limit],
    );
    return rows;
  }
}

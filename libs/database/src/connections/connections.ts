import type { Json, TributaryEvent, WireError } from '@tributary/contracts';
import { newId } from '@tributary/runtime';
import type pg from 'pg';
import type { Database } from '../database.ts';
import { inTransaction, type Queryable } from '../transaction.ts';

/** NOTIFY channel on which every change of a connection is told, by its id. */
export const CONNECTIONS_CHANNEL = 'tributary_connections';

export interface Connection {
  id: string;
  workspace: string;
  platform: string;
  name: string;
  settings: Record<string, Json>;
  /** For `CredentialVault.open`. */
  sealed: string;
  fingerprint: string;
  credentialsUpdatedAt: Date;
  paused: boolean;
  /** Set when it was removed; its adapter signs out and lets go. */
  removedAt: Date | null;
  /** Grows with every change; what an ETag is made of. */
  version: number;
  createdAt: Date;
  updatedAt: Date;
  /** The last that was said of it, by itself or by whoever paused it; `unknown` before anything was. */
  status: string;
  /** The event that was about to say it when its owner went away. */
  unsaid: TributaryEvent | null;
  statusSince: Date | null;
  statusReason: string | null;
  statusError: WireError | null;
}

export interface NewConnection {
  /** By default a new one; given when credentials were sealed for it before. */
  id?: string;
  workspace: string;
  platform: string;
  name: string;
  settings: Record<string, Json>;
  sealed: string;
  fingerprint: string;
}

export interface ConnectionChange {
  name?: string;
  settings?: Record<string, Json>;
  paused?: boolean;
  credentials?: { sealed: string; fingerprint: string };
  removed?: true;
}

/** Differs when the credentials do, also when they are replaced by the same; not when they are sealed with another key. */
export const credentialsMark = (row: Pick<Connection, 'fingerprint' | 'credentialsUpdatedAt'>): string =>
  `${row.fingerprint} ${row.credentialsUpdatedAt.getTime()}`;

/** The same of the row `c`. */
export const CREDENTIALS_MARK =
  "c.credentials_fingerprint || ' ' || round(extract(epoch from c.credentials_updated_at) * 1000)::bigint";

const COLUMNS = `
  c.id, c.workspace_id as workspace, c.platform, c.name, c.settings, c.credentials as sealed,
  c.credentials_fingerprint as fingerprint, c.credentials_updated_at as "credentialsUpdatedAt", c.paused,
  c.removed_at as "removedAt", c.version, c.created_at as "createdAt", c.updated_at as "updatedAt",
  coalesce(l.said_status, s.status, 'unknown') as status, l.said_event as unsaid, s.since as "statusSince", s.reason as "statusReason",
  s.error as "statusError"`;
const TABLES = `connection c left join connection_status s on s.connection_id = c.id
  left join connection_lease l on l.connection_id = c.id`;

/** Accounts at platforms. Removing one is soft: it is gone for the api, and its adapter can still sign out. */
export class Connections {
  readonly #pool: pg.Pool;

  constructor(db: Pick<Database, 'pool'>) {
    this.#pool = db.pool;
  }

  /** Makes the workspace where there is none of that name. */
  async create(draft: NewConnection, runner: Queryable = this.#pool): Promise<Connection> {
    const id = draft.id ?? newId('con');
    await runner.query('insert into workspace (id, name) values ($1, $1) on conflict (id) do nothing', [
      draft.workspace,
    ]);
    await runner.query(
      `insert into connection (id, workspace_id, platform, name, settings, credentials, credentials_fingerprint,
         credentials_updated_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, now(), now())`,
      [id, draft.workspace, draft.platform, draft.name, draft.settings, draft.sealed, draft.fingerprint],
    );
    const { rows } = await runner.query<Connection>(`select ${COLUMNS} from ${TABLES} where c.id = $1`, [id]);
    return rows[0] as Connection;
  }

  /** All of these, for the adapter that holds their leases, which works across workspaces; removed ones too. */
  async findAll(ids: readonly string[]): Promise<Connection[]> {
    const { rows } = await this.#pool.query<Connection>(
      `select ${COLUMNS} from ${TABLES} where c.id = any($1) order by c.id`,
      [ids],
    );
    return rows;
  }

  /**
   * Changes what is given; with `version`, only if the connection still has that one. False where it has moved on, was
   * removed, or is no connection of the workspace. Going on after a pause ends the lease: an owner that has not noticed
   * the pause begins anew too, and so tells how the connection is.
   */
  update(
    workspace: string,
    id: string,
    change: ConnectionChange,
    version: number | undefined,
    tx?: pg.PoolClient,
  ): Promise<boolean> {
    if (!tx) return inTransaction(this.#pool, (own) => this.update(workspace, id, change, version, own));
    return this.#update(tx, workspace, id, { change, version });
  }

  /** Afterwards the api does not see it any more, no lease of it is given out, and its adapter is told. */
  remove(workspace: string, id: string, version: number | undefined): Promise<boolean> {
    return this.update(workspace, id, { removed: true }, version);
  }

  /** Replaces sealed credentials by the same ones under another key; neither version nor time change. */
  async reseal(id: string, from: string, to: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      'update connection set credentials = $3 where id = $1 and credentials = $2',
      [id, from, to],
    );
    return rowCount === 1;
  }

  async #update(
    tx: pg.PoolClient,
    workspace: string,
    id: string,
    { change, version }: { change: ConnectionChange; version: number | undefined },
  ): Promise<boolean> {
    const { rowCount } = await tx.query(
      `update connection set
         name = coalesce($4, name), settings = coalesce($5, settings), paused = coalesce($6, paused),
         credentials = coalesce($7, credentials), credentials_fingerprint = coalesce($8, credentials_fingerprint),
         credentials_updated_at = case when $7::text is null then credentials_updated_at else now() end,
         removed_at = case when $9 then now() end,
         version = version + 1, updated_at = now()
       where id = $1 and workspace_id = $2 and removed_at is null and ($3::int is null or version = $3)`,
      [
        id,
        workspace,
        version ?? null,
        change.name ?? null,
        change.settings ?? null,
        change.paused ?? null,
        change.credentials?.sealed ?? null,
        change.credentials?.fingerprint ?? null,
        change.removed ?? false,
      ],
    );
    if (rowCount && change.paused === false) {
      await tx.query('update connection_lease set replica = null, leased_until = null where connection_id = $1', [id]);
    }
    return rowCount === 1;
  }
}

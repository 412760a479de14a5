import { Inject, Injectable } from '@nestjs/common';
import type { ConnectionResource, Json } from '@tributary/contracts';
import {
  Backfills,
  type ConnectionChange,
  Connections,
  inTransaction,
  type NewConnection,
  tellOfConnection,
} from '@tributary/database';
import { type AuditEntry, writeAudit } from '../audit-log/audit-trail.ts';
import type { CallerIdentity } from '../auth/caller.ts';
import { HOUSE, type House } from '../house.ts';
import { notFound } from '../http/problem-error.ts';
import type { ListRequest } from '../lists/list-query.ts';
import { type ListPage, readList } from '../lists/read-list.ts';
import { type ConnectionRow, connectionList, presentConnection } from './connection-rows.ts';

type Actor = Pick<CallerIdentity, 'workspace' | 'actor'>;

/** The connections of a workspace. Every change stands in the audit log, written in one transaction; the database tells the adapters. */
@Injectable()
export class ConnectionStore {
  readonly #house: House;
  readonly #connections: Connections;
  readonly #backfills: Backfills;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
    this.#connections = new Connections(house.db);
    this.#backfills = new Backfills(house.db);
  }

  list(workspace: string, request: ListRequest): Promise<ListPage<ConnectionResource>> {
    return readList<ConnectionRow, ConnectionResource>(this.#house.db, {
      definition: connectionList,
      request,
      conditions: (parameters) => [`c.workspace_id = ${parameters.add(workspace, 'text')}`, 'c.removed_at is null'],
      present: presentConnection,
    });
  }

  /** Every connection of the workspace, by id. */
  async all(workspace: string): Promise<ConnectionRow[]> {
    const { rows } = await this.#house.db.pool.query<ConnectionRow>({
      name: 'connections-of-workspace',
      text: `select ${connectionList.select} from ${connectionList.from} where c.workspace_id = $1 and c.removed_at is null order by c.id`,
      values: [workspace],
    });
    return rows;
  }

  /** Throws 404 for a connection that is not there, removed, or another workspace's. */
  async get(workspace: string, id: string): Promise<ConnectionRow> {
    const { rows } = await this.#house.db.pool.query<ConnectionRow>({
      name: 'connection-by-id',
      text: `select ${connectionList.select} from ${connectionList.from} where c.id = $1 and c.workspace_id = $2 and c.removed_at is null`,
      values: [id, workspace],
    });
    const row = rows[0];
    if (!row) throw notFound('connection');
    return row;
  }

  async create(
    actor: Actor,
    draft: Omit<NewConnection, 'workspace'> & { id: string },
    traceId: string,
  ): Promise<ConnectionRow> {
    await inTransaction(this.#house.db.pool, async (tx) => {
      const { id } = await this.#connections.create({ ...draft, workspace: actor.workspace }, tx);
      const details = { platform: draft.platform, name: draft.name };
      await writeAudit(this.#house.audit, actor, { action: 'connection.created', target: id, details, traceId }, tx);
    });
    return this.get(actor.workspace, draft.id);
  }

  /**
   * Applies a change where the connection still has the version named (or any, where none is), and tells of a pause or a
   * removal. Returns false when it has moved on meanwhile.
   */
  change(
    actor: Actor,
    { id, platform }: Pick<ConnectionRow, 'id' | 'platform'>,
    change: ConnectionChange,
    options: { version?: number; audit: Omit<AuditEntry, 'target'> },
  ): Promise<boolean> {
    return inTransaction(this.#house.db.pool, async (tx) => {
      if (!(await this.#connections.update(actor.workspace, id, change, options.version, tx))) return false;
      await writeAudit(this.#house.audit, actor, { ...options.audit, target: id }, tx);
      if (change.removed) await this.#backfills.abandon(id, 'the connection was removed', tx);
      const action = change.removed ? 'removed' : change.paused ? 'paused' : undefined;
      const at = new Date(this.#house.clock.now());
      if (action) await tellOfConnection(tx, { workspace: actor.workspace, platform, connectionId: id, action, at });
      return true;
    });
  }

  async checkpoints(id: string) {
    const { rows } = await this.#house.db.pool.query<{
      name: string;
      value: { [key: string]: Json };
      version: number;
      epoch: string;
      updated_at: Date;
    }>('select name, value, version, epoch, updated_at from checkpoint where connection_id = $1 order by name', [id]);
    return rows.map((row) => ({
      name: row.name,
      value: row.value,
      version: row.version,
      epoch: Number(row.epoch),
      updatedAt: row.updated_at.toISOString(),
    }));
  }

  /** What the connection and its owner last wrote down themselves. */
  async lastHealth(id: string) {
    const { rows } = await this.#house.db.pool.query<{
      replica: string | null;
      epoch: string | null;
      leased_until: Date | null;
      error: { [key: string]: Json } | null;
      said_at: Date | null;
    }>(
      `select l.replica, l.epoch, l.leased_until, s.error, s.updated_at as said_at
       from connection c left join connection_lease l on l.connection_id = c.id left join connection_status s on s.connection_id = c.id
       where c.id = $1`,
      [id],
    );
    return rows[0];
  }
}

import type {
  AttributeData,
  ConnectionData,
  DeviceData,
  EventName,
  FileData,
  PlatformEventData,
} from '@tributary/contracts';
import type pg from 'pg';
import type { Database } from '../database.ts';
import { inTransaction } from '../transaction.ts';

/** Of the event's envelope. */
export interface EventContext {
  eventId: string;
  workspace: string;
  platform: string;
  connectionId: string;
  /** RFC 3339. */
  time: string;
}

type ActionOf<A extends string> = EventName extends infer N ? (N extends `${A}.${infer X}` ? X : never) : never;

/**
 * - `applied`: it changed what is stored.
 * - `stale`: something newer was stored already, or this very thing.
 * - `unknown-connection`: there is no such connection in that workspace.
 */
export type Applied = 'applied' | 'stale' | 'unknown-connection';

const STATUS_OF = {
  connected: 'connected',
  recovered: 'connected',
  degraded: 'degraded',
  unauthorized: 'unauthorized',
  paused: 'paused',
  removed: 'removed',
} as const satisfies Record<ActionOf<'connection'>, string>;

/** Below every rev of an event. */
const LISTED_REV = 1;

/** Every write begins here: the event's connection, of the event's workspace. */
const OF_CONNECTION = 'from connection c where c.id = $1 and c.workspace_id = $2';

/**
 * What devices, spaces, attributes, files and connections are like now, from their events. Each write is guarded by the
 * event's rev, so neither order nor duplicates matter.
 */
export class Inventory {
  readonly #pool: pg.Pool;

  constructor(db: Pick<Database, 'pool'>) {
    this.#pool = db.pool;
  }

  /** The device and the spaces it is in. A removed device keeps its row, and its telemetry. */
  applyDevice(context: EventContext, action: 'discovered' | 'updated' | 'removed', data: DeviceData): Promise<Applied> {
    return inTransaction(this.#pool, async (tx) => {
      await this.#applySpaces(tx, context, data);
      const { rowCount } = await tx.query(
        `insert into device as d (id, workspace_id, platform, connection_id, native_id, name, kind, label, description,
           serial, parent_id, space_id, properties, state, rev, first_seen_at, updated_at,
           reports_every_ms)
         select $3, c.workspace_id, c.platform, c.id, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16 ${OF_CONNECTION}
         on conflict (id) do update set name = excluded.name, kind = excluded.kind, label = excluded.label,
           description = excluded.description, serial = excluded.serial, parent_id = excluded.parent_id,
           space_id = excluded.space_id, properties = excluded.properties, state = excluded.state, rev = excluded.rev,
           updated_at = excluded.updated_at, reports_every_ms = excluded.reports_every_ms
         where d.rev < excluded.rev and d.connection_id = excluded.connection_id`,
        [
          context.connectionId,
          context.workspace,
          data.deviceId,
          data.nativeId,
          data.name,
          data.kind ?? null,
          data.label ?? null,
          data.description ?? null,
          data.serial ?? null,
          data.parentId ?? null,
          data.spaces.at(-1)?.spaceId ?? null,
          data.properties,
          action === 'removed' ? 'removed' : 'known',
          data.rev,
          context.time,
          data.reportsEveryMs ?? null,
        ],
      );
      // An older event that comes late changes nothing else.
      await tx.query(
        'update device set first_seen_at = $2 where id = $1 and connection_id = $3 and first_seen_at > $2',
        [data.deviceId, context.time, context.connectionId],
      );
      return this.#outcome(tx, context, rowCount);
    });
  }

  /** Attributes of one device; each is guarded by itself. An absent value removes one. */
  applyAttributes(context: EventContext, data: AttributeData): Promise<Applied> {
    return inTransaction(this.#pool, async (tx) => {
      await this.#addPlaceholder(tx, context, data);
      // The last of a name counts; in order of their keys, so that writers do not deadlock.
      const last = new Map(data.attributes.map((attribute) => [`${attribute.scope} ${attribute.name}`, attribute]));
      const list = [...last.values()];
      const { rowCount } = await tx.query(
        `insert into attribute as a (device_id, scope, name, value, removed, rev, ts, observed_at)
         select d.id, i.scope, i.name, i.value, i.value is null, $3, i.ts, $4
         from unnest($5::text[], $6::text[], $7::jsonb[], $8::timestamptz[]) as i(scope, name, value, ts),
           device d join connection c on c.id = d.connection_id
         where d.id = $9 and c.id = $1 and c.workspace_id = $2
         order by i.scope, i.name
         on conflict (device_id, scope, name) do update set value = excluded.value, removed = excluded.removed,
           rev = excluded.rev, ts = excluded.ts, observed_at = excluded.observed_at
         where a.rev < excluded.rev`,
        [
          context.connectionId,
          context.workspace,
          data.rev,
          context.time,
          list.map((a) => a.scope),
          list.map((a) => a.name),
          list.map((a) => (a.value === undefined ? null : JSON.stringify(a.value))),
          list.map((a) => a.ts ?? null),
          data.deviceId,
        ],
      );
      return this.#outcome(tx, context, rowCount);
    });
  }

  applyFile(context: EventContext, data: FileData): Promise<Applied> {
    return inTransaction(this.#pool, async (tx) => {
      await this.#addPlaceholder(tx, context, data);
      const { rowCount } = await tx.query(
        `insert into file as f (id, workspace_id, device_id, name, location, size_bytes, from_ts, to_ts, tag, rev, updated_at)
         select $3, c.workspace_id, d.id, $5, $6, $7, $8, $9, $10, $11, $12
         from device d join connection c on c.id = d.connection_id
         where d.id = $4 and c.id = $1 and c.workspace_id = $2
         on conflict (id) do update set location = excluded.location, size_bytes = excluded.size_bytes,
           from_ts = excluded.from_ts, to_ts = excluded.to_ts, tag = excluded.tag, rev = excluded.rev,
           updated_at = excluded.updated_at
         where f.rev < excluded.rev and f.device_id = excluded.device_id`,
        [
          context.connectionId,
          context.workspace,
          data.fileId,
          data.deviceId,
          data.name,
          data.location,
          data.sizeBytes ?? null,
          data.from ?? null,
          data.to ?? null,
          data.tag ?? null,
          data.rev,
          context.time,
        ],
      );
      return this.#outcome(tx, context, rowCount);
    });
  }

  /**
   * Files that a platform listed when somebody asked. Each is addressable afterwards, but what events tell of a file
   * counts more: only what an earlier listing said is replaced.
   */
  async noteFiles(
    context: Pick<EventContext, 'workspace' | 'connectionId' | 'time'>,
    deviceId: string,
    files: readonly Omit<FileData, 'deviceId' | 'nativeId' | 'rev'>[],
  ): Promise<void> {
    const list = [...new Map(files.map((file) => [file.fileId, file])).values()];
    await this.#pool.query(
      `insert into file as f (id, workspace_id, device_id, name, location, size_bytes, from_ts, to_ts, tag, rev, updated_at)
       select i.id, c.workspace_id, d.id, i.name, i.location, i.size_bytes, i.from_ts, i.to_ts, i.tag, ${LISTED_REV}, $4
       from unnest($5::text[], $6::text[], $7::text[], $8::bigint[], $9::timestamptz[], $10::timestamptz[], $11::text[])
           as i(id, name, location, size_bytes, from_ts, to_ts, tag),
         device d join connection c on c.id = d.connection_id
       where d.id = $3 and c.id = $1 and c.workspace_id = $2
       order by i.id
       on conflict (id) do update set location = excluded.location, size_bytes = excluded.size_bytes,
         from_ts = excluded.from_ts, to_ts = excluded.to_ts, tag = excluded.tag, updated_at = excluded.updated_at
       where f.rev <= ${LISTED_REV} and f.device_id = excluded.device_id`,
      [
        context.connectionId,
        context.workspace,
        deviceId,
        context.time,
        list.map((file) => file.fileId),
        list.map((file) => file.name),
        list.map((file) => file.location),
        list.map((file) => file.sizeBytes ?? null),
        list.map((file) => file.from ?? null),
        list.map((file) => file.to ?? null),
        list.map((file) => file.tag ?? null),
      ],
    );
  }

  /** What the connection says of itself; every word of it stands in its history. */
  applyConnection(context: EventContext, action: ActionOf<'connection'>, data: ConnectionData): Promise<Applied> {
    const { reason = null, error = null } = data;
    const status = STATUS_OF[action];
    return inTransaction(this.#pool, async (tx) => {
      await tx.query(
        `insert into connection_status_change (connection_id, workspace_id, rev, status, at, reason, error)
         select c.id, c.workspace_id, $3, $4, $5, $6, $7 ${OF_CONNECTION}
         on conflict do nothing`,
        [context.connectionId, context.workspace, data.rev, status, context.time, reason, error],
      );
      const { rowCount } = await tx.query(
        `insert into connection_status as s (connection_id, status, rev, since, reason, error, updated_at)
         select c.id, $3, $4, $5, $6, $7, now() ${OF_CONNECTION}
         on conflict (connection_id) do update set status = excluded.status, rev = excluded.rev, since = excluded.since,
           reason = excluded.reason, error = excluded.error, updated_at = excluded.updated_at
         where s.rev < excluded.rev`,
        [context.connectionId, context.workspace, status, data.rev, context.time, reason, error],
      );
      return this.#outcome(tx, context, rowCount);
    });
  }

  applyPlatformEvent(context: EventContext, data: PlatformEventData): Promise<Applied> {
    return inTransaction(this.#pool, async (tx) => {
      const { rowCount } = await tx.query(
        `insert into platform_event (id, workspace_id, platform, connection_id, device_id, name, ts, details)
         select $3, c.workspace_id, c.platform, c.id, $4, $5, $6, $7 ${OF_CONNECTION}
         on conflict (id) do nothing`,
        [
          context.connectionId,
          context.workspace,
          context.eventId,
          data.deviceId ?? null,
          data.name,
          data.ts,
          data.details,
        ],
      );
      return this.#outcome(tx, context, rowCount);
    });
  }

  /** Outermost first; each is the parent of the next. */
  async #applySpaces(tx: pg.PoolClient, context: EventContext, { spaces, rev }: DeviceData): Promise<void> {
    const steps = spaces
      .map((space, index) => ({ ...space, parentId: spaces[index - 1]?.spaceId ?? null }))
      .toSorted((a, b) => (a.spaceId < b.spaceId ? -1 : 1));
    for (const space of steps) {
      await tx.query(
        `insert into space as s (id, workspace_id, connection_id, native_id, name, kind, parent_id, rev, updated_at)
         select $3, c.workspace_id, c.id, $4, $5, $6, $7, $8, $9 ${OF_CONNECTION}
         on conflict (id) do update set name = excluded.name, kind = excluded.kind, parent_id = excluded.parent_id,
           rev = excluded.rev, updated_at = excluded.updated_at
         where s.rev < excluded.rev and s.connection_id = excluded.connection_id`,
        [
          context.connectionId,
          context.workspace,
          space.spaceId,
          space.nativeId,
          space.name,
          space.kind,
          space.parentId,
          rev,
          context.time,
        ],
      );
    }
  }

  /** A device that was heard of before a discovery listed it. */
  async #addPlaceholder(
    tx: pg.PoolClient,
    context: EventContext,
    device: { deviceId: string; nativeId: string },
  ): Promise<void> {
    await tx.query(
      `insert into device (id, workspace_id, platform, connection_id, native_id, name, state)
       select $3, c.workspace_id, c.platform, c.id, $4, $4, 'unconfirmed' ${OF_CONNECTION}
         and not exists (select 1 from device where id = $3)
       on conflict do nothing`,
      [context.connectionId, context.workspace, device.deviceId, device.nativeId],
    );
  }

  async #outcome(tx: pg.PoolClient, context: EventContext, changed: number | null): Promise<Applied> {
    if (changed) return 'applied';
    const { rowCount } = await tx.query(`select 1 ${OF_CONNECTION}`, [context.connectionId, context.workspace]);
    return rowCount ? 'stale' : 'unknown-connection';
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { type DeviceResource, deviceId } from '@tributary/contracts';
import { TOUCHES } from '@tributary/database';
import type { KnownTarget } from '../gateway/known-answers/known-answer.ts';
import { HOUSE, type House } from '../house.ts';
import { notFound } from '../http/problem-error.ts';
import type { ListRequest } from '../lists/list-query.ts';
import { type ListPage, readList } from '../lists/read-list.ts';
import type { Parameters } from '../lists/sql.ts';
import { DEVICE_VISIBLE, type DeviceRow, deviceList, presentDevice } from './device-rows.ts';
import { devicesWithin } from './within-spaces.ts';

/** What is needed to ask a platform about a device. */
export interface DeviceAddress extends KnownTarget {
  id: string;
  nativeId: string;
}

interface AddressRow {
  native_id: string;
  platform: string;
  connection_id: string;
  version: number;
  touches: Record<string, number> | null;
  read_at_ms: number;
}

/** A tree stops at this many devices and levels. */
const TREE_LIMIT = 1_000;
const TREE_DEPTH = 20;

/** Devices of a workspace, as they were last discovered. */
@Injectable()
export class DeviceStore {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  list(
    workspace: string,
    request: ListRequest,
    within: { parentId?: string; spaceId?: string } = {},
  ): Promise<ListPage<DeviceResource>> {
    return readList<DeviceRow, DeviceResource>(this.#house.db, {
      definition: deviceList,
      request,
      conditions: (parameters) => [
        `d.workspace_id = ${parameters.add(workspace, 'text')}`,
        DEVICE_VISIBLE,
        ...(within.parentId ? [`d.parent_id = ${parameters.add(within.parentId, 'text')}`] : []),
        ...(within.spaceId ? [insideOf(within.spaceId, workspace, parameters)] : []),
      ],
      present: presentDevice,
    });
  }

  /** Throws 404 for a device that is not there or is another workspace's. */
  async get(workspace: string, id: string): Promise<DeviceResource> {
    const { rows } = await this.#house.db.pool.query<DeviceRow>({
      name: 'device-by-id',
      text: `select ${deviceList.select} from ${deviceList.from} where d.id = $1 and d.workspace_id = $2 and ${DEVICE_VISIBLE}`,
      values: [id, workspace],
    });
    const row = rows[0];
    if (!row) throw notFound('device');
    return presentDevice(row);
  }

  byNative(workspace: string, connectionId: string, nativeId: string): Promise<DeviceResource> {
    return this.get(workspace, deviceId(connectionId, nativeId));
  }

  /** Throws 404 as `get` does; cheaper. */
  async address(workspace: string, id: string): Promise<DeviceAddress> {
    const { rows } = await this.#house.db.pool.query<AddressRow>({
      name: 'device-address',
      text: `select d.native_id, d.platform, d.connection_id, c.version, ${TOUCHES} from ${deviceList.from} where d.id = $1 and d.workspace_id = $2 and ${DEVICE_VISIBLE}`,
      values: [id, workspace],
    });
    const row = rows[0];
    if (!row) throw notFound('device');
    return {
      id,
      nativeId: row.native_id,
      platform: row.platform,
      connectionId: row.connection_id,
      workspace,
      version: row.version,
      readAtMs: row.read_at_ms,
      touches: row.touches ?? {},
    };
  }

  /** Connections of those of the devices that are there. */
  async connectionsOf(workspace: string, ids: readonly string[]): Promise<string[]> {
    const { rows } = await this.#house.db.pool.query<{ connection_id: string }>({
      name: 'connections-of-devices',
      text: 'select distinct d.connection_id from device d where d.id = any($1::text[]) and d.workspace_id = $2',
      values: [ids, workspace],
    });
    return rows.map((row) => row.connection_id);
  }

  /** The device and everything below it, breadth first, each with its depth. `truncated` where the limit cut it. */
  async tree(
    workspace: string,
    id: string,
  ): Promise<{ items: { depth: number; device: DeviceResource }[]; truncated: boolean }> {
    const { rows } = await this.#house.db.pool.query<DeviceRow & { depth: number }>(
      `with recursive below (id, depth, path) as (
         select d.id, 0, array[d.id] from device d where d.id = $1 and d.workspace_id = $2
         union all
         select d.id, b.depth + 1, b.path || d.id from device d join below b on d.parent_id = b.id
         where d.workspace_id = $2 and b.depth < ${TREE_DEPTH} and d.id <> all (b.path)
       )
       select b.depth, ${deviceList.select} from below b join device d on d.id = b.id join connection c on c.id = d.connection_id
       where ${DEVICE_VISIBLE} order by b.depth, d.name collate "C", d.id limit ${TREE_LIMIT + 1}`,
      [id, workspace],
    );
    if (rows.length === 0) throw notFound('device');
    const items = rows.slice(0, TREE_LIMIT).map((row) => ({ depth: row.depth, device: presentDevice(row) }));
    return { items, truncated: rows.length > TREE_LIMIT };
  }
}

const insideOf = (space: string, workspace: string, parameters: Parameters): string =>
  `d.id in (${devicesWithin(parameters.add(workspace, 'text'), parameters.add([space], 'text[]'))})`;

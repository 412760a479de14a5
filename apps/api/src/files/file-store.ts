import { Inject, Injectable } from '@nestjs/common';
import { type FileInfo, fileId } from '@tributary/contracts';
import { Inventory } from '@tributary/database';
import type { DeviceAddress } from '../devices/device-store.ts';
import { HOUSE, type House } from '../house.ts';
import { notFound } from '../http/problem-error.ts';
import type { ListRequest } from '../lists/list-query.ts';
import { type ListPage, readList } from '../lists/read-list.ts';
import { type FileResource, type FileRow, fileList, presentFile } from './file-rows.ts';

/** Files of a workspace, as they were last listed. */
@Injectable()
export class FileStore {
  readonly #house: House;
  readonly #inventory: Inventory;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
    this.#inventory = new Inventory(house.db);
  }

  list(workspace: string, request: ListRequest, within: { deviceId?: string } = {}): Promise<ListPage<FileResource>> {
    return readList<FileRow, FileResource>(this.#house.db, {
      definition: fileList,
      request,
      conditions: (parameters) => [
        `f.workspace_id = ${parameters.add(workspace, 'text')}`,
        'c.removed_at is null',
        ...(within.deviceId ? [`f.device_id = ${parameters.add(within.deviceId, 'text')}`] : []),
      ],
      present: presentFile,
    });
  }

  /** Throws 404 for a file that is not there or is another workspace's. */
  async get(workspace: string, id: string): Promise<FileResource> {
    const { rows } = await this.#house.db.pool.query<FileRow>(
      `select ${fileList.select} from ${fileList.from} where f.id = $1 and f.workspace_id = $2 and c.removed_at is null`,
      [id, workspace],
    );
    const row = rows[0];
    if (!row) throw notFound('file');
    return presentFile(row);
  }

  /** What a platform has just listed, written down before it is answered: an id that was handed out can be asked for. */
  async noteListed(workspace: string, device: DeviceAddress, files: readonly FileInfo[]): Promise<FileResource[]> {
    // A file of another device would stand under an address where it is not.
    const listed = files
      .filter((file) => file.deviceNativeId === device.nativeId)
      .map(({ deviceNativeId, ...file }) => ({ id: fileId(device.connectionId, deviceNativeId, file.name), ...file }));
    await this.#inventory.noteFiles(
      { workspace, connectionId: device.connectionId, time: new Date(this.#house.clock.now()).toISOString() },
      device.id,
      listed.map(({ id, ...file }) => ({ fileId: id, ...file })),
    );
    return listed.map((file) => ({ ...file, deviceId: device.id }));
  }
}

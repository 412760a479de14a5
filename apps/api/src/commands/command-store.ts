import { Inject, Injectable } from '@nestjs/common';
import type { CommandResource } from '@tributary/contracts';
import { HOUSE, type House } from '../house.ts';
import { notFound } from '../http/problem-error.ts';
import type { ListRequest } from '../lists/list-query.ts';
import { type ListPage, readList } from '../lists/read-list.ts';
import { type CommandRow, commandList, presentCommand } from './command-rows.ts';

/** Reads commands with their ladder; the ledger writes them. */
@Injectable()
export class CommandStore {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  list(
    workspace: string,
    request: ListRequest,
    within: { deviceId?: string } = {},
  ): Promise<ListPage<CommandResource>> {
    return readList<CommandRow, CommandResource>(this.#house.db, {
      definition: commandList,
      request,
      conditions: (parameters) => [
        `m.workspace_id = ${parameters.add(workspace, 'text')}`,
        ...(within.deviceId ? [`m.device_id = ${parameters.add(within.deviceId, 'text')}`] : []),
      ],
      present: presentCommand,
    });
  }

  /** Throws 404 for a command that is not there or is another workspace's. */
  async get(
    workspace: string,
    id: string,
    runner: Pick<House['db']['pool'], 'query'> = this.#house.db.pool,
  ): Promise<CommandResource> {
    const { rows } = await runner.query<CommandRow>(
      `select ${commandList.select} from ${commandList.from} where m.id = $1 and m.workspace_id = $2`,
      [id, workspace],
    );
    const row = rows[0];
    if (!row) throw notFound('command');
    return presentCommand(row);
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { BackfillPart, BackfillResource } from '@tributary/contracts';
import { HOUSE, type House } from '../house.ts';
import { notFound } from '../http/problem-error.ts';
import type { ListRequest } from '../lists/list-query.ts';
import { type ListPage, readList } from '../lists/read-list.ts';
import {
  type BackfillRow,
  backfillList,
  type PartRow,
  partList,
  presentBackfill,
  presentPart,
} from './backfill-rows.ts';

/** Reads backfills; the database package writes them. */
@Injectable()
export class BackfillStore {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  list(workspace: string, request: ListRequest): Promise<ListPage<BackfillResource>> {
    return readList<BackfillRow, BackfillResource>(this.#house.db, {
      definition: backfillList,
      request,
      conditions: (parameters) => [`b.workspace_id = ${parameters.add(workspace, 'text')}`],
      present: presentBackfill,
    });
  }

  /** Throws 404 for a backfill that is not there or is another workspace's. */
  async get(
    workspace: string,
    id: string,
    runner: Pick<House['db']['pool'], 'query'> = this.#house.db.pool,
  ): Promise<BackfillResource> {
    const { rows } = await runner.query<BackfillRow>(
      `select ${backfillList.select} from ${backfillList.from} where b.id = $1 and b.workspace_id = $2`,
      [id, workspace],
    );
    const row = rows[0];
    if (!row) throw notFound('backfill');
    return presentBackfill(row);
  }

  async parts(workspace: string, id: string, request: ListRequest): Promise<ListPage<BackfillPart>> {
    await this.get(workspace, id);
    return readList<PartRow, BackfillPart>(this.#house.db, {
      definition: partList,
      request,
      conditions: (parameters) => [
        `p.workspace_id = ${parameters.add(workspace, 'text')}`,
        `p.backfill_id = ${parameters.add(id, 'text')}`,
      ],
      present: presentPart,
    });
  }
}

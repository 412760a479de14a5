import { Inject, Injectable } from '@nestjs/common';
import type { spaceResource } from '@tributary/contracts';
import type { z } from 'zod';
import { HOUSE, type House } from '../house.ts';
import { notFound } from '../http/problem-error.ts';
import type { ListDefinition, ListRequest } from '../lists/list-query.ts';
import { type ListPage, readList } from '../lists/read-list.ts';

export type SpaceResource = z.output<typeof spaceResource>;

export interface SpaceRow extends Record<string, unknown> {
  id: string;
  connection_id: string;
  native_id: string;
  name: string;
  kind: string;
  parent_id: string | null;
}

export const spaceList: ListDefinition = {
  name: 'spaces',
  select: 'p.id, p.connection_id, p.native_id, p.name, p.kind, p.parent_id',
  from: 'space p join connection c on c.id = p.connection_id',
  filter: {
    id: { type: 'id', sql: 'p.id' },
    connectionId: { type: 'id', sql: 'p.connection_id' },
    nativeId: { type: 'id', sql: 'p.native_id' },
    name: { type: 'text', sql: 'p.name' },
    kind: { type: 'text', sql: 'p.kind' },
    parentId: { type: 'id', sql: 'p.parent_id' },
  },
  sort: { name: { sql: 'p.name', type: 'text' }, kind: { sql: 'p.kind', type: 'text' } },
  key: { sql: 'p.id', type: 'text' },
};

export const presentSpace = (row: SpaceRow): SpaceResource => ({
  id: row.id,
  connectionId: row.connection_id,
  nativeId: row.native_id,
  name: row.name,
  kind: row.kind,
  ...(row.parent_id === null ? {} : { parentId: row.parent_id }),
});

/** Companies, locations, floor plans and groups, as the platforms have them. */
@Injectable()
export class SpaceStore {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  list(workspace: string, request: ListRequest): Promise<ListPage<SpaceResource>> {
    return readList<SpaceRow, SpaceResource>(this.#house.db, {
      definition: spaceList,
      request,
      conditions: (parameters) => [`p.workspace_id = ${parameters.add(workspace, 'text')}`, 'c.removed_at is null'],
      present: presentSpace,
    });
  }

  /** Throws 404 for a space that is not there or is another workspace's. */
  async get(workspace: string, id: string): Promise<SpaceResource> {
    const { rows } = await this.#house.db.pool.query<SpaceRow>(
      `select ${spaceList.select} from ${spaceList.from} where p.id = $1 and p.workspace_id = $2 and c.removed_at is null`,
      [id, workspace],
    );
    const row = rows[0];
    if (!row) throw notFound('space');
    return presentSpace(row);
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { DeviceResource } from '@tributary/contracts';
import { HOUSE, type House } from '../house.ts';
import { bindingOf, readCursor, writeCursor } from '../lists/cursor.ts';
import type { ListPage } from '../lists/read-list.ts';
import { Parameters } from '../lists/sql.ts';
import { DEVICE_VISIBLE, type DeviceRow, deviceList, presentDevice } from './device-rows.ts';
import { presentSpace, type SpaceResource, type SpaceRow, spaceList } from './space-store.ts';

export interface TreeRequest {
  /** Absent: every space that stands in no other, of every connection. */
  root?: string;
  limit: number;
  cursor?: string | undefined;
}

export interface SpaceNode {
  depth: number;
  space: SpaceResource;
  devices?: DeviceResource[];
  moreDevices?: boolean;
}

/** Levels that are followed, and devices that are shown of one space. */
export const TREE_DEPTH = 20;
export const DEVICES_SHOWN = 100;

/** By code points, so that the order is the same on every database. */
const ORDER = 'b.depth, p.name collate "C", p.id collate "C"';

/** Spaces as they stand in each other, across all connections. */
@Injectable()
export class SpaceTree {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  /** One page, breadth first: whoever follows the cursor meets every space behind the one that it stands in. */
  async page(workspace: string, { root, limit, cursor }: TreeRequest): Promise<ListPage<SpaceNode>> {
    const binding = bindingOf('space-tree', workspace, root);
    const parameters = new Parameters();
    const tree = treeSql(parameters, workspace, root);
    const after = cursor === undefined ? '' : `where (${ORDER}) > (${placeOf(cursor, binding, parameters)})`;
    const { rows } = await this.#house.db.pool.query<SpaceRow & { depth: number }>(
      `${tree} select b.depth, ${spaceList.select} from below b join space p on p.id = b.id ${after} order by ${ORDER} limit ${limit + 1}`,
      parameters.values,
    );
    const items = rows.slice(0, limit).map((row) => ({ depth: row.depth, space: presentSpace(row) }));
    const last = rows.length > limit ? items.at(-1) : undefined;
    if (!last) return { items, page: {} };
    const { depth, space } = last;
    return { items, page: { nextCursor: writeCursor(binding, [String(depth), space.name, space.id]) } };
  }

  /** The same with the devices that stand in each space itself, by name, up to a hundred. */
  async withDevices(workspace: string, nodes: readonly SpaceNode[]): Promise<SpaceNode[]> {
    const ids = nodes.map(({ space }) => space.id);
    const { rows } = await this.#house.db.pool.query<DeviceRow>(
      `select ${deviceList.select} from ${deviceList.from} join unnest($2::text[]) as s (id) on true
         join lateral (select i.id from device i where i.space_id = s.id order by i.name collate "C", i.id limit ${DEVICES_SHOWN + 1}) shown
           on shown.id = d.id
       where d.workspace_id = $1 and ${DEVICE_VISIBLE} order by d.name collate "C", d.id`,
      [workspace, ids],
    );
    const bySpace = Map.groupBy(rows, ({ space_id }) => space_id);
    return nodes.map((node) => {
      const devices = bySpace.get(node.space.id) ?? [];
      return {
        ...node,
        devices: devices.slice(0, DEVICES_SHOWN).map(presentDevice),
        moreDevices: devices.length > DEVICES_SHOWN,
      };
    });
  }
}

/** A space whose parent nobody knows stands at the top, so that it is not lost. */
function treeSql(parameters: Parameters, workspace: string, root: string | undefined): string {
  const own = parameters.add(workspace, 'text');
  const top =
    root === undefined
      ? 'not exists (select from space q where q.id = p.parent_id)'
      : `p.id = ${parameters.add(root, 'text')}`;
  return `with recursive below (id, depth, path) as (
      select p.id, 0, array[p.id] from ${spaceList.from} where p.workspace_id = ${own} and c.removed_at is null and ${top}
      union all
      select p.id, b.depth + 1, b.path || p.id from space p join below b on p.parent_id = b.id
      where p.workspace_id = ${own} and b.depth < ${TREE_DEPTH} and p.id <> all (b.path)
    )`;
}

function placeOf(cursor: string, binding: string, parameters: Parameters): string {
  const [depth, name, id] = readCursor(cursor, binding, ['integer', 'text', 'text']);
  return [parameters.add(depth, 'integer'), parameters.add(name, 'text'), parameters.add(id, 'text')].join(', ');
}

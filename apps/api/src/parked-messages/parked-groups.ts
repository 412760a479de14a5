import { Inject, Injectable } from '@nestjs/common';
import type { ParkedGroup } from '@tributary/contracts';
import { HOUSE, type House } from '../house.ts';
import type { ListDefinition, ListRequest } from '../lists/list-query.ts';
import { type ListPage, readList } from '../lists/read-list.ts';

interface GroupRow extends Record<string, unknown> {
  fingerprint: string;
  kind: ParkedGroup['kind'];
  reason: string;
  platform: string | null;
  area: string | null;
  count: number;
  parked: number;
  replayed: number;
  discarded: number;
  first_at: Date;
  last_at: Date;
  connections: number;
  connection_ids: string[] | null;
  devices: number;
  example_id: string;
  problems: { path: string; problem: string }[];
}

/** The condition on the workspace goes through the grouping, and an index leads there. */
const GROUPS = `(
  select coalesce(m.workspace_id, 'default') as workspace_id, m.fingerprint,
    min(m.kind) as kind, min(m.reason) as reason, min(m.platform) as platform, min(m.area) as area, count(*)::int as count,
    (count(*) filter (where m.state = 'parked'))::int as parked,
    (count(*) filter (where m.state = 'replayed'))::int as replayed,
    (count(*) filter (where m.state = 'discarded'))::int as discarded,
    min(m.parked_at) as first_at, max(m.last_parked_at) as last_at,
    count(distinct m.connection_id)::int as connections,
    (array_agg(distinct m.connection_id) filter (where m.connection_id ~ '^con_[a-z2-7]{26}$'))[1:20] as connection_ids,
    count(distinct m.device_id)::int as devices,
    (array_agg(m.id order by m.parked_at desc, m.id desc))[1] as example_id
  from parked_message m where m.fingerprint <> ''
  group by 1, 2
) g`;

const groupList: ListDefinition = {
  name: 'parked-groups',
  select: `g.fingerprint, g.kind, g.reason, g.platform, g.area, g.count, g.parked, g.replayed, g.discarded, g.first_at,
    g.last_at, g.connections, g.connection_ids, g.devices, g.example_id, e.problems`,
  from: `${GROUPS} join parked_message e on e.id = g.example_id`,
  filter: {
    fingerprint: { type: 'id', sql: 'g.fingerprint' },
    kind: { type: 'id', sql: 'g.kind' },
    reason: { type: 'id', sql: 'g.reason' },
    platform: { type: 'id', sql: 'g.platform' },
    area: { type: 'id', sql: 'g.area' },
    count: { type: 'number', sql: 'g.count' },
    parked: { type: 'number', sql: 'g.parked' },
    replayed: { type: 'number', sql: 'g.replayed' },
    discarded: { type: 'number', sql: 'g.discarded' },
    firstAt: { type: 'instant', sql: 'g.first_at' },
    lastAt: { type: 'instant', sql: 'g.last_at' },
  },
  sort: {
    count: { sql: 'g.count', type: 'integer' },
    parked: { sql: 'g.parked', type: 'integer' },
    firstAt: { sql: 'g.first_at', type: 'timestamptz' },
    lastAt: { sql: 'g.last_at', type: 'timestamptz' },
  },
  key: { sql: 'g.fingerprint', type: 'text' },
};

const presentGroup = (row: GroupRow): ParkedGroup => ({
  fingerprint: row.fingerprint,
  kind: row.kind,
  reason: row.reason,
  ...(row.platform === null ? {} : { platform: row.platform }),
  ...(row.area === null ? {} : { area: row.area }),
  count: row.count,
  states: { parked: row.parked, replayed: row.replayed, discarded: row.discarded },
  firstAt: row.first_at.toISOString(),
  lastAt: row.last_at.toISOString(),
  connections: { count: row.connections, ids: row.connection_ids ?? [] },
  devices: row.devices,
  example: { id: row.example_id, problems: row.problems },
});

/** Parked messages by what is wrong with them: one line for one fault, however many suffer it. */
@Injectable()
export class ParkedGroups {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  list(workspace: string, request: ListRequest): Promise<ListPage<ParkedGroup>> {
    return readList<GroupRow, ParkedGroup>(this.#house.db, {
      definition: groupList,
      request: { ...request, sort: request.sort ?? '-lastAt' },
      conditions: (parameters) => [`g.workspace_id = ${parameters.add(workspace, 'text')}`],
      present: presentGroup,
    });
  }
}

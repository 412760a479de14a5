import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deviceId, spaceId } from '@tributary/contracts';
import { eventually } from '@tributary/testing';
import { connectTo } from './world/more-platforms.ts';
import { caller, makeWorld, type World } from './world/world.ts';

let world: World;
let call: ReturnType<typeof caller>;
let north: string;
let south: string;

interface Node {
  depth: number;
  space: { name: string };
  devices?: { name: string }[];
  moreDevices?: boolean;
}

const space = (connection: string, name: string, parent?: string) =>
  world.db.pool.query(
    `insert into space (id, workspace_id, connection_id, native_id, name, kind, parent_id, rev, updated_at)
     values ($1, 'default', $2, $3, $3, 'location', $4, 1, now())`,
    [spaceId(connection, name), connection, name, parent ? spaceId(connection, parent) : null],
  );
const device = (connection: string, name: string, place: { space?: string; parent?: string }) =>
  world.db.pool.query(
    `insert into device (id, workspace_id, platform, connection_id, native_id, name, space_id, parent_id, state, rev, updated_at)
     select $1, 'default', c.platform, c.id, $3, $3, $4, $5, 'known', 1, now() from connection c where c.id = $2`,
    [
      deviceId(connection, name),
      connection,
      name,
      place.space ? spaceId(connection, place.space) : null,
      place.parent ? deviceId(connection, place.parent) : null,
    ],
  );
const says = (connection: string, status: string) =>
  world.db.pool.query(
    `insert into connection_status (connection_id, status, rev, since, reason, updated_at)
     values ($1, $2, 1, now() - interval '1 minute', $2, now())
     on conflict (connection_id) do update set status = excluded.status, reason = excluded.reason`,
    [connection, status],
  );

beforeAll(async () => {
  world = await makeWorld();
  call = caller(world, await world.key('default', ['read']));
  north = await connectTo(world, 'northern');
  south = await connectTo(world, 'southern');
  await space(north, 'N');
  await space(north, 'N1', 'N');
  await space(north, 'N2', 'N');
  await space(north, 'N11', 'N1');
  await space(south, 'S');
  await space(south, 'S1', 'S');
  await space(south, 'stray', 'nobody');
  // Two that stand in each other stand in nothing else.
  await space(south, 'ring 1', 'ring 2');
  await space(south, 'ring 2', 'ring 1');
  await device(north, 'hub', { space: 'N11' });
  await device(north, 'port', { parent: 'hub' });
  await device(north, 'elsewhere', { parent: 'hub', space: 'N2' });
  await device(south, 'meter', { space: 'S1' });
  for (let i = 0; i < 101; i += 1) await device(south, `lamp ${String(i).padStart(3, '0')}`, { space: 'S' });
  await world.db.pool.query(`insert into series (device_id, signal) values ($1, 'power')`, [deviceId(south, 'meter')]);
  await world.db.pool.query(
    'insert into series_latest (series_id, ts, rev, number, first_ts) select id, now(), 1, 5, now() from series',
  );
  for (const id of [north, south]) {
    await says(id, 'connected');
    await world.db.pool.query(
      `insert into connection_lease (connection_id, replica, epoch, leased_until) values ($1, 'r', 1, now() + interval '1 hour')`,
      [id],
    );
  }
});
afterAll(() => world.close());

const namesOf = (items: { name: string }[]) => items.map(({ name }) => name);
const get = async <T>(url: string): Promise<T> => {
  const answer = await call('GET', url);
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return answer.json();
};
const in1 = (name: string, connection = north) => `/v1/spaces/${spaceId(connection, name)}`;

describe('the tree of spaces', () => {
  it('has the spaces of all connections, breadth first, page by page', async () => {
    const whole = await get<{ items: Node[]; page: object }>('/v1/spaces/tree');
    const shape = (items: Node[]) => items.map(({ depth, space: { name } }) => `${depth} ${name}`);
    expect(shape(whole.items)).toEqual(['0 N', '0 S', '0 stray', '1 N1', '1 N2', '1 S1', '2 N11']);
    const paged: Node[] = [];
    for (let url: string | undefined = '/v1/spaces/tree?limit=2'; url; ) {
      const answer = await call('GET', url);
      paged.push(...answer.json().items);
      url = /<(.*)>; rel="next"/.exec(String(answer.headers.link))?.[1];
    }
    expect(paged).toEqual(whole.items);
    expect(shape((await get<{ items: Node[] }>(`${in1('N')}/tree`)).items)).toEqual(['0 N', '1 N1', '1 N2', '2 N11']);
    const { nextCursor } = (await get<{ page: { nextCursor: string } }>('/v1/spaces/tree?limit=2')).page;
    expect((await call('GET', `${in1('N')}/tree?limit=2&cursor=${nextCursor}`)).statusCode).toBe(400);
  });

  it('shows the devices of each space where they are asked for, and says where there are more', async () => {
    const { items } = await get<{ items: Node[] }>('/v1/spaces/tree?include=devices');
    const at = (name: string) => items.find((node) => node.space.name === name);
    expect(namesOf(at('N11')?.devices ?? [])).toEqual(['hub']);
    expect(namesOf(at('N2')?.devices ?? [])).toEqual(['elsewhere']);
    expect(at('N')).toMatchObject({ devices: [], moreDevices: false });
    expect(at('S')?.devices).toHaveLength(100);
    expect(at('S')?.moreDevices).toBe(true);
    expect((await call('GET', '/v1/spaces/tree?include=devices&limit=101')).statusCode).toBe(400);
  });
});

describe('devices of a space', () => {
  it('are those in it and below it; who has no space of its own is where its parent is', async () => {
    const inside = async (name: string, query = '', connection = north) =>
      namesOf((await get<{ items: { name: string }[] }>(`${in1(name, connection)}/devices?sort=name${query}`)).items);
    expect(await inside('N')).toEqual(['elsewhere', 'hub', 'port']);
    expect(await inside('N1')).toEqual(['hub', 'port']);
    expect(await inside('N2')).toEqual(['elsewhere']);
    expect(await inside('N', '&filter=name%20sw%20%22p%22')).toEqual(['port']);
    expect(await inside('ring 1', '', south)).toEqual([]);
    expect(await inside('S', '&limit=1000', south)).toHaveLength(102);
  });
});

describe('an answer from what is stored', () => {
  const lists = () => [
    '/v1/devices',
    '/v1/spaces',
    '/v1/spaces/tree',
    '/v1/telemetry/latest',
    `/v1/telemetry/latest?connection=${south}`,
    `/v1/devices/${deviceId(south, 'meter')}/tree`,
    `/v1/devices/${deviceId(south, 'meter')}/children`,
    `${in1('S', south)}/devices`,
    `${in1('S', south)}/tree`,
  ];
  /** What is known of connections is believed for a second. */
  const settled = (complete: boolean) =>
    eventually('it is known', async () => (await get<Answer>('/v1/devices')).meta.complete === complete);
  interface Answer {
    meta: { complete: boolean; sources: { connectionId: string; status: string; ageMs: number; reason: string }[] };
  }

  it('is complete while every connection is well, and names those that something of the page is from', async () => {
    for (const url of lists()) expect((await get<Answer>(url)).meta).toMatchObject({ complete: true });
    const { meta } = await get<Answer>('/v1/devices?limit=1&sort=name');
    expect(meta.sources).toMatchObject([{ connectionId: north, platform: 'northern', status: 'ok', ageMs: 0 }]);
    expect((await call('GET', '/v1/devices?require=all')).statusCode).toBe(200);
  });

  it('never looks complete while a connection is not: it says which, since when, and is a 503 on demand', async () => {
    await says(south, 'degraded');
    await settled(false);
    for (const url of lists()) {
      const { meta } = await get<Answer>(url);
      expect(meta.complete).toBe(false);
      const source = meta.sources.find(({ connectionId }) => connectionId === south);
      expect(source).toMatchObject({ status: 'stale', reason: 'degraded' });
      expect(source?.ageMs).toBeGreaterThanOrEqual(60_000);
      const all = await call('GET', `${url}${url.includes('?') ? '&' : '?'}require=all`);
      expect(all.json()).toMatchObject({
        status: 503,
        code: 'sources-incomplete',
        sources: [{ connectionId: south, platform: 'southern', status: 'stale' }],
      });
      expect(all.headers['retry-after']).toBeDefined();
    }
  });

  it('is complete where the filter or the place rules the other connection out', async () => {
    const only = encodeURIComponent('platform eq "northern" and name pr');
    expect((await get<Answer>(`/v1/devices?filter=${only}&require=all`)).meta.complete).toBe(true);
    expect((await get<Answer>(`${in1('N')}/devices?require=all`)).meta.complete).toBe(true);
    expect((await get<Answer>(`/v1/telemetry/latest?connection=${north}&require=all`)).meta.complete).toBe(true);
  });

  it('to named devices speaks of connections only where one of theirs is not well', async () => {
    const latest = (name: string, connection: string) => `/v1/telemetry/latest?device=${deviceId(connection, name)}`;
    expect((await get<Partial<Answer>>(latest('hub', north))).meta).toBeUndefined();
    // One that has a value, and one that has none.
    for (const name of ['meter', 'lamp 000']) {
      expect((await get<Answer>(latest(name, south))).meta).toMatchObject({
        complete: false,
        sources: [{ connectionId: south, status: 'stale' }],
      });
    }
    expect((await call('GET', `${latest('meter', south)}&require=all`)).statusCode).toBe(503);
    await says(south, 'connected');
    await settled(true);
    expect((await get<Partial<Answer>>(latest('meter', south))).meta).toBeUndefined();
    await world.db.pool.query(
      `update connection_lease set leased_until = now() - interval '5 s' where connection_id = $1`,
      [south],
    );
    await settled(false);
    expect((await get<Answer>('/v1/devices?limit=1000')).meta.sources).toMatchObject([
      { connectionId: north, status: 'ok' },
      { connectionId: south, status: 'stale', reason: 'no adapter looks after it' },
    ]);
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Inventory } from '@tributary/database';
import { caller, makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let call: ReturnType<typeof caller>;
let ids: Seeded;

beforeAll(async () => {
  world = await makeWorld();
  call = caller(world, await world.key('default'));
  ids = await seed(world, 'default');
});
afterAll(async () => {
  await world.close();
});

describe('files', () => {
  it('lists stored and live ones and streams their bytes', async () => {
    expect((await call('GET', '/v1/files')).json().items).toMatchObject([{ id: ids.fileId, sizeBytes: 15 }]);
    expect((await call('GET', `/v1/devices/${ids.deviceId}/files?live=true`)).json()).toMatchObject({
      live: true,
      items: [{ name: 'live.osf' }],
    });
    const content = await call('GET', `/v1/files/${ids.fileId}/content`);
    expect(content.body).toBe('bytes of a file');
    expect(content.headers['content-type']).toBe('application/x-osf');
    const several = await call('POST', `/v1/devices/${ids.deviceId}/files:download`, { names: ['a.osf', 'b.osf'] });
    expect(several.statusCode).toBe(200);
    expect(world.platform.asked.at(-1)?.payload).toMatchObject({ names: ['a.osf', 'b.osf'] });
  });
});

describe('files listed live', () => {
  const live = () => `/v1/devices/${ids.childId}/files?live=true`;
  const listing = (files: object[]) => {
    world.platform.handlers['files.list'] = async ({ nativeId }) => ({
      files: files.map((file) => ({
        deviceNativeId: nativeId,
        name: 'new.osf',
        location: 'platform' as const,
        ...file,
      })),
    });
  };

  it('are addressable as soon as their ids are handed out', async () => {
    listing([
      { sizeBytes: 7, from: '2026-03-29T00:00:00Z' },
      { name: 'ü/2.osf', location: 'device' },
    ]);
    const { items } = (await call('GET', live())).json();
    expect(items).toHaveLength(2);
    for (const item of items) {
      const { from, ...rest } = item;
      const stored = (await call('GET', `/v1/files/${item.id}`)).json();
      expect(stored).toEqual({ ...rest, ...(from ? { from: new Date(from).toISOString() } : {}) });
      expect((await call('GET', `/v1/files/${item.id}/content`)).body).toBe('bytes of a file');
    }
    expect(world.platform.asked.at(-1)?.payload).toMatchObject({ nativeId: 'd2', names: ['ü/2.osf'] });
  });

  it('follow the newest listing, until an event tells more', async () => {
    listing([{ location: 'device' }]);
    const [{ id }] = (await call('GET', live())).json().items;
    expect((await call('GET', `/v1/files/${id}`)).json()).toMatchObject({ location: 'device' });
    const context = { eventId: randomUUID(), workspace: 'default', platform: 'acme', connectionId: ids.connectionId };
    const time = new Date().toISOString();
    const told = { deviceId: ids.childId, nativeId: 'd2', fileId: id, name: 'new.osf', rev: '2' };
    expect(
      await new Inventory(world.db).applyFile({ ...context, time }, { ...told, location: 'both', sizeBytes: 9 }),
    ).toBe('applied');
    expect((await call('GET', live())).json().items).toMatchObject([{ location: 'device' }]);
    expect((await call('GET', `/v1/files/${id}`)).json()).toMatchObject({ location: 'both', sizeBytes: 9 });
  });

  it('are nobody else’s', async () => {
    listing([{}]);
    const [{ id }] = (await call('GET', live())).json().items;
    const other = await world.key('other');
    const answer = await world.fastify.inject({
      url: `/v1/files/${id}`,
      headers: { authorization: `Bearer ${other}` },
    });
    expect(answer.statusCode).toBe(404);
  });
});

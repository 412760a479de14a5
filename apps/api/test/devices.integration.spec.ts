import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { audited, caller, makeWorld, type Seeded, seed, type World } from './world/world.ts';

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

describe('devices', () => {
  it('lists, filters, sorts and pages', async () => {
    const filter = encodeURIComponent(
      'name sw "boil" and properties.maker eq "ABB" and properties.power gt 12 and lastSeenAt pr',
    );
    const found = await call('GET', `/v1/devices?filter=${filter}&count=true`);
    expect(found.json()).toMatchObject({ items: [{ id: ids.deviceId, name: 'Boiler Öst' }], page: { total: 1 } });
    const first = await call('GET', '/v1/devices?sort=-name&limit=1&fields=name');
    expect(first.json().items).toEqual([{ name: 'Sensor' }]);
    expect(first.headers.link).toMatch(/rel="next"/);
    const next = /<(.*)>/.exec(String(first.headers.link))?.[1] ?? '';
    expect((await call('GET', next)).json().items).toEqual([{ name: 'Boiler Öst' }]);
    const stolen = await call('GET', `/v1/devices?limit=1&cursor=${first.json().page.nextCursor}`);
    expect(stolen.json()).toMatchObject({ status: 400, errors: [{ pointer: '/query/cursor' }] });
    expect((await call('GET', '/v1/devices?filter=nme%20pr')).json()).toMatchObject({
      status: 400,
      errors: [{ pointer: '/query/filter' }],
    });
  });

  it('answers one, by its native id, its children and its tree', async () => {
    const one = await call('GET', `/v1/devices/${ids.deviceId}`);
    expect(one.json()).toMatchObject({ nativeId: 'd 1/ü', lastSeenAt: '2026-03-29T01:00:00.000Z' });
    const byNative = await call('GET', `/v1/devices/by-native/${ids.connectionId}/${encodeURIComponent('d 1/ü')}`);
    expect(byNative.json().id).toBe(ids.deviceId);
    expect((await call('GET', `/v1/devices/${ids.deviceId}/children`)).json().items).toHaveLength(1);
    expect(
      (await call('GET', `/v1/devices/${ids.deviceId}/tree`)).json().items.map((item: { depth: number }) => item.depth),
    ).toEqual([0, 1]);
    expect((await call('GET', '/v1/spaces')).json().items).toMatchObject([{ id: ids.spaceId }]);
  });
});

describe('telemetry', () => {
  it('answers newest values with their age, by device, connection and signal', async () => {
    for (const query of [
      `device=${ids.deviceId}`,
      `connection=${ids.connectionId}`,
      'signal=power',
      `device=${ids.deviceId},${ids.childId}&signal=power`,
      'platform=acme,other',
      `space=${ids.spaceId}&platform=acme`,
      `filter=${encodeURIComponent('signal sw "pow" and value gt 12 and unit eq "W" and platform eq "acme"')}`,
    ]) {
      const latest = await call('GET', `/v1/telemetry/latest?${query}`);
      expect(latest.json().items).toMatchObject([
        { seriesId: ids.seriesId, value: 12.5, unit: 'W', ts: '2026-03-29T01:00:00.000Z' },
      ]);
      expect(latest.json().items[0].ageMs).toBeGreaterThanOrEqual(0);
    }
    for (const query of [
      'platform=other',
      'signal=flow',
      `space=spc_${'z'.repeat(26)}`,
      'filter=value%20eq%20%22on%22',
    ])
      expect((await call('GET', `/v1/telemetry/latest?${query}`)).json()).toMatchObject({ items: [], page: {} });
    expect((await call('GET', '/v1/telemetry/latest?filter=nme%20pr')).json().errors[0].pointer).toBe('/query/filter');
    expect((await call('GET', '/v1/telemetry/latest?devise=x')).json().errors).toEqual([
      { pointer: '/query/devise', detail: 'This route takes no such parameter.' },
    ]);
  });

  it('pages newest values, within what was asked for at first', async () => {
    await world.db.pool.query(
      `with added as (insert into series (device_id, signal) select $1, 'extra.' || i from generate_series(1, 4) i returning id)
       insert into series_latest (series_id, ts, rev, text, first_ts) select id, now(), 1, 'on', now() from added`,
      [ids.childId],
    );
    // The child has no space of its own: it is where its parent is.
    const range = `limit=2&space=${ids.spaceId}`;
    let url = `/v1/telemetry/latest?${range}&filter=${encodeURIComponent('value eq "on"')}`;
    const seen: string[] = [];
    const cursors: string[] = [];
    while (url) {
      const page = await call('GET', url);
      const { items, page: end } = page.json();
      seen.push(...items.map(({ signal }: { signal: string }) => signal));
      cursors.push(...(end.nextCursor ? [end.nextCursor] : []));
      url = /<(.*)>/.exec(String(page.headers.link ?? ''))?.[1] ?? '';
    }
    expect(seen).toEqual(['extra.1', 'extra.2', 'extra.3', 'extra.4']);
    const elsewhere = await call('GET', `/v1/telemetry/latest?${range}&cursor=${cursors[0]}`);
    expect(elsewhere.json().errors).toMatchObject([{ pointer: '/query/cursor' }]);
  });

  it('writes to the platform', async () => {
    const written = await call('POST', `/v1/devices/${ids.deviceId}/telemetry:write`, {
      points: [{ signal: 'setpoint', value: 20 }],
    });
    expect(written.json()).toEqual({ written: 1 });
  });
});

describe('attributes', () => {
  it('reads stored and live ones, and changes shared ones', async () => {
    const url = `/v1/devices/${ids.deviceId}/attributes`;
    const stored = await call('GET', url);
    expect(stored.json()).toMatchObject({ live: false, items: [{ scope: 'shared', name: 'target', value: 21 }] });
    expect((await call('GET', `${url}?live=true`)).json()).toMatchObject({ live: true, items: [{ name: 'firmware' }] });
    // Its ETag is for the change; what the platform says now is never "not modified".
    const tagged = { 'if-none-match': String(stored.headers.etag) };
    expect((await call('GET', url, undefined, tagged)).statusCode).toBe(304);
    expect((await call('GET', `${url}?live=true`, undefined, tagged)).statusCode).toBe(200);
    const changed = await call('PATCH', url, { target: 22 }, { 'if-match': String(stored.headers.etag) });
    expect(changed.json()).toMatchObject({ items: [{ name: 'target', value: 22 }] });
  });

  it('and telemetry that was written stand in the audit log', async () => {
    expect(await audited(call)).toEqual(expect.arrayContaining(['attributes.updated', 'telemetry.written']));
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import type { EntityRecord } from '@tributary/contracts';
import { OCHNO_COMPANIES, OCHNO_USERS } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { collect, never, pointsBy, type Rig, run, startRig } from './rig.ts';

const { owner, tenant } = OCHNO_COMPANIES;
let rig: Rig;
afterEach(() => rig.stop());

const asked = (operation: string, status?: number) =>
  rig.simulator.journal.count({ operation, ...(status === undefined ? {} : { status }) });

describe('OCHNO-01, OCHNO-02 the log-in', () => {
  it('is made once for many callers, again after a 401, and every token is given back', async () => {
    rig = await startRig();
    await Promise.all([rig.discover(), rig.discover(), rig.adapter.probe(never)]);
    expect(asked('OCHNO-01')).toBe(1);
    rig.simulator.faults.expireTokens();
    await rig.discover();
    expect(asked('OCHNO-01')).toBe(2);
    await rig.adapter.close?.('stopping');
    // The first was over already: giving it back is answered with 401, and harms nobody.
    expect(asked('OCHNO-02', 200)).toBe(1);
    const [last] = rig.simulator.journal.entries({ operation: 'OCHNO-02', status: 200 });
    expect(rig.simulator.journal.entries({ operation: 'OCHNO-16' }).at(-1)?.credential).toBe(last?.credential);
  });

  it('that is refused is not repeated for every caller', async () => {
    rig = await startRig();
    const { adapter } = rig.connect({}, { email: OCHNO_USERS.demo.email, password: 'wrong' });
    for (let n = 0; n < 5; n += 1) await expect(adapter.probe(never)).rejects.toMatchObject({ code: 'authentication' });
    expect(asked('OCHNO-01')).toBe(1);
  });
});

describe('OCHNO-03, OCHNO-13 to OCHNO-16 what there is', () => {
  it('are hubs and their ports, at a company, a location and a floor plan', async () => {
    rig = await startRig();
    const pages = await collect(rig.adapter.devices?.discover(never) ?? []);
    const devices = pages.flatMap(({ items }) => items);
    expect(devices.map(({ nativeId }) => nativeId).toSorted()).toEqual([...rig.simulator.truth.devices()].toSorted());
    for (const { port } of rig.simulator.scenario.ports) {
      const place = rig.simulator.state.placeOf(port);
      if (![owner, tenant].some((id) => id === place.companyId)) continue;
      const found = devices.find(({ nativeId }) => nativeId === port.id);
      expect(found).toMatchObject({ kind: 'port', parent: port.hubId, serial: port.hwId, name: port.name });
      expect(found?.spaces.map(({ kind, nativeId }) => [kind, nativeId])).toEqual([
        ['company', place.companyId],
        ['location', place.locationId],
        ...(port.floorPlanId ? [['floor-plan', port.floorPlanId]] : []),
      ]);
    }
    expect(new Set(devices.map(({ kind }) => kind))).toEqual(new Set(['hub', 'port']));
  });

  it('of the companies that were chosen only, and it is said when one of them is not seen', async () => {
    rig = await startRig({}, { companies: [tenant, 'nobody'] });
    const pages = await collect(rig.adapter.devices?.discover(never) ?? []);
    const spaces = new Set(pages.flatMap(({ items }) => items).map((device) => device.spaces[0]?.nativeId));
    expect([...spaces]).toEqual([tenant]);
    expect(rig.adapter.limitations?.()).toEqual([expect.stringContaining('does not see 1')]);
  });

  it('are not taken for gone when one company cannot be read', async () => {
    rig = await startRig();
    await rig.discover();
    rig.simulator.faults.add({ kind: 'status', status: 403 }, { operation: 'OCHNO-15', count: 1 });
    const fresh = rig.connect();
    // Nobody has seen its devices here: the sweep fails at its end, and nothing is said to be gone.
    await expect(collect(fresh.adapter.devices?.discover(never) ?? [])).rejects.toMatchObject({
      code: 'permission-denied',
    });
    expect(fresh.adapter.limitations?.()).toHaveLength(1);
    await collect(fresh.adapter.devices?.discover(never) ?? []);
    expect(fresh.adapter.limitations?.()).toEqual([]);
  });

  it('is read for values rarely, and then brings what nobody has heard, attributes and records', async () => {
    rig = await startRig({ producing: true, cadenceMs: 100 });
    await eventually('every port has spoken', () =>
      rig.simulator.scenario.ports.every(({ port }) => port.data.t !== undefined),
    );
    rig.simulator.production.pause();
    await rig.discover();
    const first = await run(rig.adapter.polls?.reconcile);
    expect(pointsBy(first.observations).size).toBeGreaterThan(8);
    expect(
      first.observations.filter((item) => item.type === 'entity' && item.change === 'created').length,
    ).toBeGreaterThan(2);
    const attributes = first.observations.flatMap((item) => (item.type === 'attributes' ? item.attributes : []));
    expect(attributes.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['name', 'hwId', 'hwType', 'floorPlanId']),
    );
    const calls = asked('OCHNO-16');
    expect((await run(rig.adapter.polls?.reconcile, first.checkpoint)).observations).toEqual([]);
    expect(asked('OCHNO-16')).toBe(calls);
    // After a restart nothing has changed, and nothing is told of records.
    const again = await run(rig.connect().adapter.polls?.reconcile, first.checkpoint);
    expect(again.observations.filter(({ type }) => type === 'entity')).toEqual([]);
  });

  it('has attributes that are read on request, of hubs and of ports', async () => {
    rig = await startRig();
    const [port] = rig.simulator.scenario.ports;
    const fresh = rig.connect();
    const names = async (device: string) =>
      (await fresh.adapter.attributes?.read(device, never))?.map(({ name }) => name);
    expect(await names(port?.port.id ?? '')).toEqual(expect.arrayContaining(['hwId', 'hwType']));
    expect(await names(port?.port.hubId ?? '')).toEqual(expect.arrayContaining(['hwId', 'name']));
    await expect(fresh.adapter.attributes?.read('nothing', never)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('OCHNO-17 history', () => {
  it('are hourly aggregates, in signals of their own', async () => {
    const HOUR = 3_600_000;
    rig = await startRig({ historyMs: 4 * HOUR });
    const device = rig.simulator.scenario.ports[0]?.port.id ?? '';
    const [fromMs, toMs] = [Date.now() - 3 * HOUR, Date.now()];
    const pages = await collect(rig.adapter.telemetry?.history?.({ device, fromMs, toMs }, never) ?? []);
    const points = pages.flatMap(({ items }) => items.flatMap((batch) => batch.points));
    expect(points.length).toBeGreaterThan(0);
    for (const { signal, tsMs = 0 } of points) {
      expect(signal).toMatch(/\.hourly\.(mean|min|max|count)$/);
      expect(tsMs % HOUR).toBe(0);
      expect(tsMs).toBeGreaterThanOrEqual(fromMs);
    }
    const only = { device, fromMs, toMs, signals: ['power.watt.hourly.max'] };
    const asOne = await collect(rig.adapter.telemetry?.history?.(only, never) ?? []);
    const names = asOne.flatMap(({ items }) => items.flatMap((batch) => batch.points.map(({ signal }) => signal)));
    expect(new Set(names)).toEqual(new Set(['power.watt.hourly.max']));
  });
});

describe('OCHNO-04, OCHNO-13, OCHNO-14 records', () => {
  const get = async (type: string, id: string): Promise<EntityRecord> => {
    const record = await rig.adapter.entities?.get(type, id, never);
    if (!record) throw new Error('no record');
    return record;
  };
  const update = (type: string, id: string, patch: Record<string, never>, etag: string) =>
    rig.adapter.entities?.update?.(type, id, patch, etag, never);
  const patchOf = (patch: object) => patch as Record<string, never>;

  it('are listed page by page, in an order that stays', async () => {
    rig = await startRig();
    const types = (await rig.adapter.entities?.types(never))?.map(({ name }) => name);
    expect(types).toEqual(['company', 'location', 'floor-plan']);
    for (const type of types ?? []) {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await rig.adapter.entities?.query(
          type,
          { limit: 1, sort: [], ...(cursor ? { cursor } : {}) },
          never,
        );
        ids.push(...(page?.items.map(({ nativeId }) => nativeId) ?? []));
        cursor = page?.nextCursor;
      } while (cursor);
      expect(ids).toEqual(ids.toSorted());
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBeGreaterThanOrEqual(2);
    }
    const page = await rig.adapter.entities?.query(
      'company',
      { limit: 5, filter: 'name eq "x"', sort: [{ field: 'name', descending: true }] },
      never,
    );
    expect(page?.residualFilter).toBe('name eq "x"');
    const names = page?.items.map(({ name = '' }) => name) ?? [];
    expect(names).toEqual(names.toSorted().reverse());
    const inOrder = async (field: string) =>
      (await rig.adapter.entities?.query('company', { limit: 5, sort: [{ field, descending: true }] }, never))?.items;
    expect((await inOrder('attributes.name'))?.map(({ name = '' }) => name)).toEqual(names);
    expect((await inOrder('nativeId'))?.map(({ nativeId }) => nativeId).toReversed()).toEqual(
      (await inOrder('nativeId'))?.map(({ nativeId }) => nativeId).toSorted(),
    );
  });

  it('are changed as a whole: what the caller did not name stays', async () => {
    rig = await startRig();
    const before = await get('company', tenant);
    const after = await update('company', tenant, patchOf({ name: 'Goodle' }), before.etag);
    // The platform may add members of its own, as its document shows.
    expect(after?.attributes).toMatchObject({ ...before.attributes, name: 'Goodle' });
    expect(rig.simulator.state.companies.get(tenant)?.name).toBe('Goodle');
    for (const [type, member] of [
      ['location', 'address'],
      ['floor-plan', 'name'],
    ] as const) {
      const [first] = (await rig.adapter.entities?.query(type, { limit: 1, sort: [] }, never))?.items ?? [];
      const changed = await update(type, first?.nativeId ?? '', patchOf({ [member]: 'new' }), first?.etag ?? '');
      expect(changed?.attributes).toEqual({ ...first?.attributes, [member]: 'new' });
    }
  });

  it('are not changed by whoever has read an older one: of two writers one is told', async () => {
    rig = await startRig();
    const { etag } = await get('company', tenant);
    const results = await Promise.allSettled([
      update('company', tenant, patchOf({ name: 'A' }), etag),
      update('company', tenant, patchOf({ website: 'https://b.example' }), etag),
    ]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(refused.reason).toMatchObject({ code: 'conflict' });
    expect(asked('OCHNO-04')).toBe(1);
  });

  it('keep their id, and are refused where the user may not write', async () => {
    rig = await startRig();
    const { etag } = await get('company', tenant);
    await expect(update('company', tenant, patchOf({ id: 'x' }), etag)).rejects.toMatchObject({
      code: 'invalid-request',
    });
    await expect(get('company', 'nobody')).rejects.toMatchObject({ code: 'not-found' });
    await expect(get('planet', 'x')).rejects.toMatchObject({ code: 'not-found' });
    const { adapter } = rig.connect({}, { ...OCHNO_USERS.viewer });
    await expect(
      adapter.entities?.update?.('company', tenant, patchOf({ name: 'A' }), etag, never),
    ).rejects.toMatchObject({
      code: 'permission-denied',
    });
  });

  it('of locations can be made', async () => {
    rig = await startRig();
    const made = await rig.adapter.entities?.create?.('location', { companyId: tenant, name: 'Annex' }, never);
    expect(made).toMatchObject({ type: 'location', name: 'Annex' });
    expect((await get('location', made?.nativeId ?? '')).attributes).toMatchObject({ companyId: tenant });
    await expect(rig.adapter.entities?.create?.('location', { name: 'x' }, never)).rejects.toMatchObject({
      code: 'invalid-request',
    });
    await expect(rig.adapter.entities?.create?.('company', { name: 'x' }, never)).rejects.toMatchObject({
      code: 'unsupported',
    });
  });
});

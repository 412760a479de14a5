import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '@tributary/contracts';
import { OCTOMESH_CLIENTS } from '@tributary/simulators';
import { ESPALIER, ownKit, PLOT, TREE } from './own-kit.ts';
import { collect, failureOf, never, Poller, type Rig, startRig } from './rig.ts';

jest.setTimeout(60_000);

let rig: Rig;

beforeAll(async () => {
  rig = await startRig({ devices: 3, historyMs: 60_000, producing: false }, { settings: { deviceTypes: undefined } });
  await entities().types(never);
  await entities().create('construction-kit', ownKit as unknown as Record<string, Json>, never);
});
afterAll(() => rig.stop());

function entities() {
  const { entities: found } = rig.adapter;
  if (!found?.create || !found.update || !found.remove || !found.relate || !found.related)
    throw new RangeError('absent');
  return found as Required<typeof found>;
}

const draft = (name: string, more: Record<string, Json> = {}) => ({ name, variety: 'Boskoop', ...more });
const made = (name: string, more: Record<string, Json> = {}) => entities().create(TREE, draft(name, more), never);
const mutations = (after: number) =>
  rig.simulator.journal
    .entries({ after })
    .map(({ operation }) => operation ?? '')
    .filter((operation) => /OCTO-1[1-4]/.test(operation));

describe('a Construction Kit that nobody has seen before', () => {
  it('OCTO-23 OCTO-24 is listed, and its types are there at once', async () => {
    const kits = await entities().query('construction-kit', { sort: [], limit: 100 }, never);
    expect(kits.items.map(({ nativeId }) => nativeId)).toContain('MyCompany.Orchard@1.0.0');
    const types = await entities().types(never);
    const tree = types.find(({ name }) => name === TREE);
    expect(tree).toMatchObject({
      readOnly: false,
      operations: ['create', 'update', 'remove', 'relate'],
      schema: {
        required: ['name', 'variety'],
        properties: {
          variety: { type: 'string', enum: ['Boskoop', 'Gravensteiner', 'Idared'] },
          planted: { type: 'string', format: 'date-time' },
          height: { type: 'number' },
          grafts: { type: 'integer' },
          isBearing: { type: 'boolean' },
          notes: { type: 'array', items: {} },
          wellKnownName: { type: 'string' },
        },
      },
    });
    expect(tree?.relations).toEqual([{ name: 'standsOn', targetTypes: [PLOT], many: true }]);
    await expect(entities().create('construction-kit', ownKit as never, never)).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(entities().create('construction-kit', { libraryId: 'X' }, never)).rejects.toMatchObject({
      code: 'invalid-request',
    });
    await expect(entities().remove('construction-kit', 'x', '', never)).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('OCTO-11 to OCTO-14: its entities are made, read, changed, related and removed', async () => {
    const plot = await entities().create(PLOT, { title: 'North', hectares: 1.5 }, never);
    const values = { planted: '2019-11-20T00:00:00Z', height: 3.25, grafts: 2, isBearing: true, notes: ['a', 'ü'] };
    const tree = await made('Old one', { ...values, wellKnownName: 'old-tree' });
    expect(tree.attributes).toEqual({
      ...draft('Old one', values),
      planted: '2019-11-20T00:00:00.000Z',
      wellKnownName: 'old-tree',
    });
    expect(await entities().get(TREE, tree.nativeId, never)).toEqual(tree);
    const changed = await entities().update(TREE, tree.nativeId, { height: 3.5, planted: null }, tree.etag, never);
    expect(changed.attributes).toMatchObject({ name: 'Old one', height: 3.5 });
    expect(changed.attributes).not.toHaveProperty('planted');
    await expect(entities().update(TREE, tree.nativeId, { height: 9 }, tree.etag, never)).rejects.toMatchObject({
      code: 'conflict',
    });
    await entities().relate(TREE, tree.nativeId, 'standsOn', [plot.nativeId], never);
    await entities().relate(TREE, tree.nativeId, 'standsOn', [plot.nativeId], never);
    const places = await entities().related(TREE, tree.nativeId, 'standsOn', { limit: 10 }, never);
    expect(places).toEqual({ items: [plot] });
    const onPlot = await entities().related(PLOT, plot.nativeId, 'trees', { limit: 10 }, never);
    expect(onPlot.items.map(({ nativeId, type }) => [nativeId, type])).toEqual([[tree.nativeId, TREE]]);
    await expect(entities().remove(TREE, tree.nativeId, tree.etag, never)).rejects.toMatchObject({ code: 'conflict' });
    await entities().remove(TREE, tree.nativeId, changed.etag, never);
    await expect(entities().get(TREE, tree.nativeId, never)).rejects.toMatchObject({
      code: 'not-found',
      platformCode: 'ENTITY_NOT_FOUND',
    });
  });

  it('relations are read page by page', async () => {
    const plot = await entities().create(PLOT, { title: 'South' }, never);
    const trees: string[] = [];
    for (let n = 0; n < 5; n++) trees.push((await made(`Row ${n}`)).nativeId);
    await entities().relate(PLOT, plot.nativeId, 'trees', trees, never);
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await entities().related(
        PLOT,
        plot.nativeId,
        'trees',
        { limit: 2, ...(cursor ? { cursor } : {}) },
        never,
      );
      found.push(...page.items.map(({ nativeId }) => nativeId));
      cursor = page.nextCursor;
    } while (cursor);
    expect(found.toSorted()).toEqual(trees.toSorted());
    await expect(entities().related(PLOT, plot.nativeId, 'nowhere', { limit: 2 }, never)).rejects.toMatchObject({
      message: expect.stringContaining('it has: trees'),
    });
    const wrong = entities().relate(TREE, trees[0] ?? '', 'standsOn', [trees[1] ?? ''], never);
    await expect(wrong).rejects.toMatchObject({ code: 'invalid-request', platformCode: 'ASSOCIATION_ERROR' });
  });

  it('names every attribute at fault before a call is spent', async () => {
    const { position } = rig.simulator.journal;
    const error = await failureOf(made('x', { variety: 'Golden', height: 'tall', planted: 'spring', colour: 'red' }));
    expect(error).toMatchObject({ code: 'invalid-request' });
    expect(String(error)).toMatch(/variety must be one of Boskoop.*height.*planted.*"colour"/);
    expect(String(await failureOf(entities().create(TREE, {}, never)))).toMatch(
      /name is required; variety is required/,
    );
    expect(mutations(position)).toEqual([]);
    await expect(entities().query('MyCompany.Orchard/Shrub', { sort: [], limit: 1 }, never)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('MyCompany.Orchard/Shrub'),
    });
    await expect(entities().get('x") { rtId } }', 'y', never)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('an order given twice makes one record, also when its answer was lost', async () => {
    const first = await made('Twin', { height: 2 });
    expect((await made('Twin', { height: 2 })).nativeId).toBe(first.nativeId);
    expect((await made('Twin', { height: 3 })).nativeId).not.toBe(first.nativeId);
    const whole = { height: 4, planted: '2019-11-20T01:00:00+01:00', notes: ['a'], grafts: null };
    expect((await made('Whole', whole)).nativeId).toBe((await made('Whole', whole)).nativeId);
    const meter = { name: 'M', serialNumber: 's', calibration: { calibratedAt: '2024-01-01T00:00:00Z' } };
    const makeMeter = () => entities().create('Industry.Energy/EnergyMeter', meter, never);
    expect((await makeMeter()).nativeId).toBe((await makeMeter()).nativeId);
    const { position } = rig.simulator.journal;
    rig.simulator.faults.add({ kind: 'reset', when: 'after' }, { operation: 'OCTO-11', count: 1 });
    const survived = await made('Lost answer');
    const listed = await entities().query(
      TREE,
      { filter: 'attributes.name eq "Lost answer"', sort: [], limit: 10 },
      never,
    );
    expect(listed.items.map(({ nativeId }) => nativeId)).toEqual([survived.nativeId]);
    expect(mutations(position)).toEqual(['OCTO-11']);
    rig.simulator.faults.add({ kind: 'status', status: 502, when: 'after' }, { operation: 'OCTO-11', count: 1 });
    expect(await made('Said to have failed')).toMatchObject({ name: 'Said to have failed' });
    rig.simulator.faults.add({ kind: 'status', status: 502 }, { operation: 'OCTO-11', count: 1 });
    expect(await failureOf(made('Has failed'))).toMatchObject({ code: 'unavailable' });
    rig.simulator.faults.add({ kind: 'reset', when: 'before' }, { operation: 'OCTO-11', count: 1 });
    expect(await made('Lost order')).toMatchObject({ name: 'Lost order' });
    await made('Named', { wellKnownName: 'named' });
    await expect(made('Other', { wellKnownName: 'named' })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('a removal whose answer was lost is done', async () => {
    const tree = await made('To be felled');
    rig.simulator.faults.add({ kind: 'reset', when: 'after' }, { operation: 'OCTO-13', count: 1 });
    await entities().remove(TREE, tree.nativeId, tree.etag, never);
    await expect(entities().get(TREE, tree.nativeId, never)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('OCTO-28: a scope that only reads is told as a missing right', async () => {
    const { id, secret } = OCTOMESH_CLIENTS.reader;
    const { adapter } = rig.connect({
      credentials: { clientId: id, clientSecret: secret },
      settings: { scope: 'octo_api.read_only' },
    });
    await adapter.probe(never);
    const read = await adapter.entities?.query(TREE, { sort: [], limit: 1 }, never);
    expect(read?.items).toHaveLength(1);
    const refused = adapter.entities?.create?.(TREE, draft('No'), never) ?? Promise.resolve();
    expect(await failureOf(refused)).toMatchObject({ code: 'permission-denied', platformCode: 'FORBIDDEN' });
  });

  it('its streams are telemetry, its entities devices', async () => {
    const tree = await made('Measured');
    const espalier = await entities().create(ESPALIER, { ...draft('On wires'), wires: 4 }, never);
    const ts = rig.simulator.clock.now() - 5_000;
    const rows = [{ ts, values: { flow: 1.5, rising: true, remark: 'ü' } }];
    for (const { nativeId } of [tree, espalier]) {
      await rig.simulator.actions.run('produce', { device: nativeId, stream: 'MyCompany.Orchard/SapFlow', rows });
    }
    const poller = new Poller(rig.connect().adapter);
    await poller.round();
    expect(poller.points.get(`${tree.nativeId}|flow|${ts}`)).toBe(1.5);
    expect(poller.points.get(`${espalier.nativeId}|rising|${ts}`)).toBe(true);
    const pages = await collect(rig.connect().adapter.devices?.discover(never) ?? []);
    const all = pages.flatMap((page) => page.items);
    expect(all.filter(({ nativeId }) => nativeId === espalier.nativeId).map(({ kind }) => kind)).toEqual([ESPALIER]);
    expect(all.find(({ nativeId }) => nativeId === tree.nativeId)?.kind).toBe(TREE);
  });
});

describe('which entities are devices', () => {
  it('is told by the rows where no type shows the stream', async () => {
    const library = {
      libraryId: 'Loose.Ends',
      version: '0.1.0',
      types: [{ typeId: 'Weather', isStream: true, attributes: [{ name: 'wind', type: 'double', unit: 'm/s' }] }],
    };
    await rig.simulator.actions.run('install-library', { library });
    const plot = await entities().create(PLOT, { title: 'Windy' }, never);
    const rows = [{ ts: rig.simulator.clock.now() - 5_000, values: { wind: 12.5 } }];
    const { adapter } = rig.connect();
    const kinds = async () => {
      const pages = await collect(adapter.devices?.discover(never) ?? []);
      return new Set(pages.flatMap((page) => page.items.map(({ kind }) => kind)));
    };
    expect(await kinds()).not.toContain(PLOT);
    await rig.simulator.actions.run('produce', { device: plot.nativeId, stream: 'Loose.Ends/Weather', rows });
    expect(await kinds()).toContain(PLOT);
    const poller = new Poller(adapter);
    await poller.round('telemetry');
    expect([...poller.points].find(([key]) => key.startsWith(`${plot.nativeId}|wind|`))?.[1]).toBe(12.5);
  });

  it('a configured type that the tenant has not is said, and nothing is called gone', async () => {
    const deviceTypes = [{ type: TREE }, { type: 'My.Lost/Type', stream: 'My.Lost/Stream' }];
    const { adapter } = rig.connect({ settings: { deviceTypes } });
    expect(await failureOf(collect(adapter.devices?.discover(never) ?? []))).toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('the tenant has no type My.Lost/Type'),
    });
    expect(adapter.limitations?.()).toEqual([expect.stringContaining('My.Lost/Stream')]);
    const poller = new Poller(adapter);
    await poller.round();
    expect(poller.points.size).toBeGreaterThan(0);
  });
});

describe('changes of entities', () => {
  const said = (poller: Poller) =>
    poller.observations
      .splice(0)
      .flatMap((one) =>
        one.type === 'entity' && one.entity.entityType === TREE ? [[one.change, one.entity.name]] : [],
      );

  it('are told once, and removal only after a whole pass', async () => {
    const poller = new Poller(rig.connect({ settings: { pageSize: 10 } }).adapter, ['entities']);
    await poller.round();
    const existing = said(poller);
    expect(existing.length).toBeGreaterThan(5);
    expect(new Set(existing.map(([change]) => change))).toEqual(new Set(['created']));
    const told = poller.checkpoints.get('entities');
    await poller.round();
    expect(said(poller)).toEqual([]);
    // Nothing was found, so nothing is to be remembered.
    expect(poller.checkpoints.get('entities')).toBe(told);
    const fresh = await made('Fresh');
    await poller.round();
    expect(said(poller)).toEqual([['created', 'Fresh']]);
    await rig.simulator.actions.run('update-entity', { entity: fresh.nativeId, attributes: { height: 8 } });
    await poller.round();
    expect(said(poller)).toEqual([['updated', 'Fresh']]);
    await rig.simulator.actions.run('delete-entity', { entity: fresh.nativeId });
    rig.simulator.faults.add({ kind: 'status', status: 500 }, { operation: 'OCTO-06', skip: 1 });
    expect(await failureOf(poller.round())).toMatchObject({ code: 'unavailable' });
    expect(said(poller)).toEqual([]);
    rig.simulator.faults.clear();
    await poller.round();
    // Memory was dropped with the pass that failed: all are told as they are, and nothing is said to be gone by guess.
    expect(new Set(said(poller).map(([change]) => change))).toEqual(new Set(['updated']));
    const next = await made('Next');
    await poller.round();
    await entities().remove(TREE, next.nativeId, next.etag, never);
    said(poller);
    await poller.round();
    expect(said(poller)).toEqual([['removed', undefined]]);
  });

  it('say nothing after a restart that missed nothing', async () => {
    const before = new Poller(rig.connect().adapter, ['entities']);
    await before.round();
    const after = new Poller(rig.connect().adapter, ['entities']);
    after.checkpoints.set('entities', before.checkpoints.get('entities') ?? {});
    await after.round();
    expect(said(after)).toEqual([]);
    const small = rig.connect({ settings: { entities: { maxWatched: 2 } } });
    await new Poller(small.adapter, ['entities']).round();
    expect(small.adapter.limitations?.()).toContainEqual(expect.stringContaining('not watched'));
  });
});

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { collect, failureOf, never, Poller, pointsBy, type Rig, startRig, truthBy } from './rig.ts';

jest.setTimeout(60_000);

let rig: Rig;
let devices: string[];

beforeAll(async () => {
  rig = await startRig(
    { devices: 23, waterMeters: 4, historyMs: 600_000, producing: false },
    { settings: { pageSize: 10 } },
  );
  devices = await rig.discover();
});
afterAll(() => rig.stop());

describe('devices', () => {
  it('OCTO-06 finds every entity of the configured types, page by page, and where it is', async () => {
    const pages = await collect(rig.adapter.devices?.discover(never) ?? []);
    expect(pages.map((page) => page.items.length)).toEqual([10, 10, 3]);
    expect(new Set(devices).size).toBe(23);
    const first = pages[0]?.items[0];
    expect(first).toMatchObject({
      kind: 'Industry.Energy/EnergyMeter',
      name: expect.any(String),
      serial: expect.any(String),
    });
    expect(first?.spaces.map(({ kind }) => kind)).toEqual(['Location', 'Location', 'Location']);
  });

  it('finds every type that shows readings where none is configured', async () => {
    const all = rig.connect({ settings: { deviceTypes: undefined } });
    const pages = await collect(all.adapter.devices?.discover(never) ?? []);
    const kinds = pages.flatMap((page) => page.items.map(({ kind }) => kind));
    expect(kinds.filter((kind) => kind === 'Industry.Water/WaterMeter')).toHaveLength(4);
    expect(kinds).toHaveLength(27);
    expect(all.adapter.limitations?.()).toEqual([]);
  });
});

describe('telemetry', () => {
  it('OCTO-10 brings every point of the ground truth, live ones first and the rest beside', async () => {
    const poller = new Poller(rig.connect({ settings: { deviceTypes: undefined } }).adapter);
    const position = rig.simulator.journal.position;
    await poller.until(() => truthBy(rig.simulator));
    expect(poller.points.size).toBeGreaterThan(1000);
    const asked = rig.simulator.journal.entries({ after: position, operation: 'OCTO-10' });
    // Two streams, one request.
    expect(asked[0]?.detail).toMatch(/FlowReading.*MeterReading|MeterReading.*FlowReading/);
  });

  it('follows what comes, what comes late and what is rewritten', async () => {
    const poller = new Poller(rig.adapter);
    const [device = ''] = devices;
    await poller.until(() => truthBy(rig.simulator, { device }), device);
    const ts = rig.simulator.clock.now();
    const rows = [
      { ts: ts - 120_000, values: { power: 1.25, voltage: null } },
      { ts: ts - 1_000, values: { power: 2.5, energy: 3 } },
    ];
    await rig.simulator.actions.run('produce', { device, rows });
    await poller.until(() => truthBy(rig.simulator, { device }), device);
    expect(poller.points.get(`${device}|power|${ts - 120_000}`)).toBe(1.25);
    expect(poller.points.has(`${device}|voltage|${ts - 120_000}`)).toBe(false);
    await rig.simulator.actions.run('produce', { device, rows: [{ ts: ts - 120_000, values: { power: 7 } }] });
    await poller.until(() => truthBy(rig.simulator, { device }), device);
    expect(poller.points.get(`${device}|power|${ts - 120_000}`)).toBe(7);
  });

  it('reads the history of one device, from the first instant and up to the last', async () => {
    const [, device = ''] = devices;
    const times = [...rig.simulator.truth.points({ device })].map(({ ts }) => ts).toSorted((a, b) => a - b);
    const fromMs = times[Math.floor(times.length / 3)] ?? 0;
    const toMs = times[Math.floor((times.length * 2) / 3)] ?? 0;
    const pages = await collect(rig.adapter.telemetry?.history?.({ device, fromMs, toMs }, never) ?? []);
    const found = pages.flatMap((page) => page.items).map((batch) => ({ type: 'points' as const, ...batch }));
    expect(pointsBy(found)).toEqual(truthBy(rig.simulator, { device, from: fromMs, to: toMs }));
    expect(found.every(({ origin }) => origin === 'backfill')).toBe(true);
    const wanted = { device, fromMs, toMs, signals: ['power'] };
    const some = await collect(rig.adapter.telemetry?.history?.(wanted, never) ?? []);
    expect(
      new Set(some.flatMap((page) => page.items).flatMap(({ points }) => points.map(({ signal }) => signal))),
    ).toEqual(new Set(['power']));
  });

  it('goes on near the present after an outage, and reads what was missed beside', async () => {
    const telemetry = { pageSize: 50, sliceRows: 200 };
    const own = rig.connect({ settings: { deviceTypes: undefined, telemetry } });
    const poller = new Poller(own.adapter);
    const now = rig.simulator.clock.now();
    poller.checkpoints.set('telemetry', { cycle: now - 480_000, 'w.IndustryEnergyMeterReading': now - 480_000 });
    const position = rig.simulator.journal.position;
    await poller.round('telemetry');
    expect(rig.simulator.journal.count({ after: position, operation: 'OCTO-10' })).toBeLessThan(5);
    await poller.until(() => truthBy(rig.simulator, { from: now - 480_000 }));
    await eventually('the gap is off the record', async () => {
      await poller.round();
      return !('gap0.from' in (poller.checkpoints.get('telemetry') ?? {}));
    });
  });
});

describe('a stream whose rows come late', () => {
  it('is looked for as far back after an outage as it was behind before', async () => {
    const poller = new Poller(rig.connect().adapter);
    const now = rig.simulator.clock.now();
    const [device = ''] = devices;
    const ts = now - 15 * 60_000;
    await rig.simulator.actions.run('produce', { device, rows: [{ ts, values: { power: 4 } }] });
    const cycle = now - 30 * 60_000;
    poller.checkpoints.set('telemetry', { cycle, 'w.IndustryEnergyMeterReading': cycle - 20 * 60_000 });
    await poller.round('telemetry');
    expect(poller.points.get(`${device}|power|${ts}`)).toBe(4);
  });
});

describe('attributes', () => {
  it('OCTO-07 are read and OCTO-12 written, in the platform’s own scope', async () => {
    const [device = ''] = devices;
    const before = await rig.adapter.attributes?.read(device, never);
    expect(before).toContainEqual({ scope: 'server', name: 'status', value: expect.any(String) });
    await rig.adapter.attributes?.write?.(device, 'server', { status: 'Maintenance', phases: 1 }, never);
    const after = await rig.connect().adapter.attributes?.read(device, never);
    expect(after).toContainEqual({ scope: 'server', name: 'status', value: 'Maintenance' });
    expect(after?.find(({ name }) => name === 'serialNumber')).toEqual(
      before?.find(({ name }) => name === 'serialNumber'),
    );
  });

  it('names every attribute at fault before a call is spent', async () => {
    const [device = ''] = devices;
    const position = rig.simulator.journal.position;
    const patch = { status: 'Broken', phases: 1.5, nothing: 1 };
    const error = await failureOf(rig.adapter.attributes?.write?.(device, 'server', patch, never) ?? Promise.resolve());
    expect(error).toMatchObject({ code: 'invalid-request' });
    expect(String(error)).toMatch(/status must be one of Active.*phases.*nothing/);
    expect(rig.simulator.journal.count({ after: position, operation: 'OCTO-12' })).toBe(0);
    await expect(rig.adapter.attributes?.write?.(device, 'client', {}, never)).rejects.toMatchObject({
      code: 'invalid-request',
    });
    await expect(rig.adapter.attributes?.read('0'.repeat(24), never)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('the connection', () => {
  it('says what the platform says of itself, and works all the same', async () => {
    await rig.adapter.probe(never);
    expect(rig.adapter.limitations?.()).toEqual([]);
    await rig.simulator.actions.run('set-health', { healthy: false });
    await rig.adapter.probe(never);
    expect(rig.adapter.limitations?.()).toEqual([expect.stringContaining('health')]);
    await rig.simulator.actions.run('set-health', { healthy: true });
    await rig.adapter.probe(never);
    expect(rig.adapter.limitations?.()).toEqual([]);
  });

  it('OCTO-21 sends a file as it comes', async () => {
    async function* bytes() {
      for (let n = 0; n < 64; n++) yield Buffer.alloc(16_384, n);
    }
    const file = { name: 'Plan "B"\u00fc.pdf', mediaType: 'application/pdf', bytes: bytes() };
    const sent = await rig.adapter.files?.upload?.(file, never);
    expect(sent).toMatchObject({ nativeId: expect.any(String), mediaType: 'application/pdf', sizeBytes: 1_048_576 });
    const known = { ...file, bytes: bytes(), sizeBytes: 1_048_576 };
    expect(await rig.adapter.files?.upload?.(known, never)).toMatchObject({ sizeBytes: 1_048_576 });
  });

  it('OCTO-04 passes documents through, with what the vendor says is wrong with them', async () => {
    const execute = (query: string, variables = {}) =>
      rig.adapter.graphql?.execute({ query, operation: 'query', variables }, never);
    const one = 'query($n: Int) { runtime { rtIndustryEnergyEnergyMeter(first: $n) { items { name } } } }';
    const good = await execute(one, { n: 2 });
    expect(good).toMatchObject({ data: { runtime: { rtIndustryEnergyEnergyMeter: { items: [{}, {}] } } } });
    expect((await execute('{ runtime { nothing } }'))?.errors).toHaveLength(1);
    const missing = await execute('{ runtime { rtIndustryEnergyEnergyMeterById(rtId: "no") { rtId } } }');
    expect(missing).toMatchObject({ data: null, errors: [{ extensions: { code: 'ENTITY_NOT_FOUND' } }] });
  });
});

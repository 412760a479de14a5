import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, data, EXO_START, startStill } from '../../test/exosense-caller.ts';
import { dig, list } from '../../test/opticloud-caller.ts';
import { exosenseAssetId } from '../index.ts';
import type { ExosenseSimulator } from './server.ts';

let sim: ExosenseSimulator;
beforeEach(async () => {
  sim = await startStill({
    limits: { requests: 1_000 },
    producing: false,
    oddSignals: ['history-off', 'archived', 'empty'],
  });
});
afterEach(() => sim.stop());

const ids = async (args: string): Promise<unknown[]> =>
  ((await data(sim, `{ assets${args} { id } }`, 'assets')) as unknown[]).map((one) => dig(one, 'id'));
const all = () => sim.state.assets().map(({ id }) => id);

const POINT = 'timestamp value valueString receivedTime';
const points = async (asset: number, signal: string, limit = 10): Promise<unknown[]> => {
  const query = `{ asset(id: "${all()[asset]}") { signals { name data(options: {limit: ${limit}}) { ${POINT} } } } }`;
  const signals = (await data(sim, query, 'asset', 'signals')) as unknown[];
  return list(
    signals.find((one) => dig(one, 'name') === signal),
    'data',
  );
};
const produce = (signal: string, ...values: Array<[secondsAgo: number, value: unknown]>) =>
  sim.actions.run('produce', {
    device: 0,
    telemetry: values.map(([ago, value]) => ({ ts: EXO_START - ago * 1_000, values: { [signal]: value } })),
  });

describe('ExoSense assets', () => {
  it('EXO-06 pages in the order of making; both members may be absent; the end is a short page', async () => {
    expect(await ids('(pagination: {limit: 5})')).toEqual(all().slice(0, 5));
    expect(await ids('(pagination: {limit: 5, offset: 10})')).toEqual(all().slice(10));
    expect(await ids('(pagination: {offset: 11})')).toEqual(all().slice(11));
    expect(await ids('(pagination: {limit: 5, offset: 12})')).toEqual([]);
    expect(await ids('(pagination: {})')).toEqual(all());
    expect(await ids('(pagination: {limit: 0})')).toEqual([]);
  });

  it('EXO-06 answers a hundred without a limit, and refuses numbers that are out of range', async () => {
    for (let i = 0; i < 100; i++) await sim.actions.run('add-device', { name: `more ${i}` });
    expect(await ids('')).toHaveLength(100);
    expect(await ids('(pagination: {limit: 1000})')).toHaveLength(112);
    for (const pagination of ['{limit: 1001}', '{limit: -1}', '{limit: 1, offset: -1}']) {
      const { status, json } = await ask(sim, `{ assets(pagination: ${pagination}) { id } }`);
      expect([status, dig(json, 'data'), dig(json, 'errors', 0, 'locations')]).toEqual([
        400,
        undefined,
        [{ line: 1, column: 3 }],
      ]);
    }
  }, 60_000);

  it('EXO-06 shifts what follows when an asset goes in between', async () => {
    const before = all();
    await data(sim, `mutation { deleteAsset(id: "${before[0]}") { id } }`);
    expect(await ids('(pagination: {limit: 5, offset: 5})')).toEqual(before.slice(6, 11));
  });

  it('EXO-05 filters by text and by ids, and hides templates unless they are asked for', async () => {
    expect(await ids('(filters: {text: "asset 12"})')).toEqual(all().slice(11));
    expect(await ids(`(ids: ["${all()[3]}", "${all()[1]}", "unknown"])`)).toEqual([all()[1], all()[3]]);
    expect(await ids('(ids: null, filters: null, pagination: null)')).toEqual(all());
    expect(await ids('(includeTemplates: true)')).toHaveLength(13);
  });

  it('EXO-07 answers an unknown or malformed id with null and an error; ids are those of the seed', async () => {
    for (const id of ['2b9a4a5e-0000-4000-8000-000000000000', 'nonsense']) {
      const { status, json } = await ask(sim, `{ asset(id: "${id}") { name } }`);
      expect([status, dig(json, 'data'), dig(json, 'errors', 0, 'message'), dig(json, 'errors', 0, 'path')]).toEqual([
        200,
        { asset: null },
        'Asset not found',
        ['asset'],
      ]);
    }
    expect(all()[5]).toBe(exosenseAssetId(5));
  });

  it('EXO-21 tells of an asset and its signals what working programs ask for', async () => {
    const query = `{ assets(pagination: {limit: 1, offset: 1}) {
      id name description locked meta parent { id name } location { mode signal } template { id name } assetType { name }
      transformations { id } actions { id } rulez { id name category subscribes { id tag } data(options: {limit: 1}) { level } }
      signals { id name locked visualize record favorite tag root archived control min max baseline target sampleRate
        displayFormat deviceDiagnostic primitive_type
        type { id name primitive_type convertable units { id abbr } conversions { id multiplier } }
        units { id name abbr } precision { value channel signal } reportRate { value } timeout { value }
        channel { id display_name properties data(options: {limit: 1}) { value } } } } }`;
    const asset = await data(sim, query, 'assets', 0);
    expect(asset).toMatchObject({
      parent: { name: 'Customer A Child 2' },
      template: { name: 'Pump template' },
      assetType: { name: 'Pump' },
    });
    const signals = list(asset, 'signals');
    expect(signals).toHaveLength(11);
    expect(signals.slice(0, 8).map((one) => [dig(one, 'primitive_type'), dig(one, 'units', 'id') ?? null])).toEqual([
      ['NUMERIC', 'DEG_CELSIUS'],
      ['NUMERIC', 'BAR'],
      ['NUMERIC', 'KILOWATT_HOUR'],
      ['NUMERIC', 'REVS_PER_MIN'],
      ['BOOLEAN', null],
      ['STRING', null],
      ['JSON', 'LAT_LONG'],
      ['NUMERIC', 'PERCENT'],
    ]);
    expect(signals.filter((one) => dig(one, 'control') === true).map((one) => dig(one, 'name'))).toEqual([
      'Pump enabled',
      'Setpoint',
    ]);
    expect(dig(signals[7], 'channel', 'properties')).toMatchObject({
      control: true,
      control_properties: { range: { min: 0, max: 100 } },
      protocol_config: { report_rate: 10_000 },
    });
    expect(signals.slice(8).map((one) => [dig(one, 'record'), dig(one, 'archived')])).toEqual([
      [false, false],
      [true, true],
      [true, false],
    ]);
  });

  it('EXO-21 answers the newest points, newest first, each type in its own way', async () => {
    const at = '2026-03-01T11:59:59.000000Z';
    const cases: Array<[signal: string, value: unknown, number: number | null, text: string]> = [
      ['Temperature', 0.1, 0.1, '0.1'],
      ['Energy', -12, -12, '-12'],
      ['Pump enabled', true, 1, 'true'],
      ['Pump enabled', false, 0, 'false'],
      ['运行状态', 'a "b", 停', null, 'a "b", 停'],
      ['Position', { lat: 47.5, lng: 8 }, null, '{"lat":47.5,"lng":8}'],
    ];
    for (const [signal, value, number, text] of cases) {
      await produce(signal, [1, value]);
      expect(await points(0, signal, 1)).toEqual([
        { timestamp: at, value: number, valueString: text, receivedTime: '2026-03-01T12:00:00.000000Z' },
      ]);
    }
    await produce('Temperature', [3, 3], [5, 5], [4, 4]);
    expect((await points(0, 'Temperature', 4)).map((one) => dig(one, 'value'))).toEqual([0.1, 3, 4, 5]);
    for (const limit of [-1, 1_001]) {
      const query = `{ assets { signals { data(options: {limit: ${limit}}) { value } } } }`;
      expect((await ask(sim, query)).status).toBe(400);
    }
  });

  it('EXO-21 answers late, repeated and corrected points as the last write left them', async () => {
    await produce('Energy', [1, 1], [1, 1], [1, 2]);
    expect((await points(0, 'Energy', 1)).map((one) => dig(one, 'value'))).toEqual([2]);
    const [asset] = sim.state.assets();
    const signal = asset?.signals[2]?.id ?? '';
    const revisions = sim.truth.revisions(asset?.id ?? '', signal, EXO_START - 1_000);
    expect(revisions.map((one) => one.value)).toEqual([1, 2]);
    await sim.clock.advance(5_000);
    await produce('Energy', [600, 7]);
    const late = (await points(0, 'Energy', 100)).at(-1);
    expect(late).toMatchObject({
      timestamp: '2026-03-01T11:50:00.000000Z',
      value: 7,
      receivedTime: '2026-03-01T12:00:05.000000Z',
    });
  });

  it('EXO-21 keeps the last value alone without history, nothing new when archived, nothing when never measured', async () => {
    expect(await points(1, 'Odd: history-off')).toHaveLength(1);
    expect(await points(1, 'Odd: empty')).toEqual([]);
    const archived = await points(1, 'Odd: archived', 100);
    expect(archived.length).toBeGreaterThanOrEqual(5);
    await sim.actions.run('burst', { device: 1, count: 3 });
    expect(await points(1, 'Odd: archived', 100)).toEqual(archived);
    const [kept, ...others] = await points(1, 'Odd: history-off');
    expect([dig(kept, 'timestamp'), others]).toEqual(['2026-03-01T12:00:00.000000Z', []]);
    await sim.actions.run('archive-signal', { device: 1, signal: 'Energy' });
    await sim.actions.run('set-history', { device: 1, signal: 'Druck Zulauf', record: false });
    const before = await points(1, 'Energy', 100);
    await sim.actions.run('burst', { device: 1, count: 3 });
    expect(await points(1, 'Energy', 100)).toEqual(before);
    expect(await points(1, 'Druck Zulauf', 100)).toHaveLength(1);
  });

  it('EXO-21 takes ranges where an instance offers them', async () => {
    await sim.stop();
    sim = await startStill({ producing: false, schema: { rangeArguments: true } });
    await produce('Energy', [3, 3], [2, 2], [1, 1]);
    const options = '{limit: 10, start: "2026-03-01T11:59:57Z", end: "2026-03-01T11:59:59Z"}';
    const signals = await data(sim, `{ asset(id: "${all()[0]}") { signals { data(options: ${options}) { value } } } }`);
    expect(dig(signals, 'asset', 'signals', 2, 'data')).toEqual([{ value: 2 }, { value: 3 }]);
    expect((await ask(sim, '{ assets { signals { data(options: {start: "soon"}) { value } } } }')).status).toBe(400);
  });

  it('EXO-21 answers the ground truth of every asset, point by point', async () => {
    await sim.stop();
    const irregular = { late: 0.1, duplicate: 0.1, swapped: 0.1, corrected: 0.1 };
    sim = await startStill({ irregular, historyMs: 0, limits: { requests: 1_000 } });
    await sim.clock.advance(600_000);
    const query = `query($id: ID!) { asset(id: $id) { signals { id primitive_type data(options: {limit: 1000}) { ${POINT} } } } }`;
    for (const { id } of sim.state.assets()) {
      for (const signal of (await data(sim, { query, variables: { id } }, 'asset', 'signals')) as unknown[]) {
        const truth = [...sim.truth.points({ device: id, signal: String(dig(signal, 'id')) })];
        const answered = list(signal, 'data').toReversed();
        expect(answered.map((one) => Date.parse(String(dig(one, 'timestamp'))))).toEqual(truth.map((one) => one.ts));
        expect(answered.map((one) => typed(String(dig(signal, 'primitive_type')), one))).toEqual(
          truth.map((one) => one.value),
        );
        for (const one of answered) {
          expect(String(dig(one, 'receivedTime')) >= String(dig(one, 'timestamp'))).toBe(true);
        }
      }
    }
  }, 60_000);

  it('partial errors: an asset whose signals cannot be read is null there, and the others answer', async () => {
    await sim.actions.run('break-asset', { device: 2 });
    const { status, json } = await ask(sim, '{ assets { id signals { id } } }');
    expect(status).toBe(200);
    expect(dig(json, 'data', 'assets', 2)).toEqual({ id: all()[2], signals: null });
    expect(list(json, 'data', 'assets', 3, 'signals')).toHaveLength(8);
    expect(list(json, 'errors').map((one) => dig(one, 'path'))).toEqual([['assets', 2, 'signals']]);
    expect(dig(json, 'extensions', 'cost', 'time')).toBeGreaterThan(0);
    await sim.actions.run('break-asset', { device: 2, broken: false });
    expect(dig((await ask(sim, '{ assets { signals { id } } }')).json, 'errors')).toBeUndefined();
  });
});

function typed(primitiveType: string, point: unknown): unknown {
  const text = String(dig(point, 'valueString'));
  if (primitiveType === 'STRING') return text;
  return primitiveType === 'NUMERIC' ? dig(point, 'value') : (JSON.parse(text) as unknown);
}

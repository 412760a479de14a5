import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OctomeshCaller, START, startQuietOctomesh } from '../../test/octomesh-caller.ts';
import { dig, list } from '../../test/opticloud-caller.ts';
import type { OctomeshOptions } from './options.ts';
import type { OctomeshSimulator } from './server.ts';

let sim: OctomeshSimulator;
let service: OctomeshCaller;
const UNLIMITED = { queries: 1e9, mutations: 1e9, uploads: 1e9, windowMs: 1_000 };
const start = async (options: Partial<OctomeshOptions> = {}) => {
  sim = await startQuietOctomesh({ limits: UNLIMITED, ...options });
  service = await OctomeshCaller.logIn(sim);
};
beforeEach(() => start());
afterEach(() => sim.stop());

const READINGS = 'tsIndustryEnergyMeterReading';
type Row = { rtId: string; timestamp: string } & Record<string, number | null>;

async function readings(args: string, fields = 'rtId timestamp voltage current power energy') {
  const { json } = await service.query(
    `{streamData{${READINGS}${args}{items{${fields}} pageInfo{hasNextPage endCursor totalCount}}}}`,
  );
  if (dig(json, 'errors') !== undefined) throw new Error(JSON.stringify(json));
  return dig(json, 'data', 'streamData', READINGS);
}
const rowsOf = (connection: unknown) => list(connection, 'items') as Row[];
const total = (connection: unknown) => dig(connection, 'pageInfo', 'totalCount');

async function everyRow(args: string, size: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after: unknown = null, more = true; more; ) {
    const page = await readings(`(first:${size} after:${JSON.stringify(after)} ${args})`);
    rows.push(...rowsOf(page));
    more = dig(page, 'pageInfo', 'hasNextPage') === true;
    after = dig(page, 'pageInfo', 'endCursor');
  }
  return rows;
}

/** Meters of the tenant that is asked. */
const meters = () => sim.state.tenants.main.entitiesOf('Industry.Energy/EnergyMeter').map(({ rtId }) => rtId);
const iso = (offsetMs: number) => new Date(START + offsetMs).toISOString();
const plain = (rows: readonly Row[]) =>
  rows.flatMap(({ rtId, timestamp, ...values }) =>
    Object.entries(values)
      .filter(([, value]) => value !== null)
      .map(([signal, value]) => `${rtId} ${signal} ${Date.parse(timestamp)} ${value}`),
  );
const truth = (signals: readonly string[]) =>
  [...sim.truth.points()]
    .filter(({ device, signal }) => meters().includes(device) && signals.includes(signal))
    .map(({ device, signal, ts, value }) => `${device} ${signal} ${ts} ${value}`);
const SIGNALS = ['voltage', 'current', 'power', 'energy'];

describe('OctoMesh stream data', () => {
  it('OCTO-10 answers the documented example', async () => {
    const [id] = meters();
    const { status, json } = await service.query(
      `query GetMeterReadings($rtId: OctoObjectId!) { streamData { tsIndustryEnergyMeterReading(first: 1000 filter: {
        rtId: { eq: $rtId } timestamp: { gte: "2026-03-01T00:00:00Z" lte: "2026-03-31T23:59:59Z" } }
        orderBy: { timestamp: DESC }) { items { rtId timestamp voltage current power energy }
        pageInfo { hasNextPage endCursor } } } }`,
      { rtId: id },
    );
    expect(status).toBe(200);
    const rows = list(json, 'data', 'streamData', READINGS, 'items') as Row[];
    expect(rows).toHaveLength(10);
    expect(new Set(rows.map((row) => row.rtId))).toEqual(new Set([id]));
    expect(rows[0]).toMatchObject({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      voltage: expect.any(Number),
    });
    expect(rows.map((row) => row.timestamp)).toEqual([...rows.map((row) => row.timestamp)].sort().reverse());
  });

  it('orders by time, then by id, in both directions', async () => {
    const [a = '', b = ''] = meters();
    for (const device of [b, a]) await sim.actions.run('produce', { device, rows: [{ values: { voltage: 1 } }] });
    const last = rowsOf(await readings('(first:2 orderBy:{timestamp:DESC})')).map(({ rtId }) => rtId);
    expect(last).toEqual([a, b].sort());
    const ascending = await everyRow('', 37);
    expect(ascending.slice(-2).map(({ rtId }) => rtId)).toEqual([a, b].sort());
    expect(ascending).toHaveLength(252);
    const sorted = [...ascending].sort((x, y) =>
      x.timestamp === y.timestamp ? (x.rtId < y.rtId ? -1 : 1) : x.timestamp < y.timestamp ? -1 : 1,
    );
    expect(ascending).toEqual(sorted);
  });

  it('orders and filters by what was measured', async () => {
    const all = await everyRow('', 1000);
    const high = rowsOf(
      await readings(
        '(filter:{voltage:{gte:230} OR:[{power:{lt:5}} {power:{gt:15}}]} orderBy:{power:DESC voltage:ASC})',
      ),
    );
    const expected = all
      .filter(({ voltage, power }) => Number(voltage) >= 230 && (Number(power) < 5 || Number(power) > 15))
      .sort((x, y) => Number(y.power) - Number(x.power));
    expect(expected.length).toBeGreaterThan(10);
    expect(high.map(({ power }) => power)).toEqual(expected.map(({ power }) => power));
    const devices = meters().slice(0, 3).reverse();
    for (const device of devices) {
      await sim.actions.run('produce', { device, rows: [{ values: { power: 7_777 } }] });
      await sim.clock.advance(10);
    }
    const ties = rowsOf(await readings('(first:3 orderBy:{power:DESC})')).map(({ rtId }) => rtId);
    expect(ties).toEqual(devices.toSorted());
  });

  it('has inclusive and exclusive bounds, to the millisecond', async () => {
    const [device = ''] = meters();
    const rows = [100, 200, 300].map((ts) => ({ ts: START + ts, values: { power: ts } }));
    await sim.actions.run('produce', { device, rows });
    const found = async (bounds: string) =>
      rowsOf(await readings(`(filter:{timestamp:{${bounds}}})`)).map(({ power }) => power);
    expect(await found(`gte:"${iso(100)}" lte:"${iso(300)}"`)).toEqual([100, 200, 300]);
    expect(await found(`gt:"${iso(100)}" lt:"${iso(300)}"`)).toEqual([200]);
    expect(await found(`gt:"${iso(100)}" lte:"${iso(300)}"`)).toEqual([200, 300]);
    expect(await found(`eq:"${iso(200)}"`)).toEqual([200]);
    expect(await found(`in:["${iso(200)}" "${iso(300)}"]`)).toEqual([200, 300]);
    expect(await found(`gte:"2026-03-01T13:00:00.100+01:00" lt:"${iso(200)}"`)).toEqual([100]);
    expect(await found(`gte:"${iso(300)}" lt:"${iso(100)}"`)).toEqual([]);
    const { status, json } = await service.query(
      `{streamData{${READINGS}(filter:{timestamp:{gte:"soon"}}){items{rtId}}}}`,
    );
    expect([status, dig(json, 'errors', 0, 'extensions', 'code')]).toEqual([200, 'VALIDATION_ERROR']);
  });

  it('finds what a plain reading of every row finds, whatever mixture of bounds is asked', async () => {
    await sim.actions.run('burst', { device: 3, count: 40, stepMs: 7_000 });
    const all = await everyRow('', 1000);
    const [a = '', b = '', c = ''] = meters();
    const early = iso(-300_000);
    const late = iso(-100_000);
    const between = ({ timestamp }: Row) => timestamp >= early && timestamp < late;
    const cases: Array<[string, (row: Row) => boolean]> = [
      [
        `rtId:{in:["${a}","${b}"]} timestamp:{gte:"${early}" lt:"${late}"}`,
        (row) => [a, b].includes(row.rtId) && between(row),
      ],
      [
        `AND:[{rtId:{eq:"${c}"}} {timestamp:{gte:"${early}"}} {timestamp:{lt:"${late}"}}]`,
        (row) => row.rtId === c && between(row),
      ],
      [`rtId:{in:["${a}","${b}"]} AND:[{rtId:{in:["${b}","${c}"]}}]`, (row) => row.rtId === b],
      [`OR:[{rtId:{eq:"${a}"}} {timestamp:{lt:"${early}"}}]`, (row) => row.rtId === a || row.timestamp < early],
      [`rtId:{neq:"${a}"} timestamp:{neq:"${early}" gte:"${late}"}`, (row) => row.rtId !== a && row.timestamp >= late],
      [`rtId:{neq:"${a}"}`, (row) => row.rtId !== a],
      [`AND:[{rtId:{startsWith:"${a.slice(0, 5)}"}}]`, (row) => row.rtId === a],
      [`rtId:{in:[]}`, () => false],
    ];
    for (const [filter, holds] of cases) {
      for (const direction of ['ASC', 'DESC']) {
        const found = await everyRow(`filter:{${filter}} orderBy:{timestamp:${direction}}`, 61);
        const expected = all.filter(holds);
        expect(new Set(found.map((row) => JSON.stringify(row)))).toEqual(
          new Set(expected.map((row) => JSON.stringify(row))),
        );
        expect(found).toHaveLength(expected.length);
      }
    }
  });

  it('keeps growing while it runs, and answers what the ground truth holds', async () => {
    await sim.stop();
    await start({
      producing: true,
      cadenceMs: 10_000,
      historyMs: 120_000,
      irregular: { late: 0.05, duplicate: 0.05, swapped: 0.05, corrected: 0.05 },
    });
    expect(plain(await everyRow('', 1000)).sort()).toEqual(truth(SIGNALS).sort());
    const before = total(await readings('(first:1)'));
    await sim.clock.advance(300_000);
    expect(total(await readings('(first:1)'))).toBeGreaterThan(Number(before) + 25 * 25);
    expect(plain(await everyRow('', 1000)).sort()).toEqual(truth(SIGNALS).sort());
    const { points, writes, duplicates, corrections, outOfOrder } = sim.truth.counts();
    expect(points + duplicates + corrections).toBe(writes);
    expect([...sim.truth.points()]).toHaveLength(points);
    expect(Math.min(duplicates, corrections, outOfOrder)).toBeGreaterThan(5);
  });

  it('leaves some values out', async () => {
    const rows = await everyRow('', 1000);
    expect(rows.some(({ current }) => current === null)).toBe(true);
    expect(rows.every(({ voltage }) => voltage !== null)).toBe(true);
  });

  it('takes late rows, and rewrites rows: those it has computed and those that were written', async () => {
    const [device = ''] = meters();
    const [computed] = await everyRow(`filter:{rtId:{eq:"${device}"}}`, 1000);
    const old = Date.parse(computed?.timestamp ?? '');
    const count = total(await readings('(first:1)'));
    const rows = [
      { ts: START - 7_777, values: { power: 1 } },
      { ts: START - 7_777, values: { power: 2 } },
      { ts: old, values: { power: 3 } },
    ];
    await sim.actions.run('produce', { device, rows });
    const [first, ...rest] = await everyRow(`filter:{rtId:{eq:"${device}"}}`, 1000);
    expect(first).toEqual({ ...computed, power: 3 });
    expect(rest.find(({ timestamp }) => Date.parse(timestamp) === START - 7_777)).toMatchObject({
      power: 2,
      voltage: null,
    });
    expect(total(await readings('(first:1)'))).toBe(Number(count) + 1);
    expect(sim.truth.revisions(device, 'power', old).map(({ value }) => value)).toEqual([computed?.power, 3]);
    expect(sim.truth.counts()).toMatchObject({ corrections: 2, duplicates: 4 });
    expect(plain(await everyRow('', 1000)).sort()).toEqual(truth(SIGNALS).sort());
  });

  it('shows new rows late when it is told to', async () => {
    await sim.stop();
    await start({ visibleAfterMs: 1_000 });
    const [device = ''] = meters();
    await sim.actions.run('produce', { device, rows: [{ values: { power: 5 } }] });
    const seen = async () => total(await readings(`(filter:{timestamp:{gte:"${iso(0)}"}})`));
    expect(await seen()).toBe(0);
    await sim.clock.advance(1_000);
    expect(await seen()).toBe(1);
  });

  it('AMB-O-11 shows readings of a meter as one value a row', async () => {
    const [id = ''] = meters();
    const { json } = await service.query(
      `query GetMeterById($rtId: OctoObjectId!) { runtime { rtIndustryEnergyEnergyMeterById(rtId: $rtId) {
        rtId name serialNumber readings(first: 4) { items { timestamp value } pageInfo { hasNextPage } } } } }`,
      { rtId: id },
    );
    const rows = await everyRow(`filter:{rtId:{eq:"${id}"}}`, 1000);
    const shown = rows.slice(0, 4).map(({ timestamp, energy }) => ({ timestamp, value: energy }));
    expect(dig(json, 'data', 'runtime', 'rtIndustryEnergyEnergyMeterById', 'readings')).toEqual({
      items: shown,
      pageInfo: { hasNextPage: true },
    });
  });

  it('forgets what is older than its retention, in answers and in the truth alike', async () => {
    await sim.stop();
    await start({ producing: true, cadenceMs: 10_000, historyMs: 60_000, retentionMs: 120_000 });
    await sim.clock.advance(300_000);
    const rows = await everyRow('', 1000);
    expect(Math.min(...rows.map(({ timestamp }) => Date.parse(timestamp)))).toBeGreaterThanOrEqual(START + 150_000);
    expect(plain(rows).sort()).toEqual(truth(SIGNALS).sort());
    expect(sim.truth.counts().forgotten).toBeGreaterThan(1_000);
  });

  it('has a second type of meter where it is wanted, and values of every kind', async () => {
    await sim.stop();
    await start({ waterMeters: 2, signalsPerDevice: 12 });
    const water = await service.query(
      '{streamData{tsIndustryWaterFlowReading{items{rtId flow volume temperature} pageInfo{totalCount}}}}',
    );
    expect(dig(water.json, 'data', 'streamData', 'tsIndustryWaterFlowReading', 'pageInfo', 'totalCount')).toBe(20);
    const [row] = rowsOf(await readings('(first:1)', 'pulses tampered quality remark harmonics voltage2 current2'));
    expect(row).toMatchObject({
      pulses: expect.any(Number),
      tampered: expect.any(Boolean),
      quality: expect.stringMatching(/^(Good|Uncertain|Bad)$/),
      harmonics: expect.any(Array),
      voltage2: expect.any(Number),
    });
    const values = new Set([...sim.truth.points()].map(({ value }) => (Array.isArray(value) ? 'list' : typeof value)));
    expect(values).toEqual(new Set(['number', 'boolean', 'string', 'list']));
  });
});

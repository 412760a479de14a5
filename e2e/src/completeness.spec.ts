import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startOpticloud } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { Stage } from './stage.ts';

describe('250 devices with 10 signals each', () => {
  let stage: Stage;

  beforeAll(async () => {
    const simulator = await startOpticloud({
      port: 0,
      mqttPort: 0,
      controlPort: 0,
      devices: 250,
      otherDevices: 0,
      signalsPerDevice: 10,
      cadenceMs: 5_000,
      historyMs: 10_000,
      irregular: { late: 0.03, duplicate: 0.03, swapped: 0.03, corrected: 0.03 },
    });
    stage = await Stage.start({ simulator, settings: { schedules: { discover: '30s', telemetry: '3s' } } });
    await stage.connect();
  }, 120_000);

  afterAll(() => stage?.stop(), 60_000);

  it('every point is stored once; late and out-of-order ones too; nothing is invented', async () => {
    await eventually(
      'irregular data of each kind was produced',
      () => {
        const { duplicates, corrections, outOfOrder, points } = stage.simulator.truth.counts();
        return duplicates > 20 && corrections > 20 && outOfOrder > 20 && points > 15_000;
      },
      { timeoutMs: 120_000 },
    );
    const result = await stage.settled(120_000);
    await eventually(
      'corrections are stored',
      async () => (await stage.difference(Number.MAX_SAFE_INTEGER)).wrong.length === 0,
    );
    expect(result.invented).toEqual([]);
    expect(await stage.api.list('/v1/devices').all()).toHaveLength(250);
    expect(await stage.query('select 1 from parked_message')).toHaveLength(0);
  }, 300_000);

  it('a corrected value wins, and the earlier one stays readable', async () => {
    stage.simulator.production.resume();
    await eventually(
      'a value that was seen before its correction',
      async () => (await stage.query('select 1 from point_revision')).length > 0,
      { timeoutMs: 120_000 },
    );
    const [revised] = await stage.query<{
      native_id: string;
      signal: string;
      ts: Date;
      series_id: number;
      number: number | null;
    }>(
      `select d.native_id, s.signal, r.ts, r.series_id, r.number
       from point_revision r join series s on s.id = r.series_id join device d on d.id = s.device_id
       where r.number is not null limit 1`,
    );
    const revisions = stage.simulator.truth.revisions(
      revised?.native_id ?? '',
      revised?.signal ?? '',
      revised?.ts.getTime() ?? 0,
    );
    expect(revisions.length).toBeGreaterThan(1);
    const from = revised?.ts.toISOString() ?? '';
    const to = new Date((revised?.ts.getTime() ?? 0) + 1).toISOString();
    const items: unknown[] = [];
    for await (const { value } of stage.api.points(`ser_${revised?.series_id}`, { from, to })) items.push(value);
    expect(items).toEqual([revisions.at(-1)?.value]);
    expect(revisions.slice(0, -1).map((r) => r.value)).toContain(revised?.number);
  }, 180_000);
});

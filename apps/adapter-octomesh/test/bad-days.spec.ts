import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { isPlatformError } from '@tributary/contracts';
import { eventually } from '@tributary/testing';
import { collect, failureOf, missingOf, never, Poller, pointsBy, type Rig, startRig, truthBy } from './rig.ts';

jest.setTimeout(90_000);

const ENERGY = 'tsIndustryEnergyMeterReading';

let rig: Rig;

beforeEach(async () => {
  rig = await startRig(
    { devices: 8, waterMeters: 2, producing: false, historyMs: 1_200_000 },
    { settings: { deviceTypes: undefined, telemetry: { pageSize: 100, tail: '20m' } } },
  );
});
afterEach(() => rig.stop());

/** Runs the telemetry polls as a supervisor would: again from the last checkpoints, until all has come. */
async function persist(poller = new Poller(rig.adapter)) {
  const failures: string[] = [];
  await eventually(
    'everything has come',
    async () => {
      try {
        await poller.round();
      } catch (error) {
        if (!isPlatformError(error)) throw error;
        failures.push(error.code);
      }
      return missingOf(truthBy(rig.simulator), poller.points).length === 0;
    },
    { timeoutMs: 60_000, everyMs: 100 },
  );
  return failures;
}

describe('a poll on bad days', () => {
  it.each([
    [
      'a 429 with Retry-After',
      { kind: 'rate-limit' as const, retryAfterSeconds: 0 },
      { operation: 'OCTO-10', skip: 1, count: 1 },
    ],
    ['a 500, then fine', { kind: 'status' as const, status: 500 }, { operation: 'OCTO-10', skip: 1, count: 2 }],
    [
      'a connection cut in mid-answer',
      { kind: 'reset' as const, afterBytes: 50 },
      { operation: 'OCTO-10', skip: 1, count: 1 },
    ],
    ['an answer that is cut short', { kind: 'truncated' as const }, { operation: 'OCTO-10', skip: 1, count: 1 }],
  ])('loses nothing to %s', async (_name, fault, scope) => {
    rig.simulator.faults.add(fault, scope);
    await persist();
    expect(rig.simulator.faults.list()[0]?.hits).toBeGreaterThan(0);
  });

  it('loses nothing to tokens that expire in mid-page', async () => {
    const { journal, faults } = rig.simulator;
    await rig.adapter.probe(never);
    const { position } = journal;
    const poller = new Poller(rig.adapter);
    for await (const page of rig.adapter.polls?.telemetry?.run(undefined, never) ?? []) {
      pointsBy(page.items, poller.points);
      if (page.checkpoint) poller.checkpoints.set('telemetry', page.checkpoint);
      if (journal.count({ after: position, status: 401 }) === 0) faults.expireTokens();
    }
    expect(journal.count({ after: position, operation: 'OCTO-10', status: 401 })).toBeGreaterThan(0);
    expect(journal.count({ after: position, operation: 'OCTO-03' })).toBeLessThanOrEqual(2);
    await persist(poller);
  });

  it.each(['garbage', 'html', 'empty', 'null', 'array', 'deep', 'proto', 'huge-number'] as const)(
    'does not move past an answer that is %s',
    async (as) => {
      rig.simulator.faults.add({ kind: 'malformed', as }, { operation: 'OCTO-10', skip: 1, count: 1 });
      const poller = new Poller(rig.adapter);
      await failureOf(poller.round());
      // After a restart nothing but the checkpoints is left.
      const again = new Poller(rig.connect().adapter);
      for (const [name, checkpoint] of poller.checkpoints) again.checkpoints.set(name, checkpoint);
      for (const [key, value] of poller.points) again.points.set(key, value);
      await persist(again);
      expect(({} as Record<string, unknown>).admin).toBeUndefined();
    },
  );

  it('a cursor that leads nowhere is no endless loop', async () => {
    const changes = [{ pointer: '/data/streamData/a0/pageInfo/endCursor', value: 'YXJyYXljb25uZWN0aW9uOjk5' }];
    rig.simulator.faults.add({ kind: 'rewrite', changes }, { operation: 'OCTO-10', count: 2 });
    expect(await failureOf(new Poller(rig.adapter).round('telemetry'))).toMatchObject({ code: 'malformed-response' });
  });

  it('one stream that cannot be read harms no other, and is said', async () => {
    const failing = { field: ENERGY, code: 'CK_TYPE_NOT_FOUND', count: 1_000 };
    await rig.simulator.actions.run('fail-field', failing);
    const poller = new Poller(rig.adapter);
    await poller.round();
    const water = [...truthBy(rig.simulator)].filter(([key]) => key.includes('|volume|'));
    expect(water.length).toBeGreaterThan(50);
    expect(missingOf(new Map(water), poller.points)).toEqual([]);
    expect(rig.adapter.limitations?.()).toEqual([expect.stringContaining('Industry.Energy/MeterReading')]);
    // That the schema is doubted does not mean that it is read in every round.
    expect(rig.simulator.journal.count({ operation: 'OCTO-04' })).toBeLessThanOrEqual(2);
    await rig.simulator.actions.run('partial-answers', { enabled: true });
    const other = new Poller(rig.connect().adapter);
    const { position } = rig.simulator.journal;
    await other.round('telemetry');
    expect(missingOf(new Map(water.slice(-10)), other.points)).toEqual([]);
    // Where the platform answers what it can, nothing is asked twice.
    expect(rig.simulator.journal.count({ after: position, operation: 'OCTO-10', detail: `*${ENERGY}*` })).toBe(1);
  });

  it('UNAUTHORIZED in a good answer renews the token like a 401', async () => {
    await rig.adapter.probe(never);
    const body = { data: null, errors: [{ message: 'no', extensions: { code: 'UNAUTHORIZED' } }] };
    rig.simulator.faults.add({ kind: 'status', status: 200, body }, { operation: 'OCTO-10', count: 1 });
    const { position } = rig.simulator.journal;
    await new Poller(rig.adapter).round('telemetry');
    expect(rig.simulator.journal.count({ after: position, operation: 'OCTO-03' })).toBe(1);
  });

  it('tokens of ten seconds are renewed before their end, by one log-in each', async () => {
    const short = await startRig({ devices: 2, historyMs: 0, tokenLifeMs: 10_000, cadenceMs: 500 }, {});
    try {
      const poller = new Poller(short.adapter, ['telemetry', 'repair']);
      const began = performance.now();
      await eventually(
        'a token and a half',
        async () => {
          await poller.round();
          return performance.now() - began > 14_000;
        },
        { timeoutMs: 60_000, everyMs: 200 },
      );
      expect(short.simulator.journal.count({ status: 401 })).toBe(0);
      const logIns = short.simulator.journal.count({ operation: 'OCTO-03' });
      expect([2, 3]).toContain(logIns);
    } finally {
      await short.stop();
    }
  });

  it('discovery and the watch over entities go on with the next type', async () => {
    await rig.simulator.actions.run('fail-field', { field: 'rtIndustryCommonLocation', code: 'FORBIDDEN', count: 100 });
    const poller = new Poller(rig.adapter, ['entities']);
    await poller.round();
    const types = poller.observations.flatMap((one) => (one.type === 'entity' ? [one.entity.entityType] : []));
    expect(new Set(types)).toEqual(new Set(['Industry.Energy/EnergyMeter', 'Industry.Water/WaterMeter']));
    expect(rig.adapter.limitations?.()).toEqual([expect.stringContaining('Industry.Common/Location')]);
    expect(await collect(rig.adapter.devices?.discover(never) ?? [])).not.toEqual([]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, data, startStill } from '../../test/exosense-caller.ts';
import { dig } from '../../test/opticloud-caller.ts';
import { TOKENS } from './accounts.ts';
import type { ExosenseSimulator } from './server.ts';

let sim: ExosenseSimulator;
beforeEach(async () => {
  sim = await startStill({ limits: { requests: 1_000 }, producing: false, historyMs: 0 });
});
afterEach(() => sim.stop());

const idOf = (index: number) => sim.state.assets()[index]?.id ?? '';
const setState = (device: number, level: string, category?: string) =>
  sim.actions.run('set-rule-state', { device, level, value: 42, ...(category ? { category } : {}) });

describe('ExoSense states', () => {
  it('EXO-21 answers statuses in the order of the ids, unknown ones left out', async () => {
    await setState(3, 'warning');
    await sim.clock.advance(1_000);
    await setState(3, 'critical');
    const ids = [idOf(3), 'unknown', idOf(1)];
    const query =
      'query($ids: [ID]!) { assetStatuses(ids: $ids) { id lastHeard categories(options: {limit: 2}) { category values { timestamp level value valueString additionalFields } } } }';
    expect(await data(sim, { query, variables: { ids } }, 'assetStatuses')).toEqual([
      {
        id: idOf(3),
        lastHeard: null,
        categories: [
          {
            category: 'default',
            values: [
              {
                timestamp: '2026-03-01T12:00:01.000000Z',
                level: 'critical',
                value: 42,
                valueString: '42',
                additionalFields: {},
              },
              {
                timestamp: '2026-03-01T12:00:00.000000Z',
                level: 'warning',
                value: 42,
                valueString: '42',
                additionalFields: {},
              },
            ],
          },
        ],
      },
      { id: idOf(1), lastHeard: null, categories: [] },
    ]);
  });

  it('EXO-21 logs each change once, newest first, filtered and paged', async () => {
    await setState(0, 'warning');
    await setState(0, 'warning');
    await setState(1, 'error');
    await setState(0, 'normal');
    const logs = async (args: string) =>
      (await data(
        sim,
        `{ logs${args} { id level category asset { id name } user { id } template_parameters } }`,
        'logs',
      )) as unknown[];
    const levels = async (args = '') => (await logs(args)).map((one) => dig(one, 'level'));
    expect(await levels()).toEqual(['normal', 'error', 'warning']);
    expect(await levels('(pagination: {limit: 1, offset: 1})')).toEqual(['error']);
    expect(await levels(`(filters: {asset_ids: ["${idOf(0)}"], levels: ["warning"]})`)).toEqual(['warning']);
    expect(await levels('(filters: {categories: ["timeout"]})')).toEqual([]);
    expect(new Set((await logs('')).map((one) => dig(one, 'id'))).size).toBe(3);
    // Asset 3 of the scenario lies outside Customer A.
    await setState(3, 'error');
    const theirs = await ask(sim, '{ logs { level } }', TOKENS.customerA);
    expect(dig(theirs.json, 'data', 'logs')).toHaveLength(3);
  });

  it("EXO-21 the scenario's rule follows the temperature", async () => {
    const measure = (celsius: number) =>
      sim.actions.run('produce', { device: 0, telemetry: { values: { Temperature: celsius } } });
    for (const celsius of [20, 28.5, 28.9, 35, 20]) {
      await measure(celsius);
      await sim.clock.advance(1_000);
    }
    const levels = (await data(sim, '{ logs { level } }', 'logs')) as unknown[];
    expect(levels.map((one) => dig(one, 'level'))).toEqual(['normal', 'critical', 'warning']);
  });

  it('EXO-21 says of a device that has been silent for a minute that it is, and takes it back', async () => {
    await sim.stop();
    sim = await startStill({ limits: { requests: 1_000 }, historyMs: 0 });
    await sim.clock.advance(20_000);
    await sim.actions.run('set-online', { device: 2, online: false });
    await sim.clock.advance(80_000);
    const query =
      '{ conditionQuery(query: [{categories: ["timeout"]}]) { total results { asset { id } level category policy { id } } } }';
    expect(await data(sim, query, 'conditionQuery')).toEqual({
      total: 1,
      results: [{ asset: { id: idOf(2) }, level: 'warning', category: 'timeout', policy: null }],
    });
    await sim.actions.run('set-online', { device: 2, online: true });
    expect(dig(await data(sim, query), 'conditionQuery', 'total')).toBe(0);
  });

  it('EXO-21 lists what is not normal, in the order that is asked for', async () => {
    for (const [device, level] of [
      [0, 'warning'],
      [1, 'critical'],
      [2, 'normal'],
      [3, 'info'],
    ] as const) {
      await setState(device, level);
      await sim.clock.advance(1_000);
    }
    const levels = async (args = '') => {
      const found = await data(sim, `{ conditionQuery${args} { total results { level } } }`, 'conditionQuery');
      return (dig(found, 'results') as unknown[]).map((one) => dig(one, 'level'));
    };
    expect(await levels()).toEqual(['info', 'critical', 'warning']);
    expect(await levels('(order: [{field: "timestamp"}])')).toEqual(['warning', 'critical', 'info']);
    expect(await levels('(query: [{levels: ["critical", "info"]}], pagination: {limit: 1})')).toEqual(['info']);
    expect((await ask(sim, '{ conditionQuery(order: [{field: "colour"}]) { total } }')).status).toBe(400);
  });
});

import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type Adapter, defineAdapter, type Observation } from '../contract.ts';
import { collect, connectAdapter, discover, failureOf, missingOf, pointsBy, run, truthBy, unkept } from './index.ts';

const points = (device: string, ...values: [signal: string, tsMs: number, value: number][]): Observation => ({
  type: 'points',
  device,
  origin: 'poll',
  points: values.map(([signal, tsMs, value]) => ({ signal, tsMs, value })),
});

const made = defineAdapter({
  manifest: {
    platform: 'acme',
    displayName: 'Acme',
    capabilities: [],
    schedules: { discover: '1h', follow: '1m' },
    budgets: { requests: { limit: 1, per: '1h', documented: true } },
  },
  settings: z.strictObject({ devices: z.array(z.string()).default(['d1']) }),
  credentials: z.strictObject({ key: z.string() }),
  connect: ({ settings }, kit): Adapter => ({
    probe: async () => undefined,
    devices: {
      async *discover() {
        yield {
          items: settings.devices.map((nativeId) => ({ nativeId, name: nativeId, spaces: [], properties: {} })),
        };
      },
    },
    polls: {
      telemetry: {
        schedule: 'telemetry',
        async *run() {
          yield { items: [points([...kit.devices()].join('+'), ['t', 1, 20], ['t', 2, 21])], checkpoint: { at: 2 } };
          yield { items: [points('d1', ['t', 2, 22])] };
        },
      },
    },
  }),
});

const connect = (settings: Record<string, unknown> = {}) =>
  connectAdapter(made, { settings: { schedules: { discover: '1s' }, ...settings }, credentials: { key: 'k' } });

describe('an adapter in a test', () => {
  it('is connected with its own settings, discovers, and gives what its polls give', async () => {
    const connected = connect({ devices: undefined, left: undefined });
    expect(await discover(connected)).toEqual(['d1']);
    const { observations, checkpoint } = await run(connected.adapter.polls?.telemetry);
    expect(checkpoint).toEqual({ at: 2 });
    expect([...pointsBy(observations)]).toEqual([
      ['d1|t|1', 20],
      ['d1|t|2', 22],
    ]);
    expect((await connected.access.budget()).budgets).toMatchObject([{ name: 'requests', limit: 100_000 }]);
    await connected.access.close();
  });

  it('refuses settings that are nobody’s', () => {
    expect(() => connect({ devises: [] })).toThrow(z.ZodError);
  });

  it('goes on from where it was when a run says nothing of it, and is no poll when there is none', async () => {
    expect(await run(undefined, { at: 1 })).toEqual({ observations: [], covers: [], checkpoint: { at: 1 } });
    expect(await collect([1, 2])).toEqual([1, 2]);
  });

  it('is compared with what is true', () => {
    const truth = {
      points: (filter?: { device: string }) =>
        [
          { device: 'd1', signal: 't', ts: 1, value: 20 },
          { device: 'd2', signal: 't', ts: 1, value: 30 },
        ].filter(({ device }) => filter === undefined || device === filter.device),
    };
    const found = pointsBy([points('d1', ['t', 1, 20]), points('d2', ['t', 1, 31])]);
    expect(missingOf(truthBy({ truth }), found)).toEqual(['d2|t|1']);
    expect(missingOf(truthBy({ truth }, { device: 'd1' }), found)).toEqual([]);
  });

  it('is held to what it said it has covered', () => {
    const expected = new Map(['d1|t|1', 'd1|t|5', 'd2|t|1'].map((key) => [key, 20]));
    const found = pointsBy([points('d1', ['t', 1, 20])]);
    expect(unkept([], expected, found)).toEqual([]);
    expect(unkept([{ fromMs: 1, toMs: 5 }], expected, found)).toEqual(['d2|t|1']);
    const except = { device: 'd2', fromMs: 0, toMs: 2, state: 'missing' as const };
    expect(unkept([except, { fromMs: 1, toMs: 6 }], expected, found)).toEqual(['d1|t|5']);
    expect(unkept([{ fromMs: 1, toMs: 5 }, except, { ...except, state: 'complete' }], expected, found)).toEqual([
      'd2|t|1',
    ]);
  });

  it('fails or does not', async () => {
    const failure = new Error('no');
    expect(await failureOf(Promise.reject(failure))).toBe(failure);
    expect(await failureOf(Promise.resolve(1))).toBeUndefined();
    expect(await failureOf(undefined)).toBeUndefined();
  });
});

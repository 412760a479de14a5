import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '@tributary/adapter-kit';
import { budgetReport } from '@tributary/contracts';
import { EXOSENSE_TOKENS } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { Redis } from 'ioredis';
import { manifest } from '../src/manifest.ts';
import { type Living, live } from './living.ts';
import { discover, never, pointsBy, type Rig, refused, startRig, truthBy } from './rig.ts';

const MINUTE = 60_000;

/** Points that were produced and not published, or with another value than the platform has now. */
function unlike({ simulator }: Rig, living: Living): string[] {
  const found = pointsBy(living.observations);
  return [...truthBy(simulator)]
    .filter(([key, value]) => JSON.stringify(found.get(key)) !== JSON.stringify(value))
    .map(([key]) => key);
}

const requestsOf = async ({ access }: Pick<Rig, 'access'>) =>
  (await access.budget()).budgets.find(({ name }) => name === 'requests');

describe('250 assets of eight signals that speak every ten seconds', () => {
  it(
    'are swept for ten minutes within the budget, with people reading in between',
    async () => {
      const rig = await startRig({ devices: 250, historyMs: 20_000, retentionMs: 0, journalCapacity: 10_000 });
      try {
        const { clock, production } = rig.simulator;
        const living = live(rig, rig);
        await rig.pass(20_000);
        const devices = rig.access.kit.devices();
        for (let second = 0; second < 600; second += 10) {
          await rig.pass(5_000);
          const began = clock.monotonicMs();
          const read =
            rig.adapter.attributes?.read(devices[second % devices.length] ?? '', never) ?? Promise.resolve([]);
          // Whoever waits gives up after twelve seconds.
          expect((await rig.through(read, 12_000)).length).toBeGreaterThan(3);
          await rig.pass(Math.max(0, 5_000 - (clock.monotonicMs() - began)));
        }
        const budget = await requestsOf(rig);
        production.pause();
        await rig.pass(40_000);
        await living.end();
        expect(living.failures).toEqual([]);
        expect(refused(rig.simulator)).toBe(0);
        expect(unlike(rig, living)).toEqual([]);
        expect(truthBy(rig.simulator).size).toBeGreaterThan(120_000);
        expect(Object.fromEntries(living.rounds)).toMatchObject({ discover: 1, attributes: 1 });
        expect(living.rounds.get('telemetry')).toBeGreaterThan(45);
        expect(living.rounds.get('logs')).toBeGreaterThan(10);
        // The platform's meter and ours agree: nobody else was seen.
        expect(budget).toMatchObject({ limit: 8, platformLimit: 10, platformReported: { limit: 10 } });
        expect(budget?.byLane.elsewhere).toBeUndefined();
      } finally {
        await rig.stop();
      }
    },
    5 * MINUTE,
  );
});

describe('another client of the same token', () => {
  it.each([
    { limitStatus: 200, limitRetryAfter: false },
    { limitStatus: 429, limitRetryAfter: false },
    { limitStatus: 429, limitRetryAfter: true },
  ] as const)(
    'spends the budget, and nothing is lost: %j',
    async (answers) => {
      const rig = await startRig({ devices: 60, historyMs: 30_000, retentionMs: 0, answers });
      try {
        const { actions, production, journal, clock } = rig.simulator;
        const living = live(rig, rig, { telemetry: '5s' });
        await rig.pass(15_000);
        for (let time = 0; time < 3; time += 1) {
          await actions.run('spend-budget', { token: EXOSENSE_TOKENS.admin, requests: 10 });
          await rig.pass(20_000);
        }
        const limited = journal.entries({ detail: 'ExceededRateLimit*' });
        expect(limited.length).toBeGreaterThan(0);
        // Understood by its name: half the pace for a while, and no round fails for another reason.
        expect((await requestsOf(rig))?.reducedTo).toBeLessThanOrEqual(4);
        for (const { error } of living.failures) expect(error).toMatchObject({ code: 'rate-limited' });
        // Each time one refusal is enough: those under way together, and no hammering after it.
        expect(limited.length).toBeLessThanOrEqual(3 * 4);
        await rig.pass(30_000);
        const calm = clock.monotonicMs();
        production.pause();
        await rig.pass(30_000);
        await living.end();
        expect(journal.entries({ detail: 'ExceededRateLimit*' })).toHaveLength(limited.length);
        expect(clock.monotonicMs()).toBeGreaterThan(calm);
        expect(unlike(rig, living)).toEqual([]);
      } finally {
        await rig.stop();
      }
    },
    MINUTE,
  );

  it("is seen on the platform's meter, and leaves us what is left", async () => {
    const rig = await startRig({ devices: 3 });
    try {
      await rig.through(rig.adapter.probe(never));
      expect((await requestsOf(rig))?.byLane).toEqual({ interactive: 1 });
      await rig.simulator.actions.run('spend-budget', { token: EXOSENSE_TOKENS.admin, requests: 4, timeMs: 9_000 });
      await rig.through(rig.adapter.probe(never));
      expect(await requestsOf(rig)).toMatchObject({
        spent: 6,
        left: 2,
        byLane: { interactive: 2, elsewhere: 4 },
        platformReported: { spentInWindow: 6, limit: 10 },
      });
      // All of it is in the answer of the API.
      const report = await rig.access.budget();
      expect(budgetReport.parse(report)).toEqual(report);
      await rig.pass(11_000);
      await rig.through(rig.adapter.probe(never));
      expect((await requestsOf(rig))?.byLane).toEqual({ interactive: 1 });
    } finally {
      await rig.stop();
    }
  });

  it(
    'of all tokens together, where the instance has a limit of its own, is waited for as well',
    async () => {
      const rig = await startRig({ devices: 60, retentionMs: 0, limits: { instanceRequests: 4 } });
      try {
        const living = live(rig, rig);
        await rig.pass(120_000);
        rig.simulator.production.pause();
        await rig.pass(60_000);
        await living.end();
        expect(refused(rig.simulator)).toBeGreaterThan(0);
        expect(unlike(rig, living)).toEqual([]);
      } finally {
        await rig.stop();
      }
    },
    MINUTE,
  );
});

describe('too much at once', () => {
  const sweeps = async (rig: Rig, living: Living, count: number) => {
    const before = living.rounds.get('telemetry') ?? 0;
    for (let n = 0; n < 200 && (living.rounds.get('telemetry') ?? 0) < before + count; n += 1) await rig.pass(2_000);
  };

  it.each(['html', 'empty', 'named'] as const)(
    'a slow query is split, and stays split (%s)',
    async (timeout) => {
      const rig = await startRig({ devices: 50, historyMs: 60_000, retentionMs: 0, answers: { timeout } });
      try {
        const { actions, journal, production } = rig.simulator;
        const living = live(rig, rig);
        await sweeps(rig, living, 2);
        // Fifty assets take a second and a half by now; thirty times that is beyond ten seconds.
        await actions.run('slow-execution', { factor: 40 });
        const isCut = ({ detail, status }: { detail?: string; status: number }) =>
          status === 504 || /ExceededMaximumTime/.test(detail ?? '');
        await sweeps(rig, living, 4);
        const split = journal.entries({ operation: 'EXO-21' }).filter(isCut).length;
        expect(split).toBeGreaterThan(0);
        const position = journal.position;
        await sweeps(rig, living, 6);
        expect(journal.entries({ operation: 'EXO-21', after: position }).filter(isCut)).toEqual([]);
        production.pause();
        await sweeps(rig, living, 3);
        await living.end();
        expect(refused(rig.simulator)).toBe(0);
        expect(unlike(rig, living)).toEqual([]);
      } finally {
        await rig.stop();
      }
    },
    MINUTE,
  );

  it(
    'exceeds memory: fewer assets at once, and never again as many',
    async () => {
      const rig = await startRig({ devices: 50, historyMs: 60_000, retentionMs: 0, limits: { assetsWithData: 20 } });
      try {
        const living = live(rig, rig);
        await sweeps(rig, living, 12);
        const { journal, production } = rig.simulator;
        // Fifty assets, at most twenty at once: three requests, or four while sizes differ. One that fails costs two more.
        const before = {
          requests: journal.count({ operation: 'EXO-21' }),
          rounds: living.rounds.get('telemetry') ?? 0,
        };
        await sweeps(rig, living, 8);
        const rounds = (living.rounds.get('telemetry') ?? 0) - before.rounds;
        const requests = journal.count({ operation: 'EXO-21' }) - before.requests;
        expect(requests / rounds).toBeLessThanOrEqual(4);
        production.pause();
        await sweeps(rig, living, 2);
        await living.end();
        expect(unlike(rig, living)).toEqual([]);
      } finally {
        await rig.stop();
      }
    },
    MINUTE,
  );
});

describe('two replicas', () => {
  const redis = new Redis('redis://127.0.0.1:6379', { maxRetriesPerRequest: 1, lazyConnect: true });
  afterAll(() => redis.disconnect());

  /** Redis counts by its own clock, so this runs in real time, on shorter windows. */
  const WINDOW_MS = 3_000;
  const quick = Object.fromEntries(
    Object.entries(manifest.budgets).map(([name, spec]) => [name, { ...spec, per: `${WINDOW_MS}ms` }]),
  ) as Manifest['budgets'];

  it(
    'share one budget, also when one is killed in mid-window and another takes its place',
    async () => {
      const rig = await startRig({ devices: 3, clock: { speed: 1 }, limits: { windowMs: WINDOW_MS } });
      const namespace = `test-${randomUUID()}`;
      await redis.connect();
      try {
        const replica = () => rig.connect({ redis, namespace, budgets: quick });
        const hunger = new AbortController();
        const answered: number[] = [];
        /** Asks as fast as it is let. */
        const busy = async (connected: ReturnType<typeof replica>, own: AbortSignal, n: number) => {
          while (!hunger.signal.aborted && !own.aborted) {
            const page = {
              query: `query { assets(pagination: { limit: ${n + 1} }) { id } }`,
              operation: 'query' as const,
            };
            await connected.adapter.graphql
              ?.execute(page, AbortSignal.any([own, hunger.signal]))
              .catch(() => undefined);
            await connected.adapter.probe(AbortSignal.any([own, hunger.signal])).then(
              () => answered.push(performance.now()),
              () => undefined,
            );
          }
        };
        const [first, second] = [replica(), replica()];
        const killed = new AbortController();
        const work = [busy(first, never, 1), busy(first, never, 2), busy(second, killed.signal, 3)];
        await eventually('both are busy', () => answered.length > 6);
        // Killed: it gives nothing back and says nothing to anybody.
        killed.abort(new Error('killed'));
        work.push(busy(replica(), never, 4));
        const before = rig.simulator.journal.entries({ status: 200 }).length;
        await eventually(
          'three more windows',
          () => rig.simulator.journal.entries({ status: 200 }).length > before + 20,
        );
        hunger.abort(new Error('enough'));
        await Promise.all(work);
        expect(refused(rig.simulator)).toBe(0);
        const budget = await requestsOf(first);
        expect(budget?.spent).toBeGreaterThan(0);
        expect(budget?.spent).toBeLessThanOrEqual(8);
        expect(budget?.byLane.elsewhere).toBeUndefined();
      } finally {
        const keys = await redis.keys(`{${namespace}*`);
        if (keys.length > 0) await redis.del(...keys);
        await rig.stop();
      }
    },
    2 * MINUTE,
  );
});

describe('equal questions under way', () => {
  it('are asked once', async () => {
    const rig = await startRig({ devices: 3 });
    try {
      const [device] = await rig.through(discover(rig));
      const read = () => rig.adapter.entities?.get('asset', device?.nativeId ?? '', never) ?? Promise.resolve();
      const position = rig.simulator.journal.position;
      await rig.through(Promise.all([read(), read(), read()]));
      expect(rig.simulator.journal.entries({ operation: 'EXO-07', after: position })).toHaveLength(1);
    } finally {
      await rig.stop();
    }
  });
});

describe('callers of the pass-through', () => {
  it(
    'get their turn within a window while the sweep takes all it can get, and do not starve it',
    async () => {
      const rig = await startRig({ devices: 400, producing: false, historyMs: 30_000 });
      try {
        const living = live(rig, rig, { telemetry: '1s' });
        await rig.pass(30_000);
        const began = rig.simulator.clock.monotonicMs();
        const page = { query: 'query { assets(pagination: { limit: 1 }) { id } }', operation: 'query' as const };
        const answers = Array.from({ length: 4 }, () => rig.adapter.graphql?.execute(page, never));
        const first = await rig.through(Promise.race(answers), 12_000);
        expect(first).toMatchObject({ data: { assets: [{ id: expect.any(String) }] } });
        const rounds = living.rounds.get('telemetry') ?? 0;
        await rig.through(Promise.allSettled(answers), 60_000);
        await rig.pass(Math.max(0, 60_000 - (rig.simulator.clock.monotonicMs() - began)));
        // Eight requests a round, five in every ten and a half seconds.
        expect((living.rounds.get('telemetry') ?? 0) - rounds).toBeGreaterThanOrEqual(2);
        expect(living.rounds.get('statuses')).toBeGreaterThan(0);
        await living.end();
        expect(refused(rig.simulator)).toBe(0);
      } finally {
        await rig.stop();
      }
    },
    MINUTE,
  );
});

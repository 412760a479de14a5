import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import type { Adapter, Checkpoint } from '@tributary/adapter-kit';
import { isPlatformError } from '@tributary/contracts';
import type { OctomeshSimulator } from '@tributary/simulators';
import { collect, missingOf, never, type Rig, startRig } from './rig.ts';

jest.setTimeout(240_000);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const STEP_MS = 1_000;
const METER = 'Industry.Energy/EnergyMeter';
const PERIODS = { telemetry: 5_000, repair: 5 * MINUTE, backfill: 15_000, entities: 10 * MINUTE };

type Value = string | number | boolean | object;

/** What came, by device, signal and time, and how long after it was measured live points came. */
class Arrivals {
  readonly points = new Map<string, Value>();
  readonly checkpoints = new Map<string, Checkpoint>();
  backfilled = 0;
  worstLagMs = 0;

  constructor(
    private readonly simulator: OctomeshSimulator,
    /** Rows from then on are expected to be live. */
    private readonly liveFrom: number,
    private readonly keeps: (device: string) => boolean,
  ) {}

  async round(adapter: Adapter, name: string, signal: AbortSignal): Promise<void> {
    for await (const page of adapter.polls?.[name]?.run(this.checkpoints.get(name), signal) ?? []) {
      for (const item of page.items) if (item.type === 'points') this.#take(item, name);
      if (page.checkpoint) this.checkpoints.set(name, page.checkpoint);
    }
  }

  #take(
    {
      device,
      origin,
      points,
    }: { device: string; origin: string; points: { signal: string; tsMs?: number; value: Value }[] },
    poll: string,
  ) {
    for (const { signal, tsMs = 0, value } of points) {
      if (this.keeps(device)) this.points.set(`${device}|${signal}|${tsMs}`, value);
      if (origin === 'backfill') this.backfilled += 1;
      if (poll === 'telemetry' && tsMs > this.liveFrom) {
        this.worstLagMs = Math.max(this.worstLagMs, this.simulator.clock.now() - tsMs);
      }
    }
  }
}

/** All polls on their schedules for so much scenario time; the clock moves only here, however slow the machine is. */
async function work(
  rig: Rig,
  arrivals: Arrivals,
  forMs: number,
  done = () => false,
  eachMinute = () => {},
): Promise<void> {
  const { adapter, simulator } = rig;
  const stop = new AbortController();
  const repeat = async (name: string, periodMs: number) => {
    while (!stop.signal.aborted) {
      const began = simulator.clock.now();
      await arrivals.round(adapter, name, stop.signal).catch(passes);
      await simulator.clock
        .sleep(Math.max(1, periodMs - (simulator.clock.now() - began)), stop.signal)
        .catch(() => undefined);
    }
  };
  const loops = Object.entries(PERIODS).map(([name, period]) => repeat(name, period));
  const failed = Promise.all(loops).then(
    () => undefined,
    (error: unknown) => (stop.signal.aborted ? undefined : { error }),
  );
  let failure: { error: unknown } | undefined;
  void failed.then((outcome) => {
    failure = outcome;
  });
  for (let passed = 0; passed < forMs && !done(); passed += STEP_MS) {
    await step(rig);
    if (passed % MINUTE === MINUTE / 2) eachMinute();
    if (failure) throw failure.error;
  }
  stop.abort(new Error('the test has seen enough'));
  await failed;
}

/** A round that was refused for its number is begun again at its next turn. */
const passes = (error: unknown): void => {
  if (!isPlatformError(error) || error.code !== 'rate-limited') throw error;
};

/** Time goes on by a second; then whatever is on the wire is waited for, however slow the machine is. */
async function step({ simulator, underWay }: Rig): Promise<void> {
  await simulator.clock.advance(STEP_MS);
  for (let quiet = 0; quiet < 10; quiet = underWay() === 0 ? quiet + 1 : 0) await turn();
}

const tooMany = ({ simulator }: Rig) => simulator.journal.count({ status: 429 });

/** The most requests within any minute. */
const busiest = (times: readonly number[]): number =>
  Math.max(...times.map((at) => times.filter((other) => other >= at && other < at + MINUTE).length));

const queries = ({ simulator }: Rig): number[] =>
  simulator.journal.entries({ operation: ['OCTO-0*', 'OCTO-10'], path: '*/graphql' }).map(({ at }) => at);

const limits = { queries: 100, mutations: 50, uploads: 10, windowMs: MINUTE };

describe('within the vendor’s limits', () => {
  it('300 meters of 5 signals each minute stay current while 30 days are read beside, and no request is one too many', async () => {
    const rig = await startRig(
      { devices: 300, signalsPerDevice: 5, cadenceMs: MINUTE, historyMs: 30 * DAY, limits, clock: { speed: 0 } },
      { limited: true, settings: { telemetry: { firstLook: '30d' } } },
    );
    try {
      const startedAt = rig.simulator.clock.now();
      const [device = ''] = (await collect(rig.adapter.devices?.discover(never) ?? [])).flatMap((page) =>
        page.items.map(({ nativeId }) => nativeId),
      );
      const arrivals = new Arrivals(rig.simulator, startedAt, (id) => id === device);
      const asked: Promise<number>[] = [];
      const waited = async (question: Promise<unknown> | undefined) => {
        const began = rig.simulator.clock.now();
        await question;
        return rig.simulator.clock.now() - began;
      };
      const people = () => {
        const alive = { operation: 'query' as const, query: '{ __typename }' };
        asked.push(waited(rig.adapter.graphql?.execute(alive, never)));
        asked.push(waited(rig.adapter.entities?.query(METER, { sort: [], limit: 10 }, never)));
        asked.push(waited(rig.adapter.attributes?.write?.(device, 'server', { phases: 1 }, never)));
      };
      await work(rig, arrivals, 5 * MINUTE, () => false, people);
      // Whoever asks in between is answered at once, whatever is read beside.
      expect(asked).toHaveLength(15);
      expect(Math.max(...(await Promise.all(asked)))).toBeLessThanOrEqual(2 * STEP_MS);
      expect(tooMany(rig)).toBe(0);
      expect(busiest(queries(rig))).toBeLessThanOrEqual(80);
      expect(arrivals.worstLagMs).toBeLessThan(20_000);
      // A thousand rows of five signals a request, with what live data leaves: at least the 16 a minute of the plan.
      expect(arrivals.backfilled).toBeGreaterThan(5 * 16 * 1_000 * 4);
      const until = Number(Object.values(arrivals.checkpoints.get('backfill') ?? {})[0]);
      expect(until).toBeLessThan(startedAt - 60 * MINUTE);
      const expected = [...rig.simulator.truth.points({ device, from: until, to: rig.simulator.clock.now() - 30_000 })];
      const wanted = new Map(expected.map(({ signal, ts, value }) => [`${device}|${signal}|${ts}`, value]));
      expect(wanted.size).toBeGreaterThan(300);
      expect(missingOf(wanted, arrivals.points)).toEqual([]);
    } finally {
      await rig.stop();
    }
  });

  it('a backfill of 30 days comes to its end, and everything is there', async () => {
    const rig = await startRig(
      {
        devices: 40,
        waterMeters: 10,
        signalsPerDevice: 5,
        cadenceMs: 60 * MINUTE,
        historyMs: 30 * DAY,
        limits,
        clock: { speed: 0 },
      },
      { limited: true, settings: { deviceTypes: undefined, telemetry: { firstLook: '31d' } } },
    );
    try {
      const arrivals = new Arrivals(rig.simulator, rig.simulator.clock.now(), () => true);
      const isThrough = () => {
        const gaps = Object.keys(arrivals.checkpoints.get('telemetry') ?? { 'gap0.from': 0 });
        return !gaps.includes('gap0.from');
      };
      await work(rig, arrivals, 20 * MINUTE, isThrough);
      expect(isThrough()).toBe(true);
      expect(tooMany(rig)).toBe(0);
      const to = rig.simulator.clock.now() - 30_000;
      const expected = [...rig.simulator.truth.points({ to })];
      expect(expected.length).toBeGreaterThan(100_000);
      const wanted = new Map(expected.map(({ device, signal, ts, value }) => [`${device}|${signal}|${ts}`, value]));
      expect(missingOf(wanted, arrivals.points)).toEqual([]);
    } finally {
      await rig.stop();
    }
  });

  it('after a 429 without a word on how long nothing is asked for a minute, then at half the pace, and nothing is lost', async () => {
    const rig = await startRig(
      { devices: 20, cadenceMs: 10_000, historyMs: 0, limits, clock: { speed: 0 } },
      { limited: true, settings: { telemetry: { firstLook: '1m' } } },
    );
    try {
      await collect(rig.adapter.devices?.discover(never) ?? []);
      const arrivals = new Arrivals(rig.simulator, rig.simulator.clock.now(), () => true);
      await work(rig, arrivals, MINUTE);
      rig.simulator.faults.add({ kind: 'rate-limit' }, { operation: 'OCTO-10', count: 1 });
      await work(rig, arrivals, 4 * MINUTE);
      const [refused] = rig.simulator.journal.entries({ status: 429 });
      const later = queries(rig).filter((at) => at > (refused?.at ?? 0) + STEP_MS / 2);
      expect(Math.min(...later) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(MINUTE);
      expect(busiest(later)).toBeLessThanOrEqual(limits.queries / 2);
      expect(tooMany(rig)).toBe(1);
      rig.simulator.production.pause();
      await work(rig, arrivals, MINUTE);
      const wanted = new Map(
        [...rig.simulator.truth.points()].map(({ device, signal, ts, value }) => [`${device}|${signal}|${ts}`, value]),
      );
      expect(wanted.size).toBeGreaterThan(100);
      expect(missingOf(wanted, arrivals.points)).toEqual([]);
    } finally {
      await rig.stop();
    }
  });

  it('a burst of writes and readers waits its turn, class by class', async () => {
    const rig = await startRig({ devices: 3, historyMs: 0, limits, clock: { speed: 0 } }, { limited: true });
    try {
      const [device = ''] = (await collect(rig.adapter.devices?.discover(never) ?? [])).flatMap((page) =>
        page.items.map(({ nativeId }) => nativeId),
      );
      const outcomes = Promise.allSettled(
        Array.from({ length: 70 }, (_, n) => rig.adapter.attributes?.write?.(device, 'server', { phases: n }, never)),
      );
      for (let passed = 0; passed < 3 * MINUTE; passed += STEP_MS) {
        await step(rig);
      }
      expect((await outcomes).filter(({ status }) => status === 'rejected')).toEqual([]);
      expect(tooMany(rig)).toBe(0);
      const times = rig.simulator.journal.entries({ operation: 'OCTO-12' }).map(({ at }) => at);
      expect(times).toHaveLength(70);
      expect(busiest(times)).toBeLessThanOrEqual(40);
      // A limit is used as far as it goes.
      expect(busiest(times)).toBeGreaterThan(30);
    } finally {
      await rig.stop();
    }
  });
});

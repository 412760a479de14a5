import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import type { Adapter, Checkpoint } from '@tributary/adapter-kit';
import type { OctomeshSimulator } from '@tributary/simulators';
import { collect, failureOf, missingOf, never, type Rig, startRig } from './rig.ts';

jest.setTimeout(240_000);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const STEP_MS = 1_000;
const METER = 'Industry.Energy/EnergyMeter';
const none = Promise.reject(new Error('absent'));
none.catch(() => undefined);
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
  { adapter, simulator }: Rig,
  arrivals: Arrivals,
  forMs: number,
  done = () => false,
  eachMinute = () => {},
): Promise<void> {
  const stop = new AbortController();
  const repeat = async (name: string, periodMs: number) => {
    while (!stop.signal.aborted) {
      const began = simulator.clock.now();
      await arrivals.round(adapter, name, stop.signal);
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
    await simulator.clock.advance(STEP_MS);
    await delay(12);
    if (passed % MINUTE === MINUTE / 2) eachMinute();
    if (failure) throw failure.error;
  }
  stop.abort(new Error('the test has seen enough'));
  await failed;
}

const tooMany = ({ simulator }: Rig) => simulator.journal.count({ status: 429 });

/** The most requests of one class that the vendor saw within any minute. */
function busiestMinute({ simulator }: Rig): number {
  const times = simulator.journal.entries({ operation: ['OCTO-0*', 'OCTO-10'], path: '*/graphql' }).map(({ at }) => at);
  return Math.max(...times.map((at) => times.filter((other) => other >= at && other < at + MINUTE).length));
}

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
      const asked: Promise<unknown>[] = [];
      const people = () => {
        asked.push(
          failureOf(rig.adapter.graphql?.execute({ operation: 'query', query: '{ __typename }' }, never) ?? none),
        );
        asked.push(failureOf(rig.adapter.entities?.query(METER, { sort: [], limit: 10 }, never) ?? none));
        asked.push(failureOf(rig.adapter.attributes?.write?.(device, 'server', { phases: 1 }, never) ?? none));
      };
      await work(rig, arrivals, 5 * MINUTE, () => false, people);
      // Whoever asks in between is answered, whatever is read beside.
      expect(await Promise.all(asked)).toEqual(Array(15).fill(undefined));
      expect(tooMany(rig)).toBe(0);
      expect(busiestMinute(rig)).toBeLessThanOrEqual(80);
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
        await rig.simulator.clock.advance(STEP_MS);
        await delay(3);
      }
      const ended = await outcomes;
      expect(tooMany(rig)).toBe(0);
      // Nobody waits for ever: whoever would have to is told when to come back.
      const refused = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as { code: string }] : []));
      expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(refused.length > 0 ? ['rate-limited'] : []));
      expect(ended.length - refused.length).toBeLessThanOrEqual(40);
      expect(ended.length - refused.length).toBeGreaterThanOrEqual(15);
    } finally {
      await rig.stop();
    }
  });
});

import { deviceId } from '@tributary/contracts';
import type { CoverageInterval } from '@tributary/database';
import type { Simulator } from '@tributary/simulators';
import { eventually } from '@tributary/testing/harness';
import { compareWithTruth } from '../src/stored-points.ts';
import { type FetchedTwice, fetchedTwice } from './deep-reads.ts';
import { HurriedHouse } from './house.ts';
import { type HurriedPlatform, MINUTE_MS, startHurriedPlatforms } from './platforms.ts';

export interface HoursOptions {
  /** Simulated. */
  hours: number;
  seed: number;
  say(text: string): void;
}

/** What came of it for one platform. */
export interface HoursOf {
  platform: string;
  produced: number;
  /** Produced, not stored, and in a stretch that is said to be complete; or stored and never produced. */
  broken: string[];
  /** Produced, not stored, and in a stretch of which it is said that something is missing in it. */
  told: number;
  /** Stretches that are neither complete nor said to be what they are. */
  holes: (CoverageInterval & { device: string })[];
  /** Share of the simulated time, over all devices, that is complete; 0 to 1. */
  complete: number;
  kills: number;
  fetchedTwice: FetchedTwice[];
}

const HOUR_MS = 60 * MINUTE_MS;
const STEP_MS = 5 * MINUTE_MS;
const PATIENCE = { timeoutMs: 90_000, everyMs: 200 };
/** Of a step: that something is killed in it. */
const KILL = 0.4;
const LONGEST_AWAY = 6;
/** Answers by which a round of every device has begun since. */
const ROUNDS = 2;
const INTAKE = 'telemetry-ingest';
/** Characters of a service's log that stand in a failure. */
const LAST_WORDS = 3_000;
const SETTLED = new Set(['complete', 'partial', 'unrecoverable']);

/**
 * Hours of simulated time in minutes of ours, for all platforms at once: clocks go on by five minutes at a time while
 * processes are killed and come back, as the seed says. In the end everything that was produced must be stored or lie in
 * a stretch that is said not to be complete, and nothing may have been fetched twice without need.
 */
export async function runHours(options: HoursOptions): Promise<HoursOf[]> {
  const startMs = Date.now() - options.hours * HOUR_MS - 2 * STEP_MS;
  const platforms = await startHurriedPlatforms(startMs, options.seed);
  const house = new HurriedHouse(platforms);
  try {
    return await new Hours(options, { house, platforms, startMs }).run();
  } finally {
    await house.stop();
  }
}

class Hours {
  readonly #kills = new Map<string, number[]>();
  /** Services that are away, and for how many steps more. */
  readonly #away = new Map<string, number>();
  readonly #random: () => number;
  readonly options: HoursOptions;
  readonly house: HurriedHouse;
  readonly platforms: readonly HurriedPlatform[];
  readonly startMs: number;

  constructor(options: HoursOptions, stage: { house: HurriedHouse; platforms: HurriedPlatform[]; startMs: number }) {
    this.options = options;
    this.house = stage.house;
    this.platforms = stage.platforms;
    this.startMs = stage.startMs;
    this.#random = mulberry(options.seed);
  }

  async run(): Promise<HoursOf[]> {
    const { house, options } = this;
    await house.setClocks(this.startMs - Date.now());
    await house.begin();
    await house.setClocks(this.#offsetMs());
    await this.#listening();
    for (const { simulator } of this.platforms) simulator.journal.keepsServed = true;
    options.say(`${house.services.length} services are up`);
    await this.#goOn();
    await this.#stored(this.platforms);
    const fromMs = this.#nowMs();
    for (let step = 1; step <= (options.hours * HOUR_MS) / STEP_MS; step += 1) await this.#step(step);
    return this.#settle(fromMs);
  }

  #nowMs(): number {
    return Math.min(...this.platforms.map(({ simulator }) => simulator.clock.now()));
  }

  #offsetMs = (): number => this.#nowMs() - Date.now();

  async #listening(): Promise<void> {
    for (const platform of this.platforms.filter(({ listens }) => listens !== undefined)) {
      const { simulator } = platform;
      await eventually(`${simulator.platform} is listened to`, () => listening(platform) > 0, PATIENCE);
      simulator.production.resume();
    }
  }

  async #step(step: number): Promise<void> {
    for (const [name, left] of [...this.#away]) {
      this.#away.set(name, left - 1);
      if (left <= 1) await this.#back(name);
    }
    if (this.#random() < KILL) await this.#kill(step);
    const there = this.platforms.filter(({ simulator }) => !this.#away.has(`adapter-${simulator.platform}`));
    const asked = this.#positions();
    await this.#goOn();
    // Nobody sleeps through a step: what is asked for is asked for at this time.
    await Promise.all(there.map((platform) => this.#asked(platform, asked)));
    // The intake is needed for all of them.
    if (!this.#away.has(INTAKE)) await this.#stored(there);
  }

  #positions = () => new Map(this.platforms.map(({ simulator }) => [simulator.platform, simulator.journal.position]));

  async #asked({ simulator, telemetry }: HurriedPlatform, since: ReadonlyMap<string, number>): Promise<void> {
    if (telemetry === undefined) return;
    const filter = { operation: telemetry, status: 200, after: since.get(simulator.platform) };
    const answered = () => simulator.journal.count(filter) >= ROUNDS;
    await eventually(`${simulator.platform} is asked again`, answered, PATIENCE);
  }

  /** A minute at a time: what is produced is never further ahead of the services than that. */
  async #goOn(): Promise<void> {
    for (let passed = 0; passed < STEP_MS; passed += MINUTE_MS) {
      for (const platform of this.platforms) await platform.minute();
      await this.house.setClocks(this.#offsetMs());
    }
  }

  /** While what was produced last is on its way. */
  async #kill(step: number): Promise<void> {
    const { house, options } = this;
    const there = house.services.filter((name) => !this.#away.has(name));
    const name = there[Math.floor(this.#random() * there.length)];
    if (name === undefined) return;
    const steps = 1 + Math.floor(this.#random() * LONGEST_AWAY);
    await house.service(name).kill();
    this.#away.set(name, steps);
    this.#kills.set(name, [...(this.#kills.get(name) ?? []), this.#nowMs()]);
    options.say(`step ${step}: ${name} is killed and away for ${(steps * STEP_MS) / MINUTE_MS} minutes`);
  }

  /** Who only listens must do so before time goes on: what is sent to nobody is lost, and at a time of the platform's. */
  async #back(name: string): Promise<void> {
    this.#away.delete(name);
    const platform = this.platforms.find(({ simulator }) => name === `adapter-${simulator.platform}`);
    const listened = platform ? listening(platform) : 0;
    await this.house.start(name).ready(120_000);
    if (platform?.listens !== undefined) {
      await eventually(`${name} listens again`, () => listening(platform) > listened, PATIENCE);
    }
  }

  /** Everything that these have produced so far is stored, or said to be lost. */
  async #stored(platforms: readonly HurriedPlatform[]): Promise<void> {
    for (const platform of platforms) {
      const { simulator } = platform;
      const untilMs = this.#nowMs() - MINUTE_MS;
      const missing = async () => (await this.#compare(platform, untilMs)).broken;
      try {
        await eventually('it is stored', async () => (await missing()).length === 0, PATIENCE);
      } catch (error) {
        const some = await missing();
        const what = `${simulator.platform}: ${some.length} points are not as they should be, such as ${some.slice(0, 3).join('  ')}`;
        const last = this.house.service(`adapter-${simulator.platform}`).output.slice(-LAST_WORDS);
        throw new Error(`${what}\n${last}`, { cause: error });
      }
    }
  }

  async #settle(fromMs: number): Promise<HoursOf[]> {
    for (const name of [...this.#away.keys()]) await this.#back(name);
    for (const { simulator } of this.platforms) simulator.production.pause();
    // Claims trail what was read last: some more time without news, and they have reached it.
    const toMs = this.#nowMs();
    await this.#goOn();
    const results: HoursOf[] = [];
    for (const platform of this.platforms) results.push(await this.#result(platform, fromMs, toMs));
    return results;
  }

  async #result(platform: HurriedPlatform, fromMs: number, toMs: number): Promise<HoursOf> {
    await this.#stored([platform]);
    await eventually(
      'every stretch is said to be what it is',
      async () => (await this.#holes(platform, fromMs, toMs)).length === 0,
      {
        timeoutMs: 60_000,
      },
    ).catch(() => undefined);
    const { simulator, lookBackMs, newest = 0, isInventory = () => false } = platform;
    const { broken, told, produced } = await this.#compare(platform, toMs);
    const kills = this.#kills.get(`adapter-${simulator.platform}`) ?? [];
    const allKills = [...kills, ...(this.#kills.get(INTAKE) ?? [])];
    const asks = simulator.journal.entries().filter(({ detail = '' }) => !isInventory(detail));
    const answers = asks.flatMap(({ at, operation, served = [] }) =>
      served
        .filter(({ points }) => operation !== platform.telemetry || points > newest)
        .map((span) => ({ at, ...span })),
    );
    return {
      platform: simulator.platform,
      ...{ produced, broken, told },
      holes: await this.#holes(platform, fromMs, toMs),
      complete: shareOf(await this.#intervals(platform, fromMs, toMs)),
      kills: kills.length,
      fetchedTwice:
        lookBackMs === undefined
          ? []
          : fetchedTwice(answers, { lookBackMs: lookBackMs + 2 * STEP_MS, kills: allKills }),
    };
  }

  async #compare(
    platform: HurriedPlatform,
    untilMs: number,
  ): Promise<{ broken: string[]; told: number; produced: number }> {
    const { simulator } = platform;
    const connectionId = this.house.connections.get(simulator.platform) ?? '';
    const { missing, wrong, expected, ...also } = await compareWithTruth(
      this.house.databaseUrl,
      simulator,
      untilMs,
      connectionId,
    );
    const invented = platform.tellsWhatHolds ? strangersIn(also.invented, simulator) : also.invented;
    if (missing.length === 0) return { broken: brokenOf([], wrong, invented), told: 0, produced: expected };
    const intervals = await this.#intervals(platform, this.startMs, untilMs);
    const isTold = (key: string) => {
      const [device = '', , ts] = key.split('|');
      const at = intervals.get(device)?.find(({ fromMs, toMs }) => fromMs <= Number(ts) && Number(ts) < toMs);
      return at?.state === 'unrecoverable' || at?.state === 'partial';
    };
    const untold = missing.filter((key) => !isTold(key));
    return { broken: brokenOf(untold, wrong, invented), told: missing.length - untold.length, produced: expected };
  }

  /** By native id. */
  async #intervals(
    { simulator }: HurriedPlatform,
    fromMs: number,
    toMs: number,
  ): Promise<Map<string, CoverageInterval[]>> {
    const connectionId = this.house.connections.get(simulator.platform) ?? '';
    const devices = new Map(simulator.truth.devices().map((native) => [deviceId(connectionId, native), native]));
    const query = { connectionId, deviceIds: [...devices.keys()], fromMs, toMs };
    const found = await this.house.coverage.intervals(query);
    return new Map([...found].map(([id, intervals]) => [devices.get(id) ?? id, intervals]));
  }

  async #holes(platform: HurriedPlatform, fromMs: number, toMs: number): Promise<HoursOf['holes']> {
    return [...(await this.#intervals(platform, fromMs, toMs))].flatMap(([device, intervals]) =>
      intervals.filter(({ state }) => !SETTLED.has(state)).map((interval) => ({ ...interval, device })),
    );
  }
}

/** Stored at a time at which the device has said nothing at all; what it held before it said anything is nobody's. */
function strangersIn(invented: readonly string[], { truth }: Simulator): string[] {
  const points = [...truth.points()];
  const moments = new Set(points.map(({ device, ts }) => `${device}|${ts}`));
  const firstMs = points.reduce((ms, { ts }) => Math.min(ms, ts), Number.POSITIVE_INFINITY);
  return invented.filter((key) => {
    const [device, , ts] = key.split('|');
    return Number(ts) >= firstMs && !moments.has(`${device}|${ts}`);
  });
}

const brokenOf = (missing: readonly string[], wrong: readonly string[], invented: readonly string[]): string[] => [
  ...missing.map((key) => `missing ${key}`),
  ...wrong.map((text) => `wrong ${text}`),
  ...invented.map((key) => `never produced ${key}`),
];

const listening = ({ simulator, listens }: HurriedPlatform): number => simulator.journal.count({ operation: listens });

function shareOf(intervals: ReadonlyMap<string, CoverageInterval[]>): number {
  const all = [...intervals.values()].flat();
  const length = (list: readonly CoverageInterval[]) => list.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  return length(all.filter(({ state }) => state === 'complete')) / Math.max(1, length(all));
}

/** The same numbers for the same seed; 0 ≤ n < 1. */
function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

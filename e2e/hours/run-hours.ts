import { eventually } from '@tributary/testing/harness';
import { Account, completeShare, type HoleOf } from './account.ts';
import { type FetchedTwice, fetchedTwice } from './fetched-twice.ts';
import { HurriedHouse } from './house.ts';
import { type HurriedPlatform, MINUTE_MS, startHurriedPlatforms } from './platforms.ts';
import { Positions } from './positions.ts';

export interface HoursOptions {
  /** Simulated. */
  hours: number;
  seed: number;
  say(text: string): void;
}

/** What came of it for one platform. */
export interface HoursOf {
  platform: string;
  /** What may be read twice, in words. */
  rule: string;
  produced: number;
  /** Produced, not stored, and in a stretch that is said to be complete; or stored and never produced. */
  broken: string[];
  /** Produced, not stored, and in a stretch of which it is said that something is missing in it. */
  told: number;
  /** Stretches that are neither complete nor said to be what they are. */
  holes: HoleOf[];
  /** Share of the simulated time, over all devices, that is complete; 0 to 1. */
  complete: number;
  /** Of the adapter, and what became of the time in which nobody read. */
  kills: number;
  repaired: number;
  marked: number;
  /** Answers that handed over points to who asked for them. */
  answers: number;
  fetchedTwice: FetchedTwice[];
}

/** A service was killed then, and was back then. */
interface Absence {
  name: string;
  fromMs: number;
  toMs: number;
}

const HOUR_MS = 60 * MINUTE_MS;
const STEP_MS = 5 * MINUTE_MS;
const PATIENCE = { timeoutMs: 90_000, everyMs: 200 };
/** Of a step: that something is killed in it. */
const KILL = 0.4;
const LONGEST_AWAY = 6;
/** Of a kill of an adapter: that it is away for three times as long, which no look at the newest values makes good. */
const FAR_AWAY = 0.1;
/** Answers by which a round of every device has begun since. */
const ROUNDS = 2;
const INTAKE = 'telemetry-ingest';
/** Characters of a service's log that stand in a failure. */
const LAST_WORDS = 3_000;

/**
 * Hours of simulated time in minutes of ours, for all platforms at once: clocks go on by five minutes at a time while
 * processes are killed and come back, as the seed says. In the end everything that was produced must be stored or lie in
 * a stretch that is said not to be complete, and nothing may have been fetched twice without need.
 */
export async function runHours(options: HoursOptions): Promise<HoursOf[]> {
  // Never ahead of the time that the database says, which the house goes by.
  const startMs = Date.now() - options.hours * HOUR_MS - 4 * STEP_MS;
  const platforms = await startHurriedPlatforms(startMs, options.seed);
  const house = new HurriedHouse(platforms);
  const positions = new Positions(house, platforms);
  try {
    return await new Hours(options, { house, platforms, positions, startMs }).run();
  } finally {
    await positions.end();
    await house.stop();
  }
}

interface Stage {
  house: HurriedHouse;
  platforms: readonly HurriedPlatform[];
  positions: Positions;
  startMs: number;
}

class Hours {
  readonly #absences: Absence[] = [];
  /** Services that are away, and for how many steps more. */
  readonly #away = new Map<string, number>();
  readonly #random: () => number;
  readonly #account: Account;
  readonly #options: HoursOptions;
  readonly #stage: Stage;

  constructor(options: HoursOptions, stage: Stage) {
    this.#options = options;
    this.#stage = stage;
    this.#account = new Account(stage.house, stage.startMs);
    this.#random = mulberry(options.seed);
  }

  async run(): Promise<HoursOf[]> {
    const { house, platforms, positions, startMs } = this.#stage;
    const { hours, say } = this.#options;
    await house.setClocks(startMs - Date.now());
    await house.begin();
    await this.#setClocks();
    await this.#listening();
    for (const { simulator } of platforms) simulator.journal.keepsServed = true;
    positions.begin();
    say(`${house.services.length} services are up`);
    await this.#goOn();
    await this.#stored(platforms);
    const fromMs = this.#nowMs();
    for (let step = 1; step <= (hours * HOUR_MS) / STEP_MS; step += 1) await this.#step(step);
    return this.#settle(fromMs);
  }

  #nowMs(): number {
    return Math.min(...this.#stage.platforms.map(({ simulator }) => simulator.clock.now()));
  }

  /** One time for all: what moving a clock takes of our own time is another for each, and would add up. */
  async #setClocks(): Promise<void> {
    const clocks = this.#stage.platforms.map(({ simulator }) => simulator.clock);
    const offsetMs = Math.max(...clocks.map((clock) => clock.report().offsetMs));
    for (const clock of clocks) clock.setOffset(offsetMs);
    await this.#stage.house.setClocks(offsetMs);
  }

  async #listening(): Promise<void> {
    for (const platform of this.#stage.platforms.filter(({ listens }) => listens !== undefined)) {
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
    const there = this.#stage.platforms.filter(({ simulator }) => !this.#away.has(`adapter-${simulator.platform}`));
    const asked = this.#journals();
    await this.#goOn();
    // Nobody sleeps through a step: what is asked for is asked for at this time.
    await Promise.all(there.map((platform) => this.#asked(platform, asked)));
    // The intake is needed for all of them.
    if (!this.#away.has(INTAKE)) await this.#stored(there);
  }

  #journals = () =>
    new Map(this.#stage.platforms.map(({ simulator: { platform, journal } }) => [platform, journal.position]));

  async #asked({ simulator, telemetry }: HurriedPlatform, since: ReadonlyMap<string, number>): Promise<void> {
    if (telemetry === undefined) return;
    const filter = { operation: telemetry, status: 200, after: since.get(simulator.platform) };
    const answered = () => simulator.journal.count(filter) >= ROUNDS;
    await eventually(`${simulator.platform} is asked again`, answered, PATIENCE);
  }

  /** A minute at a time: what is produced is never further ahead of the services than that. */
  async #goOn(): Promise<void> {
    for (let passed = 0; passed < STEP_MS; passed += MINUTE_MS) {
      for (const platform of this.#stage.platforms) await platform.minute();
      await this.#setClocks();
    }
  }

  /** While what was produced last is on its way. */
  async #kill(step: number): Promise<void> {
    const { house } = this.#stage;
    const there = house.services.filter((name) => !this.#away.has(name));
    const name = there[Math.floor(this.#random() * there.length)];
    if (name === undefined) return;
    const far = this.#random() < FAR_AWAY && name !== INTAKE ? 2 * LONGEST_AWAY : 0;
    const steps = 1 + far + Math.floor(this.#random() * LONGEST_AWAY);
    await house.service(name).kill();
    this.#away.set(name, steps);
    this.#absences.push({ name, fromMs: this.#nowMs(), toMs: Number.POSITIVE_INFINITY });
    this.#options.say(`step ${step}: ${name} is killed and away for ${(steps * STEP_MS) / MINUTE_MS} minutes`);
  }

  /** Who only listens must do so before time goes on: what is sent to nobody is lost, and at a time of the platform's. */
  async #back(name: string): Promise<void> {
    this.#away.delete(name);
    const platform = this.#stage.platforms.find(({ simulator }) => name === `adapter-${simulator.platform}`);
    const listened = platform ? listening(platform) : 0;
    await this.#stage.house.start(name).ready(120_000);
    if (platform?.listens !== undefined) {
      await eventually(`${name} listens again`, () => listening(platform) > listened, PATIENCE);
    }
    const absence = this.#absences.findLast((one) => one.name === name);
    if (absence) absence.toMs = this.#nowMs();
  }

  /** Everything that these have produced so far is stored, or said to be lost. */
  async #stored(platforms: readonly HurriedPlatform[]): Promise<void> {
    for (const platform of platforms) {
      const { simulator } = platform;
      const untilMs = this.#nowMs() - MINUTE_MS;
      const missing = async () => (await this.#account.compare(platform, untilMs)).broken;
      try {
        await eventually('it is stored', async () => (await missing()).length === 0, PATIENCE);
      } catch (error) {
        const some = await missing();
        const what = `${simulator.platform}: ${some.length} points are not as they should be, such as ${some.slice(0, 3).join('  ')}`;
        const last = this.#stage.house.service(`adapter-${simulator.platform}`).output.slice(-LAST_WORDS);
        throw new Error(`${what}\n${last}`, { cause: error });
      }
    }
  }

  async #settle(fromMs: number): Promise<HoursOf[]> {
    for (const name of [...this.#away.keys()]) await this.#back(name);
    for (const { simulator } of this.#stage.platforms) simulator.production.pause();
    // Claims trail what was read last: some more time without news, and they have reached it.
    const toMs = this.#nowMs();
    await this.#goOn();
    const results: HoursOf[] = [];
    for (const platform of this.#stage.platforms) results.push(await this.#result(platform, fromMs, toMs));
    return results;
  }

  async #result(platform: HurriedPlatform, fromMs: number, toMs: number): Promise<HoursOf> {
    await this.#stored([platform]);
    const holes = () => this.#account.holes(platform, fromMs, toMs);
    const none = async () => (await holes()).length === 0;
    // What is left is the result.
    await eventually('every stretch is said to be what it is', none, { timeoutMs: 60_000 }).catch(() => undefined);
    const answers = answersOf(platform);
    const positions = this.#stage.positions.of(platform);
    const { dropped } = platform.simulator.journal;
    if (dropped > 0) throw new Error(`the journal of ${platform.simulator.platform} has forgotten ${dropped} entries`);
    return {
      platform: platform.simulator.platform,
      rule: platform.reads.says,
      ...(await this.#account.compare(platform, toMs)),
      holes: await holes(),
      complete: completeShare(await this.#account.intervals(platform, fromMs, toMs)),
      ...(await this.#fates(platform, fromMs, toMs)),
      answers: new Set(answers.map(({ seq }) => seq)).size,
      fetchedTwice: fetchedTwice(answers, { positions, again: platform.reads.again }),
    };
  }

  async #fates(platform: HurriedPlatform, fromMs: number, toMs: number) {
    const own = this.#absences.filter(({ name }) => name === `adapter-${platform.simulator.platform}`);
    const fates = await Promise.all(
      own.map((one) => this.#account.fate(platform, Math.max(one.fromMs, fromMs), Math.min(one.toMs, toMs))),
    );
    const count = (fate: string) => fates.filter((one) => one === fate).length;
    return { kills: own.length, repaired: count('repaired'), marked: count('marked') };
  }
}

/** What was handed over to who asked for points, not for devices. Of a report or of aggregates the whole range counts. */
const answersOf = ({ simulator, telemetry, isInventory = () => false }: HurriedPlatform) =>
  simulator.journal
    .entries()
    .filter(({ detail = '' }) => !isInventory(detail))
    .flatMap(({ seq, at, operation, served = [] }) =>
      served.map((span) => ({
        seq,
        at,
        ...span,
        points: operation === telemetry ? span.points : Number.POSITIVE_INFINITY,
      })),
    );

const listening = ({ simulator, listens }: HurriedPlatform): number => simulator.journal.count({ operation: listens });

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

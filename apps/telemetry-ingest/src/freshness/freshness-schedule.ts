import { type Link, links } from '@tributary/contracts';
import { classifyDatabaseError, type FreshnessWatch, type SilenceBook } from '@tributary/database';
import type { Clock, Gauge, Logger, Metrics } from '@tributary/runtime';
import type { HouseLinks } from './house-links.ts';
import type { SilenceWatch } from './silence-watch.ts';
import type { UnstoredSilences } from './unstored-silences.ts';

export interface FreshnessScheduleParts {
  watch: Pick<SilenceWatch, 'round' | 'leave'>;
  counts: FreshnessWatch['counts'];
  book: Pick<SilenceBook, 'dropBefore'>;
  unstored: UnstoredSilences;
  house: HouseLinks;
  everyMs: number;
  keepMs: number;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

const HOUR_MS = 3_600_000;
const ANSWER_WITHIN_MS = 5_000;
/** Devices that are due one soon after the other are looked at together. */
const LEAST_REST_MS = 250;

/** Goes round every few seconds, and when a device is due; while the database is away it goes by what it knew. */
export class FreshnessSchedule {
  readonly #parts: FreshnessScheduleParts;
  readonly #life = new AbortController();
  readonly #stale: Gauge<'link'>;
  #running: Promise<void> = Promise.resolve();
  /** This process had the watch when the database was last there. */
  #mine = false;
  #droppedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: FreshnessScheduleParts) {
    this.#parts = parts;
    this.#stale = parts.metrics.gauge('stale_devices', {
      help: 'Devices of which nothing comes, by the first broken link. Every replica shows the same.',
      labels: ['link'],
    });
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#life.abort(new Error('stopping'));
    await this.#running;
    await this.#parts.watch.leave();
  }

  async #run(): Promise<void> {
    const { clock, everyMs } = this.#parts;
    const { signal } = this.#life;
    while (!signal.aborted) {
      const restMs = Math.max(Math.min(LEAST_REST_MS, everyMs), await this.#round());
      await clock.sleep(restMs, signal).catch(() => undefined);
    }
  }

  /** How long to rest until the next. */
  async #round(): Promise<number> {
    const { watch, counts, unstored, house, everyMs, log } = this.#parts;
    try {
      const found = await this.#inTime(counts());
      house.returned('database');
      await unstored.write();
      this.#show(found);
      const watched = await watch.round();
      this.#mine = watched !== undefined;
      if (!watched) unstored.forget();
      await this.#drop();
      return watched?.restMs ?? everyMs;
    } catch (error) {
      const away = classifyDatabaseError(error) === 'environment';
      log[away ? 'debug' : 'error']({ err: error }, 'the watch could not go its round');
      if (!away) return everyMs;
      house.lost('database', 'the database does not answer, and nothing can be stored');
      await this.#withoutDatabase();
      return LEAST_REST_MS;
    }
  }

  /** One that swallows every word does not say that it is away. */
  #inTime<T>(answer: Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    const late = new Error('the database has not answered in time');
    const cancel = this.#parts.clock.after(ANSWER_WITHIN_MS, () => reject(Object.assign(late, { code: 'ETIMEDOUT' })));
    return Promise.race([answer, promise]).finally(cancel);
  }

  async #withoutDatabase(): Promise<void> {
    const { house, unstored, clock } = this.#parts;
    const nowMs = clock.now();
    const away = house.databaseAway(nowMs);
    if (!away || !this.#mine) return;
    await unstored.tell(away, nowMs);
    this.#stale.set({ link: 'database' }, unstored.count);
  }

  async #drop(): Promise<void> {
    const { book, clock, keepMs } = this.#parts;
    if (!this.#mine || clock.monotonicMs() - this.#droppedMs < HOUR_MS) return;
    await book.dropBefore(clock.now() - keepMs);
    this.#droppedMs = clock.monotonicMs();
  }

  #show(found: ReadonlyMap<Link, number>): void {
    for (const link of links) this.#stale.set({ link }, found.get(link) ?? 0);
  }
}

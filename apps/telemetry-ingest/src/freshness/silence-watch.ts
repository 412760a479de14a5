import type { SilenceCause } from '@tributary/contracts';
import {
  type Cadence,
  type DueDevice,
  type FreshnessWatch,
  firstBrokenLink,
  type HeldWatch,
  judge,
  type LearnedCadence,
  type LinkFact,
  type Looked,
  type SilenceBook,
  staleAfterMs,
  type Verdict,
} from '@tributary/database';
import type { Clock, Logger } from '@tributary/runtime';
import type { HouseLinks } from './house-links.ts';
import type { KnownDevices } from './known-devices.ts';
import { LearningPace } from './learning-pace.ts';
import { MendedWays } from './mended-ways.ts';

export interface SilenceWatchParts {
  replica: string;
  watch: Pick<FreshnessWatch, 'hold' | 'release' | 'due' | 'untilDueMs' | 'learn' | 'parked'>;
  book: Pick<SilenceBook, 'write' | 'writeCadences'>;
  /** Broker and database, as this process sees them. */
  house: HouseLinks;
  /** Told of every device that is looked at, for a time in which the database cannot be asked. */
  known: Pick<KnownDevices, 'remember'>;
  everyMs: number;
  clock: Clock;
  log: Logger;
}

/** Devices of one look; there are as many looks as it takes. */
const LOOK_AT_ONCE = 500;
const MOST_LOOKS = 40;
/** A watch that is not kept for so many rounds is another's. */
const ROUNDS_TO_LIVE = 10;
const LEAST_TTL_MS = 10_000;
const SOON_MS = 250;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** An adapter that has neither brought anything nor said why, for so many times what is allowed. */
const MUTE_AFTER = 2;
/** A series that is so many times as slow as its device is no neighbour of the fastest. */
const SLOWER_SERIES = 1.5;
const MUTE: SilenceCause = {
  link: 'adapter',
  detail: 'the adapter has neither brought anything of this connection nor said why',
  evidence: [],
};

/**
 * Finds devices that have gone silent, says why, and finds those that have come back. A device is looked at when it would
 * be silent if nothing came until then, so that one which is well costs a look now and then.
 */
export class SilenceWatch {
  readonly #parts: SilenceWatchParts;
  readonly #pace: LearningPace;
  readonly #mended = new MendedWays();

  constructor(parts: SilenceWatchParts) {
    this.#parts = parts;
    this.#pace = new LearningPace(parts.everyMs);
  }

  /** How long until it is worth looking again; undefined while another replica watches. Rejects when the database is away. */
  async round(): Promise<{ restMs: number } | undefined> {
    const { watch, replica, everyMs } = this.#parts;
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const held = await watch.hold(replica, Math.max(LEAST_TTL_MS, everyMs * ROUNDS_TO_LIVE));
      if (!held) return undefined;
      const due = await watch.due(LOOK_AT_ONCE, Math.max(held.beganMs, this.#parts.house.wellSinceMs));
      if (due.length > 0) await this.#look(due, held);
      if (due.length < LOOK_AT_ONCE) break;
    }
    return { restMs: Math.min(everyMs, (await watch.untilDueMs()) ?? everyMs) };
  }

  async leave(): Promise<void> {
    const { watch, replica, log } = this.#parts;
    try {
      await watch.release(replica);
    } catch (error) {
      log.debug({ err: error }, 'the watch could not be given back; another replica takes it soon');
    }
  }

  async #look(due: readonly DueDevice[], { nowMs }: HeldWatch): Promise<void> {
    await this.#learn(due, nowMs);
    const judged = due.map((device) => ({ device, verdict: judge(device, nowMs) }));
    const silent = judged.filter(({ device, verdict }) => device.expected && verdict?.silent);
    const parked = await this.#parked(
      silent.map(({ device, verdict }) => ({ device, sinceMs: verdict?.sinceMs ?? nowMs })),
    );
    const looked = judged.map((one) => this.#conclude(one, nowMs, parked));
    const { silent: lost, recovered } = await this.#parts.book.write(looked, nowMs);
    this.#parts.known.remember(judged);
    if (lost > 0 || recovered > 0) this.#parts.log.info({ silent: lost, recovered }, 'devices have changed');
  }

  #conclude(
    { device, verdict }: { device: DueDevice; verdict: Verdict | undefined },
    nowMs: number,
    parked: ReadonlyMap<string, LinkFact>,
  ): Looked {
    const { everyMs } = this.#parts;
    if (!verdict) return { device, lookAtMs: nowMs + restMs(nowMs - device.firstSeenMs, everyMs, HOUR_MS) };
    // A silence of which nothing is expected any more is left as it is.
    if (!device.expected) return { device, verdict, lookAtMs: nowMs + Math.max(everyMs, MINUTE_MS) };
    if (!verdict.silent) {
      const { silentSinceMs } = device;
      // The watch may have begun anew, which is no reason to call back what is silent.
      const back = silentSinceMs !== undefined && verdict.sinceMs > silentSinceMs ? { untilMs: verdict.sinceMs } : {};
      return { device, verdict, lookAtMs: Math.max(verdict.dueMs, nowMs + 1), ...back };
    }
    const cause = this.#cause(device, verdict, nowMs, parked.get(device.deviceId));
    const again = nowMs + restMs(nowMs - verdict.dueMs, everyMs, MINUTE_MS);
    if (device.silentSinceMs !== undefined) {
      const said = cause && this.#mended.mayBeSaid(cause.link, { device, verdict, nowMs }) ? cause : undefined;
      return { device, verdict, lookAtMs: again, cause: said };
    }
    // Too early to say: there is neither evidence that a link is broken, nor that all are well.
    if (!cause) return { device, verdict, lookAtMs: nowMs + restMs(nowMs - verdict.dueMs, SOON_MS, everyMs) };
    return { device, verdict, lookAtMs: again, silent: { sinceMs: verdict.sinceMs, cause } };
  }

  #cause(
    device: DueDevice,
    { sinceMs, everyMs, staleAfterMs, dueMs }: Verdict,
    nowMs: number,
    parked: LinkFact | undefined,
  ) {
    const house = [...this.#parts.house.facts(nowMs), ...(parked ? [parked] : [])];
    const silence = { nativeId: device.nativeId, sinceMs, everyMs, nowMs };
    const known = firstBrokenLink(silence, { adapter: device.adapter, house });
    return known ?? (nowMs - dueMs > MUTE_AFTER * staleAfterMs ? MUTE : undefined);
  }

  async #parked(silent: readonly { device: DueDevice; sinceMs: number }[]): Promise<Map<string, LinkFact>> {
    if (silent.length === 0) return new Map();
    const sinceMs = Math.min(...silent.map((one) => one.sinceMs));
    return this.#parts.watch.parked([...new Set(silent.map(({ device }) => device.connectionId))], sinceMs);
  }

  /** Of series that have had points since it was last learned how often they come. */
  async #learn(due: readonly DueDevice[], nowMs: number): Promise<void> {
    const wanted = due.flatMap((device) =>
      device.series.filter((series) => this.#pace.isDue(series, device, nowMs)).map((series) => ({ series, device })),
    );
    if (wanted.length === 0) return;
    const learned = await this.#parts.watch.learn(
      wanted.map(({ series }) => series.id),
      nowMs,
    );
    await this.#parts.book.writeCadences(wanted.flatMap(({ series, device }) => keep(series, device, learned)));
  }
}

function keep(
  series: DueDevice['series'][number],
  device: DueDevice,
  learned: ReadonlyMap<number, Cadence>,
): LearnedCadence[] {
  const cadence = learned.get(series.id);
  if (!cadence) return [];
  series.cadence = cadence;
  const { settingMs, declaredMs, pollEveryMs } = device;
  const about = { seriesId: series.id, ...cadence };
  if (settingMs !== undefined) return [{ ...about, staleAfterMs: settingMs, source: 'setting' }];
  // What the platform says is of the fastest series; a slower one has its own habit.
  if (declaredMs === undefined || cadence.everyMs > SLOWER_SERIES * declaredMs)
    return [{ ...about, staleAfterMs: staleAfterMs(cadence, pollEveryMs), source: 'learned' }];
  const declared = { everyMs: declaredMs, slowMs: declaredMs };
  return [{ ...about, ...declared, staleAfterMs: staleAfterMs(declared, pollEveryMs), source: 'declared' }];
}

/** Looked at often at first, and then ever more rarely. */
const restMs = (ageMs: number, leastMs: number, mostMs: number): number =>
  Math.min(mostMs, Math.max(leastMs, Math.floor(ageMs / 4)));

import type { DueDevice } from '@tributary/database';

type Series = DueDevice['series'][number];

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Of series that were tried in vain; forgotten all at once when there are more. */
const MOST_TRIED = 200_000;
/** A habit is learned anew after so many intervals; reading a series costs as much as storing several points. */
const INTERVALS = 120;
/** What was learned from fewer is a first guess. */
const ENOUGH_SAMPLES = 30;

/** How often it is looked how often something comes: reading points costs more than looking at a device. */
export class LearningPace {
  readonly #leastMs: number;
  readonly #tried = new Map<number, number>();

  constructor(leastMs: number) {
    this.#leastMs = leastMs;
  }

  /** Notes that it is tried now. */
  isDue({ id, observedMs, cadence, learnedMs }: Series, { firstSeenMs }: DueDevice, nowMs: number): boolean {
    if (cadence && learnedMs !== undefined) {
      const restMs = Math.min(HOUR_MS, Math.max(MINUTE_MS, cadence.everyMs * INTERVALS));
      const soonMs = cadence.samples < ENOUGH_SAMPLES ? cadence.everyMs * cadence.samples : restMs;
      return observedMs > learnedMs && nowMs - learnedMs >= Math.max(this.#leastMs, Math.min(restMs, soonMs));
    }
    const triedMs = this.#tried.get(id);
    const restMs = Math.min(HOUR_MS, Math.max(this.#leastMs, (nowMs - firstSeenMs) / 8));
    if (triedMs !== undefined && (nowMs - triedMs < restMs || observedMs <= triedMs)) return false;
    if (this.#tried.size >= MOST_TRIED) this.#tried.clear();
    this.#tried.set(id, nowMs);
    return true;
  }
}

import type { Clock, Logger } from '@tributary/runtime';

/** The database's clock, milliseconds since 1970. */
export type AskDatabase = () => Promise<number>;

/** How often the database is asked. */
const EVERY_MS = 5_000;
/** A wall clock that is ahead by more is news. */
const NEWS_MS = 1_000;
/** How long an answer of the database bounds the time; of those in it the one that was answered fastest counts. */
const WINDOW_MS = 60_000;

interface Answer {
  /** The database's time less ours monotonic, when it was asked: the true difference is this or less. */
  mostMs: number;
  atMs: number;
}

/**
 * A wall clock that is never ahead of the database's, by which the house goes, and that does not go back in the middle of
 * a process. Whoever reads by a clock that is ahead believes to have read what is to come; whoever listens by one that
 * goes back hides what it missed. One that is behind from the start stays so: it reads less, and again.
 */
export class HouseClock implements Clock {
  readonly #system: Clock;
  #answers: Answer[] = [];
  /** Wall clock less monotonic clock, as far as it was ever ahead. */
  #offsetMs = Number.NEGATIVE_INFINITY;

  constructor(system: Clock) {
    this.#system = system;
  }

  now(): number {
    const monotonicMs = this.#system.monotonicMs();
    const most = Math.min(...this.#answers.map(({ mostMs }) => mostMs));
    this.#offsetMs = Math.min(most, Math.max(this.#offsetMs, this.#system.now() - monotonicMs));
    return Math.floor(monotonicMs + this.#offsetMs);
  }

  /** Asks what time it is; returns by how much the wall clock is ahead of that at least, milliseconds. */
  async compare(ask: AskDatabase): Promise<number> {
    const askedMs = this.#system.monotonicMs();
    const databaseMs = await ask();
    const answeredMs = this.#system.monotonicMs();
    const aheadMs = this.#system.now() - databaseMs - (answeredMs - askedMs);
    const answer = { mostMs: databaseMs - askedMs, atMs: answeredMs };
    // More has passed than we have counted: a machine that slept, a database whose clock was set.
    const passed = this.#answers.some(({ mostMs }) => databaseMs - answeredMs > mostMs);
    const known = passed ? [] : this.#answers.filter(({ atMs }) => answeredMs - atMs < WINDOW_MS);
    this.#answers = [...known, answer];
    return Math.max(0, aheadMs);
  }

  monotonicMs(): number {
    return this.#system.monotonicMs();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#system.sleep(ms, signal);
  }

  after(ms: number, fn: () => void): () => void {
    return this.#system.after(ms, fn);
  }

  every(ms: number, fn: () => void): () => void {
    return this.#system.every(ms, fn);
  }
}

export interface KeepTimeOptions {
  ask: AskDatabase;
  log: Logger;
  signal: AbortSignal;
}

/** Compares now and again until the signal aborts, and says when this machine's clock is ahead. */
export function keepTime(house: HouseClock, { ask, log, signal }: KeepTimeOptions): void {
  let ahead = false;
  let asking = false;
  const compare = async () => {
    try {
      const aheadMs = await house.compare(ask);
      if (aheadMs > NEWS_MS === ahead) return;
      ahead = !ahead;
      if (ahead)
        log.warn({ aheadMs: Math.round(aheadMs) }, 'the clock of this machine is ahead; the database says the time');
      else log.info('the clock of this machine is right again');
    } catch (error) {
      log.debug({ err: error }, 'the database could not be asked what time it is');
    } finally {
      asking = false;
    }
  };
  const again = () => {
    if (asking || signal.aborted) return;
    asking = true;
    void compare();
  };
  again();
  signal.addEventListener('abort', house.every(EVERY_MS, again), { once: true });
}

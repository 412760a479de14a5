import type { Clock } from '@tributary/runtime';

export interface ValveLimits {
  /** Parked messages in a minute above which intake stops. */
  perMinute: number;
  /** Share of the minute's messages, in percent, above which intake stops. */
  percent: number;
}

const WINDOW_S = 60;
/** Below this many parked messages a share says nothing: one bad message among ten is not our bug. */
const MIN_FOR_SHARE = 20;

interface Second {
  at: number;
  received: number;
  parked: number;
}

/**
 * When much of what arrives does not fit, the mistake is more likely ours than theirs: then intake stops instead of
 * parking it all. Once shut it stays shut until the process is started anew.
 */
export class ParkingValve {
  readonly #limits: ValveLimits;
  readonly #clock: Clock;
  readonly #onShut: (reason: string) => void;
  #seconds: Second[] = [];
  #shut = false;

  constructor(limits: ValveLimits, clock: Clock, onShut: (reason: string) => void) {
    this.#limits = limits;
    this.#clock = clock;
    this.#onShut = onShut;
  }

  get shut(): boolean {
    return this.#shut;
  }

  /** Parked in the last minute. */
  get parked(): number {
    return this.#sum('parked');
  }

  received(): void {
    this.#now().received += 1;
  }

  /** To be asked before a message is parked; false when it must be held instead. */
  admit(): boolean {
    if (this.#shut) return false;
    this.#now().parked += 1;
    const parked = this.#sum('parked');
    const received = this.#sum('received');
    if (parked > this.#limits.perMinute) this.#close(`more than ${this.#limits.perMinute} messages parked in a minute`);
    else if (parked >= MIN_FOR_SHARE && parked * 100 > received * this.#limits.percent) {
      this.#close(`more than ${this.#limits.percent} % of the messages of a minute parked`);
    }
    return !this.#shut;
  }

  #close(reason: string): void {
    this.#shut = true;
    this.#onShut(reason);
  }

  #now(): Second {
    const at = Math.floor(this.#clock.monotonicMs() / 1_000);
    const last = this.#seconds.at(-1);
    if (last?.at === at) return last;
    const second = { at, received: 0, parked: 0 };
    this.#seconds.push(second);
    return second;
  }

  #sum(what: 'received' | 'parked'): number {
    const from = Math.floor(this.#clock.monotonicMs() / 1_000) - WINDOW_S;
    if ((this.#seconds[0]?.at ?? from + 1) <= from) this.#seconds = this.#seconds.filter((s) => s.at > from);
    return this.#seconds.reduce((sum, second) => sum + second[what], 0);
  }
}

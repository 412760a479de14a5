import type { LinkFact } from '@tributary/database';
import type { Clock } from '@tributary/runtime';

/** `storage`: the database is there and takes nothing, because code and schema do not fit. */
type HouseLink = 'broker' | 'database' | 'storage';

interface Trouble {
  firstMs: number;
  lastMs: number;
  over: boolean;
  detail: string;
}

/** What this process sees of the links that are ours. Times are its own clock's. */
export class HouseLinks {
  readonly #clock: Clock;
  readonly #troubles = new Map<HouseLink, Trouble>();
  #wellSinceMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  lost(link: HouseLink, detail: string): void {
    const nowMs = this.#clock.now();
    const before = this.#troubles.get(link);
    const firstMs = before && !before.over ? before.firstMs : nowMs;
    this.#troubles.set(link, { firstMs, lastMs: nowMs, over: false, detail });
  }

  returned(link: HouseLink): void {
    const trouble = this.#troubles.get(link);
    if (!trouble || trouble.over) return;
    const nowMs = this.#clock.now();
    this.#troubles.set(link, { ...trouble, lastMs: nowMs, over: true });
    this.#wellSinceMs = nowMs;
  }

  isLost(link: HouseLink): boolean {
    return this.#troubles.get(link)?.over === false;
  }

  /** Since when both are there; until then devices had no way to be heard. What is away now does not move it. */
  get wellSinceMs(): number {
    return this.#wellSinceMs;
  }

  facts(nowMs: number): LinkFact[] {
    return [...this.#troubles].map(([link, { firstMs, lastMs, over, detail }]) => ({
      link: link === 'storage' ? 'database' : link,
      detail,
      firstMs,
      lastMs: over ? lastMs : nowMs,
      times: 1,
    }));
  }
}

import type { LinkFact } from '@tributary/database';
import type { Clock } from '@tributary/runtime';

/** `storage`: the database is there or seems to be, and takes nothing. */
type HouseLink = 'broker' | 'database' | 'storage';

interface Trouble {
  firstMs: number;
  lastMs: number;
  over: boolean;
  detail: string;
}

export interface DatabaseAway {
  fact: LinkFact;
  /** When it was last known to be well: nothing was stored by us after that. */
  wellMs: number;
}

/** A trouble that is over sooner has made nobody late. */
const BRIEF_MS = 1_000;

/** What this process sees of the links that are ours. Times are its own clock's. */
export class HouseLinks {
  readonly #clock: Clock;
  readonly #troubles = new Map<HouseLink, Trouble>();
  /** When the database last took something; milliseconds since 1970. */
  readonly #storedMs: () => number;
  #wellSinceMs = 0;
  #answeredMs = 0;

  constructor(clock: Clock, storedMs: () => number = () => 0) {
    this.#clock = clock;
    this.#storedMs = storedMs;
  }

  lost(link: HouseLink, detail: string): void {
    const nowMs = this.#clock.now();
    const before = this.#troubles.get(link);
    const firstMs = before && !before.over ? before.firstMs : nowMs;
    this.#troubles.set(link, { firstMs, lastMs: nowMs, over: false, detail });
  }

  returned(link: HouseLink): void {
    if (link === 'database') this.#answeredMs = this.#clock.now();
    const trouble = this.#troubles.get(link);
    if (!trouble || trouble.over) return;
    const nowMs = this.#clock.now();
    this.#troubles.set(link, { ...trouble, lastMs: nowMs, over: true });
    if (nowMs - trouble.firstMs >= BRIEF_MS) this.#wellSinceMs = nowMs;
  }

  /** While nothing can be stored. */
  databaseAway(nowMs: number): DatabaseAway | undefined {
    const database = this.#troubles.get('database');
    if (!database || database.over) return undefined;
    const { firstMs, detail } = database;
    const fact: LinkFact = { link: 'database', detail, firstMs, lastMs: nowMs, times: 1 };
    return { fact, wellMs: Math.min(firstMs, Math.max(this.#answeredMs, this.#storedMs()) || firstMs) };
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

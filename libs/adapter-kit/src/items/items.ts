import type { Logger } from '@tributary/runtime';
import type { z } from 'zod';
import { problemsOf } from '../http/parse-json.ts';

/** Of one kind of item, no more than this many refusals are logged a minute. */
const LOGGED_PER_MINUTE = 5;
const MINUTE_MS = 60_000;

export interface SetAside {
  what: string;
  /** Position in its list. */
  index: number;
  /** Paths and kinds of problem; never values. */
  problems: string;
}

/** Reads lists item by item, so that one bad item costs itself and not its page. */
export class ItemReader {
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #onSetAside: (item: SetAside) => void;
  readonly #logged = new Map<string, { sinceMs: number; count: number }>();
  #count = 0;

  constructor(options: { log: Logger; now: () => number; onSetAside?: (item: SetAside) => void }) {
    this.#log = options.log;
    this.#now = options.now;
    this.#onSetAside = options.onSetAside ?? (() => {});
  }

  /** Items set aside since the start. */
  get setAside(): number {
    return this.#count;
  }

  /** What fits, in order. `what` names the kind of item in logs and metrics: our word, not the vendor's data. */
  read<S extends z.ZodType>(schema: S, list: readonly unknown[], what: string): z.output<S>[] {
    const good: z.output<S>[] = [];
    for (const [index, item] of list.entries()) {
      const problems = this.#parse(schema, item, good);
      if (problems !== undefined) this.#refuse({ what, index, problems });
    }
    return good;
  }

  #parse<S extends z.ZodType>(schema: S, item: unknown, good: z.output<S>[]): string | undefined {
    try {
      const parsed = schema.safeParse(item);
      if (!parsed.success) return problemsOf(parsed.error);
      good.push(parsed.data);
      return undefined;
    } catch (error) {
      if (error instanceof RangeError) return 'nested too deeply';
      throw error;
    }
  }

  #refuse(item: SetAside): void {
    this.#count += 1;
    this.#onSetAside(item);
    const nowMs = this.#now();
    const logged = this.#logged.get(item.what);
    if (!logged || nowMs - logged.sinceMs >= MINUTE_MS) this.#logged.set(item.what, { sinceMs: nowMs, count: 1 });
    else if (++logged.count > LOGGED_PER_MINUTE) return;
    this.#log.warn(item, 'an item does not fit the platform’s documents and is set aside');
  }
}

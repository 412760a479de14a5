import type { ParkedProblem } from '@tributary/contracts';
import type { Logger } from '@tributary/runtime';
import type { z } from 'zod';
import { problemsOf } from '../http/parse-json.ts';

/** Of one kind of item, no more than this many refusals are logged a minute. */
const LOGGED_PER_MINUTE = 5;
const MINUTE_MS = 60_000;

/** The item itself, for whoever keeps it. */
export interface RawItem {
  item: unknown;
  /** What the adapter gave along, so that the item can be read by itself. */
  context?: Record<string, string> | undefined;
  faults: readonly ParkedProblem[];
}

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
  readonly #onSetAside: (item: SetAside, raw: RawItem) => void;
  readonly #logged = new Map<string, { sinceMs: number; count: number }>();
  #count = 0;

  constructor(options: { log: Logger; now: () => number; onSetAside?: (item: SetAside, raw: RawItem) => void }) {
    this.#log = options.log;
    this.#now = options.now;
    this.#onSetAside = options.onSetAside ?? (() => {});
  }

  /** Items set aside since the start. */
  get setAside(): number {
    return this.#count;
  }

  /** What fits, in order. `what` names the kind of item in logs and metrics: our word, not the vendor's data. */
  read<S extends z.ZodType>(
    schema: S,
    list: readonly unknown[],
    what: string,
    context?: Record<string, string>,
  ): z.output<S>[] {
    const good: z.output<S>[] = [];
    for (const [index, item] of list.entries()) {
      const refused = this.#parse(schema, item, good);
      if (!refused) continue;
      const { problems, faults } = refused;
      this.#refuse({ what, index, problems }, { item, context, faults });
    }
    return good;
  }

  #parse<S extends z.ZodType>(schema: S, item: unknown, good: z.output<S>[]): Refused | undefined {
    try {
      const parsed = schema.safeParse(item);
      if (!parsed.success) return { problems: problemsOf(parsed.error), faults: faultsOf(parsed.error) };
      good.push(parsed.data);
      return undefined;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const problem = 'nested too deeply';
      return { problems: problem, faults: [{ path: '', problem }] };
    }
  }

  #refuse(item: SetAside, raw: RawItem): void {
    this.#count += 1;
    this.#onSetAside(item, raw);
    const nowMs = this.#now();
    const logged = this.#logged.get(item.what);
    if (!logged || nowMs - logged.sinceMs >= MINUTE_MS) this.#logged.set(item.what, { sinceMs: nowMs, count: 1 });
    else if (++logged.count > LOGGED_PER_MINUTE) return;
    this.#log.warn(item, 'an item does not fit the platform’s documents and is set aside');
  }
}

interface Refused {
  problems: string;
  faults: ParkedProblem[];
}

const MAX_FAULTS = 20;

/** Pointers and kinds of problem; never values. */
const faultsOf = (error: z.ZodError): ParkedProblem[] =>
  error.issues.slice(0, MAX_FAULTS).map(({ path, code }) => ({
    path: path.map((part) => `/${String(part).slice(0, 40)}`).join(''),
    problem: code,
  }));

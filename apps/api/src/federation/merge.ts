import { compareSorted, type EntityRecord, type Scalar, type SortKey, sortValues } from '@tributary/contracts';
import { marksOf, type Place, type Position, passedIn } from './position.ts';
import { behind, type Found, type Reading, type SourcePage } from './reading.ts';

/** Pages of one source that are read for one page of ours: the one it stands in, and the one behind it. */
const MOST_READS = 2;

/** A source whose records do not come in the order that was asked for, as this API understands it. */
export class Unmergeable<S> extends Error {
  override readonly name = 'Unmergeable';

  constructor(readonly source: S) {
    super('a source sorts by rules of its own');
  }
}

/**
 * Several sources, each sorted, as one order. Every source is asked for as much as the whole page could take of it; what
 * is not taken is read again for the next page. Where a source has no more at hand and may have further ones, the page
 * ends there: nothing may come before what it has next.
 */
export class Merge<S> {
  readonly #reading: Reading<S>;
  readonly #sources: Sorted<S>[];

  constructor(reading: Reading<S>) {
    this.#reading = reading;
    this.#sources = reading.sources.map(({ source, position }) => new Sorted(source, position, reading));
  }

  async run(): Promise<Found<S>> {
    await Promise.all(this.#sources.map((source) => source.load()));
    const items: Found<S>['items'] = [];
    while (items.length < this.#reading.limit) {
      for (const source of this.#sources) if (source.mustRead) await source.load();
      if (this.#sources.some((source) => source.mustWait)) break;
      const first = this.#first();
      if (!first) break;
      items.push({ source: first.source, record: first.take() });
    }
    return { items, positions: new Map(this.#sources.map((source) => [source.source, source.position])) };
  }

  /** Of those that are equal the one that was named first: so the order is the same every time. */
  #first(): Sorted<S> | undefined {
    const { sort } = this.#reading;
    return this.#sources.reduce<Sorted<S> | undefined>((first, source) => {
      if (!source.head) return first;
      return first?.head && compareSorted(first.head.values, source.head.values, sort) <= 0 ? first : source;
    }, undefined);
  }
}

interface Sortable {
  record: EntityRecord;
  values: Scalar[];
  /** Place in the page as the platform gave it. */
  index: number;
}

/** One source of a merge. */
class Sorted<S> {
  readonly source: S;
  readonly #read: (asked: { at?: string; limit: number }) => Promise<SourcePage | undefined>;
  readonly #sort: readonly SortKey[];
  readonly #limit: number;
  #place: Place | undefined;
  #end: 'done' | 'lost' | undefined;
  #page: SourcePage | undefined;
  #queue: Sortable[] = [];
  #last: Scalar[] | undefined;
  #reads = 0;

  constructor(source: S, position: Position, { read, sort, limit }: Reading<S>) {
    this.source = source;
    this.#read = (asked) => read(source, asked);
    this.#sort = sort;
    this.#limit = limit;
    if (typeof position === 'string') this.#end = position;
    else this.#place = position;
  }

  get head(): Sortable | undefined {
    return this.#queue[0];
  }

  /** It may have more, and none of it is known. */
  get mustWait(): boolean {
    return this.#queue.length === 0 && this.#end === undefined;
  }

  get mustRead(): boolean {
    return this.mustWait && this.#reads < MOST_READS;
  }

  get position(): Position {
    if (this.#queue.length === 0) return this.#end ?? this.#place ?? {};
    const passed = this.#page?.records.slice(0, this.head?.index) ?? [];
    return { ...this.#at(), ...(passed.length > 0 ? { passed: marksOf(passed) } : {}) };
  }

  take(): EntityRecord {
    const taken = this.#queue.shift();
    if (!taken) throw new Error('nothing was left to take');
    if (this.#queue.length === 0) this.#turn();
    return taken.record;
  }

  /** Reads the page it stands in. One that fails is lost: what it has cannot be put in its place later. */
  async load(): Promise<void> {
    if (this.#end !== undefined) return;
    this.#reads += 1;
    const page = await this.#read({ ...this.#at(), limit: this.#limit });
    if (!page) {
      this.#end = 'lost';
      return;
    }
    this.#page = page;
    const passed = passedIn(page.records, this.#place ?? {});
    const rest = page.records.map((record, index) => ({ record, index })).slice(passed);
    this.#queue = rest.filter(({ record }) => page.wanted(record)).map((each) => this.#sortable(each));
    if (this.#queue.length === 0) this.#turn();
  }

  /** All of the page was given. */
  #turn(): void {
    const next = this.#page ? behind(this.#page, this.#place?.at) : 'done';
    if (typeof next === 'string') this.#end = next;
    else this.#place = next;
  }

  #sortable({ record, index }: { record: EntityRecord; index: number }): Sortable {
    const values = sortValues(record, this.#sort);
    if (!values || (this.#last && compareSorted(this.#last, values, this.#sort) > 0))
      throw new Unmergeable(this.source);
    this.#last = values;
    return { record, values, index };
  }

  #at(): { at?: string } {
    return this.#place?.at === undefined ? {} : { at: this.#place.at };
  }
}

import { describe, expect, it } from '@jest/globals';
import {
  compareSorted,
  type EntityRecord,
  type Filter,
  matchesFilter,
  type SortKey,
  sortValues,
} from '@tributary/contracts';
import fc from 'fast-check';
import { Unmergeable } from './merge.ts';
import { type Position, readPositions, writePositions } from './position.ts';
import { readAcross } from './read-across.ts';
import type { SourcePage } from './reading.ts';

/** How a platform pages. */
const habits = ['by-id', 'by-offset', 'by-numbered-pages'] as const;

interface Vendor {
  name: string;
  habit: (typeof habits)[number];
  records: EntityRecord[];
  /** It gives no more at once, whatever it is asked for. */
  most: number;
  /** The share of the filter that it evaluates itself: all of it, or none. */
  pushes: boolean;
}

interface Question {
  filter: Filter | undefined;
  sort: SortKey[];
  limit: number;
}

const ordered = (records: readonly EntityRecord[], sort: readonly SortKey[]) =>
  records
    .map((record) => ({ record, values: sortValues(record, sort) ?? [] }))
    .toSorted((a, b) => compareSorted(a.values, b.values, sort))
    .map(({ record }) => record);

const satisfies = (filter: Filter | undefined) => (record: EntityRecord) => !filter || matchesFilter(filter, record);

/** One page as this vendor would give it. */
function pageOf(vendor: Vendor, question: Question, asked: { at?: string; limit: number }): SourcePage {
  const all = vendor.pushes ? vendor.records.filter(satisfies(question.filter)) : vendor.records;
  const list = ordered(all, question.sort);
  const wanted = satisfies(vendor.pushes ? undefined : question.filter);
  const limit = Math.min(asked.limit, vendor.most);
  if (vendor.habit === 'by-numbered-pages') {
    const [page = 0, length = limit] = asked.at?.split('/').map(Number) ?? [];
    const records = list.slice(page * length, (page + 1) * length);
    const next = (page + 1) * length < list.length ? `${page + 1}/${length}` : undefined;
    return { records, wanted, next };
  }
  const from =
    vendor.habit === 'by-offset' || asked.at === undefined
      ? Number(asked.at ?? 0)
      : list.findIndex(({ nativeId }) => nativeId === asked.at) + 1;
  const records = list.slice(from, from + limit);
  const end = from + records.length;
  if (end >= list.length) return { records, wanted };
  return { records, wanted, next: vendor.habit === 'by-offset' ? String(end) : records.at(-1)?.nativeId };
}

type Item = { source: Vendor; record: EntityRecord };
type Failing = (vendor: Vendor) => boolean;

interface Page {
  items: Item[];
  failed: Set<Vendor>;
  positions: Map<Vendor, Position>;
}

async function nextPage(
  positions: ReadonlyMap<Vendor, Position>,
  question: Question,
  fails: Failing,
  onRead = () => {},
): Promise<Page> {
  const failed = new Set<Vendor>();
  const found = await readAcross<Vendor>({
    sources: [...positions].map(([source, position]) => ({ source, position })),
    sort: question.sort,
    limit: question.limit,
    read: async (source, asked) => {
      onRead();
      if (!fails(source)) return pageOf(source, question, asked);
      failed.add(source);
      return undefined;
    },
  });
  return { ...found, failed };
}

/** Over the text of a cursor, as callers carry it. */
function carried(positions: Map<Vendor, Position>): Map<Vendor, Position> {
  const names = new Map([...positions.keys()].map((vendor) => [vendor.name, vendor]));
  const cursor = writePositions(
    'b',
    [...positions].map(([vendor, position]): [string, Position] => [vendor.name, position]),
  );
  const read = readPositions(cursor, 'b');
  const marks = [...read];
  return new Map([...names.values()].map((vendor, i) => [vendor, marks[i]?.[1] ?? 'done']));
}

const isOpen = (position: Position): boolean => typeof position === 'object';
const start = (vendors: Vendor[]) => new Map<Vendor, Position>(vendors.map((vendor) => [vendor, {}]));
const idsOf = (items: Item[]) => items.map(({ source, record }) => `${source.name} ${record.nativeId}`);

/** The same question over a full copy of everything. */
function reference(vendors: Vendor[], { filter, sort }: Question): string[] {
  const all = vendors.flatMap((source, place) =>
    ordered(source.records.filter(satisfies(filter)), sort).map((record) => ({ source, record, place })),
  );
  const values = (record: EntityRecord) => sortValues(record, sort) ?? [];
  return idsOf(all.toSorted((a, b) => compareSorted(values(a.record), values(b.record), sort) || a.place - b.place));
}

const value = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom('a', 'B', 'b', 'é'),
  fc.boolean(),
  fc.constant(null),
);
const attributes = fc.record({ x: value, y: value }, { requiredKeys: [] });
const records = fc.array(attributes, { maxLength: 25 }).map((list) =>
  list.map(
    (given, i): EntityRecord => ({
      type: 't',
      nativeId: String(i).padStart(3, '0'),
      etag: '1',
      attributes: { ...given },
    }),
  ),
);
const vendors = fc
  .array(
    fc.record({
      habit: fc.constantFrom(...habits),
      records,
      most: fc.constantFrom(2, 7, 1_000),
      pushes: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((list) => list.map((each, i): Vendor => ({ ...each, name: `v${i}` })));

const leaf: fc.Arbitrary<Filter> = fc.record({
  kind: fc.constant('compare' as const),
  field: fc.constantFrom('attributes.x', 'attributes.y', 'nativeId'),
  operator: fc.constantFrom('eq' as const, 'ne' as const, 'ge' as const, 'co' as const),
  value: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('a', 'b', '01')),
  at: fc.constant(0),
});
const { tree } = fc.letrec<{ tree: Filter }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      parts: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), part: tie('tree') }),
  ),
}));
const sort: fc.Arbitrary<SortKey[]> = fc.uniqueArray(
  fc.record({ field: fc.constantFrom('attributes.x', 'attributes.y', 'nativeId'), descending: fc.boolean() }),
  { selector: ({ field }) => field, maxLength: 2 },
);
const question = fc.record({
  filter: fc.option(tree, { nil: undefined }),
  sort,
  limit: fc.integer({ min: 1, max: 30 }),
});

const MOST_PAGES = 2_000;
const RUNS = { numRuns: 400 };

describe('one question to several sources', () => {
  it('finds what a full copy holds, each record once, in the order asked for, however the sources page', async () => {
    await fc.assert(
      fc.asyncProperty(vendors, question, async (list, asked) => {
        const found: Item[] = [];
        let positions = start(list);
        for (let pages = 0; [...positions.values()].some(isOpen); pages += 1) {
          const page = await nextPage(positions, asked, () => false);
          expect(page.items.length).toBeLessThanOrEqual(asked.limit);
          expect(pages).toBeLessThan(MOST_PAGES);
          found.push(...page.items);
          positions = carried(page.positions);
        }
        const wanted = reference(list, asked);
        if (asked.sort.length > 0) expect(idsOf(found)).toEqual(wanted);
        else expect(idsOf(found).toSorted()).toEqual(wanted.toSorted());
      }),
      RUNS,
    );
  });

  it('finds all of it also where sources fail, as long as a page that was not whole is asked for again', async () => {
    await fc.assert(
      fc.asyncProperty(
        vendors,
        question,
        fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
        async (list, asked, dice) => {
          const found: Item[] = [];
          let positions = start(list);
          for (let pages = 0; [...positions.values()].some(isOpen); pages += 1) {
            const page = await nextPage(positions, asked, () => pages < 100 && dice.next().value < 3);
            expect(pages).toBeLessThan(MOST_PAGES);
            if (page.failed.size > 0) continue;
            found.push(...page.items);
            positions = carried(page.positions);
          }
          const wanted = reference(list, asked);
          if (asked.sort.length > 0) expect(idsOf(found)).toEqual(wanted);
          else expect(idsOf(found).toSorted()).toEqual(wanted.toSorted());
        },
      ),
      RUNS,
    );
  });

  it('passes over nothing and doubles nothing where callers go on without what failed', async () => {
    await fc.assert(
      fc.asyncProperty(
        vendors,
        question,
        fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
        async (list, asked, dice) => {
          const found: Item[] = [];
          const everFailed = new Set<Vendor>();
          let positions = start(list);
          for (let pages = 0; [...positions.values()].some(isOpen); pages += 1) {
            const page = await nextPage(positions, asked, () => pages < 100 && dice.next().value < 2);
            expect(pages).toBeLessThan(MOST_PAGES);
            for (const vendor of page.failed) everFailed.add(vendor);
            found.push(...page.items);
            positions = carried(page.positions);
          }
          const ids = idsOf(found);
          expect(new Set(ids).size).toBe(ids.length);
          const wanted = reference(list, asked);
          // Without an order whoever was away is asked again; within one, what it has left has no place any more.
          if (asked.sort.length === 0) expect(ids.toSorted()).toEqual(wanted.toSorted());
          else if (list.length > 1) {
            const places = ids.map((id) => wanted.indexOf(id));
            expect(places).toEqual(places.toSorted((a, b) => a - b));
            for (const vendor of list) {
              const own = (all: string[]) => all.filter((id) => id.startsWith(`${vendor.name} `));
              const given = own(ids);
              expect(given).toEqual(own(wanted).slice(0, everFailed.has(vendor) ? given.length : undefined));
            }
            for (const vendor of everFailed) expect(positions.get(vendor)).toBe('lost');
          }
        },
      ),
      RUNS,
    );
  });

  it('asks each source once for a page, and in an order twice at most', async () => {
    await fc.assert(
      fc.asyncProperty(vendors, question, async (list, asked) => {
        let positions = start(list);
        for (let pages = 0; pages < 20 && [...positions.values()].some(isOpen); pages += 1) {
          let reads = 0;
          const count = () => {
            reads += 1;
          };
          const open = [...positions.values()].filter(isOpen).length;
          positions = carried((await nextPage(positions, asked, () => false, count)).positions);
          expect(reads).toBeLessThanOrEqual(asked.sort.length > 0 ? 2 * open : open);
        }
      }),
      RUNS,
    );
  });
});

describe('more sources than places on a page', () => {
  it('take turns, so that one which fails keeps no other from coming', async () => {
    const vendor = (name: string): Vendor => ({
      name,
      habit: 'by-id',
      most: 1_000,
      pushes: true,
      records: ['1', '2'].map((nativeId) => ({ type: 't', nativeId, etag: '1', attributes: {} })),
    });
    const [away, ...others] = ['a', 'b', 'c'].map(vendor);
    let positions = start([away, ...others].filter((each) => each !== undefined));
    const found: Item[] = [];
    for (let pages = 0; pages < 7; pages += 1) {
      const page = await nextPage(positions, { filter: undefined, sort: [], limit: 1 }, (each) => each === away);
      found.push(...page.items);
      positions = carried(page.positions);
    }
    expect(idsOf(found).toSorted()).toEqual(['b 1', 'b 2', 'c 1', 'c 2']);
  });
});

describe('an order over several sources', () => {
  const record = (nativeId: string, x: number): EntityRecord => ({ type: 't', nativeId, etag: '1', attributes: { x } });
  const vendor = (name: string, xs: number[]): Vendor => ({
    name,
    habit: 'by-offset',
    most: 1_000,
    pushes: true,
    records: xs.map((x) => record(`${name}${x}`, x)),
  });
  const byX: Question = { filter: undefined, sort: [{ field: 'attributes.x', descending: false }], limit: 4 };

  it('goes on behind what was given, though records before it were removed or added meanwhile', async () => {
    const a = vendor('a', [1, 3, 5, 7, 9, 11]);
    const b = vendor('b', [2, 4, 6, 8, 10, 12]);
    const first = await nextPage(start([a, b]), byX, () => false);
    expect(first.items.map(({ record: { nativeId } }) => nativeId)).toEqual(['a1', 'b2', 'a3', 'b4']);
    a.records = a.records.filter(({ nativeId }) => nativeId !== 'a3');
    b.records = [record('b0', 0), ...b.records];
    const second = await nextPage(carried(first.positions), byX, () => false);
    expect(second.items.map(({ record: { nativeId } }) => nativeId).slice(0, 2)).toEqual(['a5', 'b6']);
  });

  it('gives records twice rather than never where all that mark the place are gone', async () => {
    const a = vendor('a', [1, 2, 9]);
    const b = vendor('b', [3, 4, 5, 6, 7]);
    const first = await nextPage(start([a, b]), { ...byX, limit: 3 }, () => false);
    expect(first.items.map(({ record: { nativeId } }) => nativeId)).toEqual(['a1', 'a2', 'b3']);
    b.records = b.records.filter(({ nativeId }) => nativeId !== 'b3');
    const second = await nextPage(carried(first.positions), { ...byX, limit: 3 }, () => false);
    expect(second.items.map(({ record: { nativeId } }) => nativeId)).toEqual(['b4', 'b5', 'b6']);
  });

  it('refuses a source that sorts by rules of its own, or by what has no order', async () => {
    const good = vendor('a', [1, 2]);
    const other = vendor('b', [1, 2]);
    const list = { ...vendor('c', [1]), records: [{ ...record('c1', 1), attributes: { x: [1] } }] };
    const read = async (source: Vendor, asked: { at?: string; limit: number }) => {
      const page = pageOf(source, byX, asked);
      return source === other ? { ...page, records: page.records.toReversed() } : page;
    };
    for (const bad of [other, list]) {
      const sources = [good, bad].map((source) => ({ source, position: {} }));
      const reading = readAcross({ ...byX, sources, read });
      await expect(reading).rejects.toBeInstanceOf(Unmergeable);
      await expect(reading).rejects.toMatchObject({ source: bad });
    }
    const alone = await readAcross({ ...byX, sources: [{ source: other, position: {} }], read });
    expect(alone.items).toHaveLength(2);
  });
});

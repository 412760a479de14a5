import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  checkFilter,
  type EntityRecord,
  type Filter,
  formatFilter,
  matchesFilter,
  parseFilter,
} from '@tributary/contracts';
import fc from 'fast-check';
import { FILTER_FIELDS } from '../src/capabilities/entities.ts';
import { never, type Rig, startRig } from './rig.ts';

jest.setTimeout(120_000);

const METER = 'Industry.Energy/EnergyMeter';
const COUNT = 60;

let rig: Rig;
/** A full copy, to be filtered in memory. */
let all: EntityRecord[];

const names = ['Main', 'main', 'MAIN', 'Zähler 1', 'Zähler 2', 'a', '', 'é', 'e\u0301', '😀', '\uffff', 'x.*y'];
const makers = ['Siemens', 'ABB', 'siemens', 'Landis+Gyr', 'a"b\\c'];
const dates = [
  '2024-01-01T00:00:00Z',
  '2024-01-01T00:00:00.500Z',
  '2024-01-01T01:00:00+01:00',
  '2024-06-30T12:00:00.000Z',
];
const states = ['Active', 'Maintenance', 'Inactive', 'Decommissioned'];

beforeAll(async () => {
  rig = await startRig({ devices: 1, historyMs: 0, producing: false });
  for (let n = 0; n < COUNT; n++) {
    const attributes = {
      name: names[n % names.length],
      serialNumber: `S-${n % 7}`,
      ...(n % 3 === 0 ? {} : { manufacturer: makers[n % makers.length] }),
      status: states[n % states.length],
      ...(n % 4 === 0 ? {} : { installationDate: dates[n % dates.length] }),
      ...(n % 5 === 0 ? {} : { maxCapacity: [0, -1.5, 100, 100.25, 1e21][n % 5] }),
      phases: (n % 3) + 1,
      ...(n % 2 === 0 ? {} : { isVirtual: n % 4 === 1 }),
      ...(n % 6 === 0 ? { tags: ['a', 'b'] } : {}),
    };
    const wellKnownName = n % 2 === 0 ? { wellKnownName: `meter-${n}` } : {};
    await rig.simulator.actions.run('create-entity', { ckTypeId: METER, attributes, ...wellKnownName });
  }
  all = await everything({});
});
afterAll(() => rig.stop());

/** Walks all pages as the API does, and does what is left of the filter. */
async function everything({
  filter,
  sort = [],
  limit = 17,
  onLeft,
}: {
  filter?: string;
  sort?: { field: string; descending: boolean }[];
  limit?: number;
  onLeft?: (filter: string | undefined) => void;
}) {
  const found: EntityRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await rig.adapter.entities?.query(
      METER,
      { sort, limit, ...(filter === undefined ? {} : { filter }), ...(cursor === undefined ? {} : { cursor }) },
      never,
    );
    if (cursor === undefined) onLeft?.(page?.residualFilter);
    const left = page?.residualFilter === undefined ? undefined : parseFilter(page.residualFilter);
    found.push(...(page?.items ?? []).filter((item) => !left || matchesFilter(left, item, FILTER_FIELDS)));
    cursor = page?.nextCursor;
  } while (cursor !== undefined);
  return found;
}

/** Where languages differ: order beyond the basic plane, empty text, absent values, forms of one time. */
const awkward = [
  'attributes.name gt "\uffff"',
  'attributes.name le "\u{1F600}"',
  'attributes.name co ""',
  'attributes.manufacturer ne "ABB"',
  'attributes.manufacturer ne null and attributes.manufacturer sw ""',
  'attributes.installationDate eq "2024-01-01T00:00:00Z"',
  'attributes.installationDate le "2024-01-01T00:00:00.000Z"',
  'not (attributes.isVirtual eq true)',
];

const ids = (records: readonly EntityRecord[]) => records.map(({ nativeId }) => nativeId).toSorted();

const compare = (field: string, operators: readonly string[], values: readonly unknown[]): fc.Arbitrary<Filter> =>
  fc
    .tuple(fc.constantFrom(...operators), fc.constantFrom(...values))
    .map(([operator, value]) => ({ kind: 'compare', field, operator, value, at: 0 }) as Filter);

const EQUAL = ['eq', 'ne'];
const ORDER = ['gt', 'ge', 'lt', 'le'];
const TEXT = ['co', 'sw', 'ew'];
const ANY = [...EQUAL, ...ORDER];

const leaf = fc.oneof(
  compare('name', [...ANY, ...TEXT], [...names, 'zähler']),
  compare('attributes.name', [...ANY, ...TEXT], [...names, 'äh', 'in']),
  compare(
    'attributes.manufacturer',
    [...ANY, ...TEXT],
    [...makers, 'i', null, 5].filter((value) => value !== null),
  ),
  compare('attributes.wellKnownName', [...EQUAL, ...TEXT], ['meter-0', 'meter-2', 'METER-2', 'meter-', 'nothing', '']),
  compare('attributes.serialNumber', [...EQUAL, ...TEXT], ['S-1', 'S-6', '-', 's-1']),
  compare('attributes.status', [...EQUAL, ...TEXT], [...states, 'active', 'Act', 'Nothing']),
  compare('attributes.installationDate', ANY, [
    ...dates,
    '2024-01-01T00:00:00.000Z',
    '2023-12-31T23:59:59Z',
    '2024',
    'x',
  ]),
  compare('attributes.maxCapacity', ANY, [0, -1.5, 100, 100.25, 99.5, 1e21, '100']),
  compare('attributes.phases', ANY, [1, 2, 2.5, 3, 2 ** 40, '2']),
  compare('attributes.isVirtual', EQUAL, [true, false, 'true']),
  compare('attributes.manufacturer', EQUAL, [null]),
  compare('attributes.phases', EQUAL, [null]),
  fc
    .constantFrom(
      'attributes.manufacturer',
      'attributes.tags',
      'attributes.name',
      'nativeId',
      'attributes.calibration.certificate',
    )
    .map((field): Filter => ({ kind: 'present', field, at: 0 })),
);

const tree: fc.Arbitrary<Filter> = fc.letrec<{ tree: Filter }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('tree'), { minLength: 2, maxLength: 4 }))
      .map(([kind, parts]): Filter => ({ kind, parts })),
    tie('tree').map((part): Filter => ({ kind: 'not', part })),
  ),
})).tree;

/** What the language refuses for a field never reaches an adapter. */
const askable = (filter: Filter): boolean => {
  try {
    checkFilter(parseFilter(formatFilter(filter)), FILTER_FIELDS);
    return true;
  } catch {
    return false;
  }
};

describe('filters', () => {
  it('OCTO-15 bring exactly what a full copy filtered in memory brings: 500 random trees', async () => {
    let pushed = 0;
    await fc.assert(
      fc.asyncProperty(tree.filter(askable), async (filter) => {
        const text = formatFilter(filter);
        const expected = all.filter((record) => matchesFilter(parseFilter(text), record, FILTER_FIELDS));
        const found = await everything({
          filter: text,
          limit: 40,
          onLeft: (left) => (pushed += left === text ? 0 : 1),
        });
        expect(ids(found)).toEqual(ids(expected));
      }),
      { numRuns: 500, examples: awkward.map((text) => [parseFilter(text)]) },
    );
    // Were everything left to us, all of the above would hold as well.
    expect(pushed).toBeGreaterThan(100);
  });

  it.each([
    ['attributes.status eq "Active"', 'exact'],
    ['attributes.status eq "Active" or attributes.status eq "Inactive"', 'exact'],
    ['attributes.phases ge 2 and (attributes.manufacturer co "Siemens" or attributes.manufacturer eq "ABB")', 'exact'],
    ['attributes.isVirtual eq true and attributes.maxCapacity lt 100.5', 'exact'],
    ['attributes.status eq "Active" and not (attributes.phases eq 1)', 'not (attributes.phases eq 1)'],
    ['attributes.manufacturer ne "ABB"', 'attributes.manufacturer ne "ABB"'],
    ['name eq "main"', 'name eq "main"'],
    ['attributes.name gt "M"', 'attributes.name gt "M"'],
    ['attributes.installationDate ge "2024-02-01T00:00:00Z"', 'attributes.installationDate ge "2024-02-01T00:00:00Z"'],
  ])('%s is pushed as far as it means the same there', async (filter, residual) => {
    const page = await rig.adapter.entities?.query(METER, { filter, sort: [], limit: 1000 }, never);
    expect(page?.residualFilter ?? 'exact').toBe(residual);
  });

  it('OCTO-08 answers for a well-known name', async () => {
    const position = rig.simulator.journal.position;
    const found = await everything({ filter: 'attributes.wellKnownName eq "meter-4" and attributes.phases ge 1' });
    expect(found.map(({ attributes }) => attributes.wellKnownName)).toEqual(['meter-4']);
    expect(await everything({ filter: 'attributes.wellKnownName eq "nobody"' })).toEqual([]);
    const asked = rig.simulator.journal.entries({ after: position }).map(({ operation }) => operation);
    expect(asked).toEqual(['OCTO-08', 'OCTO-08']);
  });

  it('a time is pushed as bounds that hold what is wanted', async () => {
    const filter = 'attributes.installationDate eq "2024-06-30T12:00:00.000Z"';
    const page = await rig.adapter.entities?.query(METER, { filter, sort: [], limit: 1000 }, never);
    expect(page?.items.length).toBeLessThan(all.length / 2);
    expect(page?.residualFilter).toBe(filter);
  });

  it('sorts by several attributes, page by page', async () => {
    const sort = [
      { field: 'attributes.phases', descending: true },
      { field: 'attributes.serialNumber', descending: false },
    ];
    const found = await everything({ sort, limit: 7 });
    const keys = found.map(({ attributes }) => [attributes.phases, attributes.serialNumber] as [number, string]);
    expect(found).toHaveLength(all.length);
    expect(keys).toEqual(keys.toSorted((a, b) => b[0] - a[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0)));
    await expect(everything({ sort: [{ field: 'attributes.tags', descending: false }] })).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });

  it('refuses what the type has not, and cursors that are not its own', async () => {
    const asked = (more: object) => rig.adapter.entities?.query(METER, { sort: [], limit: 5, ...more }, never);
    await expect(asked({ filter: 'attributes.nothing eq 1' })).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(asked({ filter: 'nonsense' })).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(asked({ cursor: 'abc' })).rejects.toMatchObject({ code: 'invalid-request' });
    const position = rig.simulator.journal.position;
    const sort = [{ field: 'attributes.phases', descending: false }];
    await expect(asked({ cursor: 'at:abc', sort })).rejects.toMatchObject({ platformCode: 'VALIDATION_ERROR' });
    expect(rig.simulator.journal.count({ after: position })).toBe(1);
  });

  it('pages by id do not lose their place when entities come and go', async () => {
    const first = await rig.adapter.entities?.query(METER, { sort: [], limit: 10 }, never);
    const gone = first?.items.slice(0, 3).map(({ nativeId }) => nativeId) ?? [];
    for (const entity of gone) await rig.simulator.actions.run('delete-entity', { entity });
    const rest: EntityRecord[] = [];
    for (let cursor = first?.nextCursor; cursor !== undefined; ) {
      const page = await rig.adapter.entities?.query(METER, { sort: [], limit: 10, cursor }, never);
      rest.push(...(page?.items ?? []));
      cursor = page?.nextCursor;
    }
    expect(ids([...(first?.items ?? []), ...rest])).toEqual(ids(all));
  });
});

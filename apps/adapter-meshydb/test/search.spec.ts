import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  checkFilter,
  compareOperators,
  type EntityRecord,
  type Filter,
  formatFilter,
  matchesFilter,
  parseFilter,
} from '@tributary/contracts';
import fc from 'fast-check';
import { FILTER_FIELDS } from '../src/capabilities/entities.ts';
import { everything, idsOf, type Rig, startRig } from './rig.ts';

jest.setTimeout(120_000);

const COUNT = 60;
let rig: Rig;
/** A full copy, to be filtered in memory. */
let all: EntityRecord[];

const titles = ['Main', 'main', 'Zähler 1', 'a', '', 'x.*y', 'a\n', '42', "it's", '"q"', '2024-01-01', null];
beforeAll(async () => {
  rig = await startRig();
  const document = Array.from({ length: COUNT }, (_, n) => ({
    n,
    title: titles[n % titles.length],
    ...(n % 3 === 0 ? {} : { load: [0, -1.5, 100, 1e21, 7][n % 5] }),
    ...(n % 2 === 0 ? { on: n % 4 === 0 } : {}),
    ...(n % 5 === 0 ? { tags: [['a', 'b'], [], [null], [{ k: 1 }], 'a'][(n / 5) % 5] } : {}),
    ...(n % 7 === 0 ? { inner: [{ k: 1 }, [{ k: 1 }], 'text', { k: null }, { k: { d: 2 } }][(n / 7) % 5] } : {}),
    '\uff04odd': n % 2,
  }));
  await rig.simulator.actions.run('insert-document', { mesh: 'workorder', document });
  all = await everything(rig);
});
afterAll(() => rig.stop());

const field = fc.constantFrom(
  'title',
  'load',
  'on',
  'tags',
  'inner',
  'inner.k',
  'inner.k.d',
  'tags.k',
  'tags.length',
  'tags.0',
  '$odd',
  'n',
  'gone',
);
const value = fc.oneof(
  fc.constantFrom(...titles, 'z', 'ä', '*'),
  fc.constantFrom(0, 1, 2, -1.5, 7, 99.5, 1e21, 30),
  fc.boolean(),
);
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc.tuple(field, fc.constantFrom(...compareOperators), value).map(
    ([name, operator, wanted]): Filter => ({
      kind: 'compare',
      field: `attributes.${name}`,
      operator,
      value: wanted,
      at: 0,
    }),
  ),
  fc.tuple(fc.constantFrom(...compareOperators), fc.nat(COUNT - 1)).map(
    ([operator, n]): Filter => ({
      kind: 'compare',
      field: 'nativeId',
      operator,
      value: all[n]?.nativeId ?? '',
      at: 0,
    }),
  ),
  field.map((name): Filter => ({ kind: 'present', field: `attributes.${name}`, at: 0 })),
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

describe('search', () => {
  it('MESHY-08 brings exactly what a full copy filtered in memory brings: 500 random trees', async () => {
    let exact = 0;
    await fc.assert(
      fc.asyncProperty(tree.filter(askable), async (filter) => {
        const text = formatFilter(filter);
        const expected = all.filter((record) => matchesFilter(parseFilter(text), record, FILTER_FIELDS));
        let residual: string | undefined;
        const onPage = (left: string | undefined) => {
          residual = left;
        };
        const found = await everything(rig, { filter: text, limit: 40, onPage });
        if (residual === undefined) exact += 1;
        expect(idsOf(found)).toEqual(idsOf(expected));
      }),
      { numRuns: 500 },
    );
    // Were everything left to us, all of the above would hold as well.
    expect(exact).toBeGreaterThan(100);
  });

  it('MESHY-08 sorts by several members, page by page, and the id last', async () => {
    const sort = [
      { field: 'attributes.$odd', descending: true },
      { field: 'attributes.load', descending: false },
    ];
    const found = await everything(rig, { sort, limit: 7 });
    expect(idsOf(found).toSorted()).toEqual(idsOf(all).toSorted());
    const odd = found.map(({ attributes }) => attributes.$odd);
    expect(odd).toEqual(odd.toSorted((a, b) => Number(b) - Number(a)));
  });

  it('a filter that nothing can fit asks nobody', async () => {
    const position = rig.simulator.journal.position;
    expect(await everything(rig, { filter: 'nativeId eq "nobody"' })).toEqual([]);
    expect(rig.simulator.journal.count({ operation: 'MESHY-08', after: position })).toBe(0);
  });
});

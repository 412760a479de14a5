import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  checkFilter,
  compareOperators,
  type Filter,
  FilterError,
  formatFilter,
  matchesFilter,
  parseFilter,
} from './index.ts';

/** Positions belong to a text, not to a meaning. */
const withoutPositions = (filter: Filter): unknown =>
  JSON.parse(JSON.stringify(filter, (key, v) => (key === 'at' ? undefined : v)));

const field = fc
  .stringMatching(/^[a-z][a-zA-Z0-9_]{0,6}(\.[a-zA-Z0-9_]{1,5}){0,2}$/)
  .filter((f) => !['not', 'and', 'or'].includes(f));
const value = fc.oneof(
  fc.string().filter((s) => !s.includes('\u0000')),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
  fc.boolean(),
  fc.constant(null),
);
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({
    kind: fc.constant('compare' as const),
    field,
    operator: fc.constantFrom(...compareOperators),
    value,
    at: fc.constant(0),
  }),
  fc.record({ kind: fc.constant('present' as const), field, at: fc.constant(0) }),
);
const tree = fc.letrec<{ node: Filter }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.record({ kind: fc.constant('not' as const), part: tie('node') }),
    fc.record({ kind: fc.constant('within' as const), field, part: tie('node'), at: fc.constant(0) }),
    fc.array(leaf, { minLength: 2, maxLength: 4 }).map((parts): Filter => ({ kind: 'and', parts })),
    fc
      .array(
        tie('node').filter((n) => n.kind !== 'or'),
        { minLength: 2, maxLength: 3 },
      )
      .map((parts): Filter => ({ kind: 'or', parts })),
  ),
})).node;

const failure = (text: string): FilterError => {
  try {
    parseFilter(text);
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
  throw new Error(`"${text}" was read`);
};

describe('parseFilter', () => {
  it('reads back what formatFilter wrote', () => {
    fc.assert(
      fc.property(tree, (filter) => {
        let read: Filter;
        try {
          read = parseFilter(formatFilter(filter));
        } catch (error) {
          fc.pre(!/at most/.test((error as Error).message));
          throw error;
        }
        expect(withoutPositions(read)).toEqual(withoutPositions(filter));
      }),
    );
  });

  it('answers any text with a tree or a FilterError inside the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z ()"\\[\]0-9.-]*$/)), (text) => {
        try {
          parseFilter(text);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterError);
          expect((error as FilterError).position).toBeLessThanOrEqual(text.length);
        }
      }),
    );
  });

  it('binds and tighter than or', () => {
    expect(formatFilter(parseFilter('a eq 1 or b eq 2 and c eq 3'))).toBe('a eq 1 or (b eq 2 and c eq 3)');
    expect(formatFilter(parseFilter('status EQ "Active" AND (maker co "Siemens" or maker co "ABB")'))).toBe(
      'status eq "Active" and (maker co "Siemens" or maker co "ABB")',
    );
  });

  it.each([
    ['', 0],
    ['name', 4],
    ['name is "x"', 5],
    ['name eq x', 8],
    ['name eq "x', 8],
    ['name eq "\\u0000"', 8],
    ['name eq 1e999', 8],
    ['name eq 01', 9],
    ['(a eq 1', 7],
    ['a eq 1 b eq 2', 7],
    ['a eq 1 and', 10],
    ['a eq "x"y', 8],
    ['; drop table', 0],
  ])('%j fails at %i', (text, position) => {
    expect(failure(text).position).toBe(position);
  });

  it('limits depth, length and comparisons', () => {
    expect(failure(`${'('.repeat(30)}a pr${')'.repeat(30)}`).message).toMatch(/nested/);
    expect(failure(Array(60).fill('a pr').join(' and ')).message).toMatch(/comparisons/);
    expect(failure(`a eq "${'x'.repeat(5000)}"`).message).toMatch(/characters/);
  });
});

describe('checkFilter', () => {
  const fields = {
    name: 'text',
    id: 'id',
    load: 'number',
    on: 'boolean',
    at: 'instant',
    'properties.*': 'any',
  } as const;
  it.each([
    'name co "x" and load ge 1',
    'at gt "2026-03-29T01:00:00+01:00"',
    'properties.a.b eq 1',
    'name eq null',
    'not (on eq true)',
  ])('takes %s', (text) => expect(() => checkFilter(parseFilter(text), fields)).not.toThrow());
  it.each([
    'nme eq "x"',
    'properties pr',
    'load eq "1"',
    'load co "1"',
    'on gt true',
    'at gt "yesterday"',
    'name gt null',
    'name[a eq 1]',
    'properties.a co 1',
  ])('refuses %s', (text) => expect(() => checkFilter(parseFilter(text), fields)).toThrow(FilterError));
});

describe('matchesFilter', () => {
  const device = {
    name: 'Boiler Ö',
    load: 5,
    tags: [{ k: 'a', v: 1 }],
    at: '2026-01-01T00:00:00Z',
    properties: { a: { b: 1 } },
  };
  const fields = { name: 'text', load: 'number', at: 'instant', 'properties.*': 'any' } as const;
  it.each([
    ['name eq "boiler ö"', true],
    ['name sw "boil" and name ew "Ö"', true],
    ['load gt 4 and load lt 6', true],
    ['gone eq null', true],
    ['gone ne 1', true],
    ['gone gt 1', false],
    ['not (gone gt 1)', true],
    ['tags[k eq "a" and v eq 1]', true],
    ['tags[k eq "a" and v eq 2]', false],
    ['at eq "2026-01-01T01:00:00+01:00"', true],
    ['properties.a.b eq 1', true],
    ['properties.a.b eq "1"', false],
    ['toString pr', false],
  ])('%s is %s', (text, expected) => {
    expect(matchesFilter(parseFilter(text), device, fields)).toBe(expected);
  });

  it('is two-valued: not turns every answer round', () => {
    fc.assert(
      fc.property(tree, fc.object(), (filter, record) => {
        expect(matchesFilter({ kind: 'not', part: filter }, record)).toBe(!matchesFilter(filter, record));
      }),
    );
  });
});

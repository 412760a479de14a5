import { describe, expect, it } from '@jest/globals';
import { compareOperators, type Filter, formatFilter, matchesFilter, parseFilter } from '@tributary/contracts';
import fc from 'fast-check';
import { Query } from 'mingo';
import { storedName } from '../names.ts';
import { boundsOf, compileFilter } from './compile.ts';
import { type Expression, textOf } from './expression.ts';

const FIELDS = { nativeId: 'id', name: 'text', 'attributes.*': 'any' } as const;
const BIG = '9007199254740993';

const names = ['a', 'b', '$c', 'list', 'x', 'length', '0'];
const texts = ['', 'a', 'A', 'b', 'ab', 'a.c', 'a\n', '^a$', 'ä', '1', '12', '-', BIG, 'x/y|z', '(', '2024-01-01'];
const scalar = fc.oneof(
  fc.constantFrom(...texts),
  fc.constantFrom(0, 1, -1, 1.5, 12, 1e21, -1e21, Number.MAX_SAFE_INTEGER),
  fc.boolean(),
  fc.constant(null),
);
/** As stored, and as it is shown: a whole number too long for a double is a number there and its digits here. */
const long = fc.constantFrom(
  { stored: 2 ** 53, shown: '9007199254740992' },
  { stored: -(2 ** 60), shown: '-1152921504606846976' },
);
type Both = { stored: unknown; shown: unknown };
const both = (value: unknown): Both => ({ stored: value, shown: value });
const value: fc.Arbitrary<Both> = fc.letrec<{ value: Both; members: Both }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    { arbitrary: scalar.map(both), weight: 4 },
    { arbitrary: long, weight: 1 },
    { arbitrary: tie('members'), weight: 1 },
    {
      arbitrary: fc.array(tie('value'), { maxLength: 3 }).map((parts) => ({
        stored: parts.map(({ stored }) => stored),
        shown: parts.map(({ shown }) => shown),
      })),
      weight: 1,
    },
  ),
  members: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4 }).map((members) => ({
    stored: Object.fromEntries(Object.entries(members).map(([name, { stored }]) => [storedName(name), stored])),
    shown: Object.fromEntries(Object.entries(members).map(([name, { shown }]) => [name, shown])),
  })),
})).value;
const ids = ['5d438ff23b0b7dd957a765ce', '5d438ff23b0b7dd957a765cf', '6d438ff23b0b7dd957a765ce'];
const document = fc
  .tuple(fc.constantFrom(...ids), fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 5 }))
  .map(([id, members]) => ({
    stored: {
      _id: id,
      ...Object.fromEntries(Object.entries(members).map(([name, { stored }]) => [storedName(name), stored])),
    },
    record: {
      nativeId: id,
      attributes: Object.fromEntries(Object.entries(members).map(([name, { shown }]) => [name, shown])),
    },
  }));

const path = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
  .map((parts) => `attributes.${parts.join('.')}`);
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc
    .tuple(path, fc.constantFrom(...compareOperators), scalar)
    .map(([field, operator, wanted]): Filter => ({ kind: 'compare', field, operator, value: wanted, at: 0 })),
  fc
    .tuple(fc.constantFrom(...compareOperators), fc.constantFrom(...ids, '5D438FF23B0B7DD957A765CE', 'x', '5d43', null))
    .map(([operator, wanted]): Filter => ({ kind: 'compare', field: 'nativeId', operator, value: wanted, at: 0 })),
  fc
    .oneof(path, fc.constant('nativeId'), fc.constant('name'))
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
    tie('tree').map((part): Filter => ({ kind: 'within', field: 'attributes.list', part, at: 0 })),
  ),
})).tree;

const fits = (expression: Expression, stored: Record<string, unknown>): boolean =>
  new Query(JSON.parse(textOf(expression, 'text')) as Record<string, unknown>).test(stored);

describe('a filter at MeshyDB', () => {
  it('has bounds that hold what it wants: all of it, and nothing besides', () => {
    let exact = 0;
    fc.assert(
      fc.property(tree, document, (filter, { stored, record }) => {
        const { over, under } = boundsOf(filter);
        const wanted = matchesFilter(filter, record, FIELDS);
        if (wanted) expect(fits(over, stored)).toBe(true);
        else expect(fits(under, stored)).toBe(false);
        if (over === under) exact += 1;
      }),
      { numRuns: 5_000 },
    );
    expect(exact).toBeGreaterThan(1_000);
  });

  it('finds with what is left of it exactly what it finds alone', () => {
    fc.assert(
      fc.property(tree, document, (filter, { stored, record }) => {
        const { pushed, residual } = compileFilter(filter);
        const found = fits(pushed, stored) && (residual === undefined || matchesFilter(residual, record, FIELDS));
        expect(found).toBe(matchesFilter(filter, record, FIELDS));
      }),
      { numRuns: 5_000 },
    );
  });

  it('is strict JSON in which nothing of the caller is an operator, a field of the database or code', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.constantFrom('$where', '{"$where":"1"}', "'}, $or: [{}", '$gt', '__proto__'),
    );
    const comparison = fc
      .tuple(
        fc.oneof(
          path,
          hostile.map((name) => `attributes.${name}`),
        ),
        fc.constantFrom(...compareOperators),
        hostile,
      )
      .map(([field, operator, wanted]): Filter => ({ kind: 'compare', field, operator, value: wanted, at: 0 }));
    const known = ['$and', '$or', '$nor', '$eq', '$gt', '$gte', '$lt', '$lte', '$ne', '$regex', '$type', '$in'];
    fc.assert(
      fc.property(comparison, (filter) => {
        const text = textOf(compileFilter(filter).pushed, 'oid');
        const operators: string[] = [];
        JSON.parse(text, (key, inner) => {
          if (key.startsWith('$')) operators.push(key);
          return inner;
        });
        expect(operators.filter((operator) => !known.includes(operator))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['attributes.status eq "open"', undefined],
    ['attributes.done eq false and attributes.n ne 3', undefined],
    ['not (attributes.status co "o.p" or attributes.x.y pr)', undefined],
    ['nativeId gt "5d438ff23b0b7dd957a765ce"', undefined],
    ['attributes.n gt 5', 'attributes.n gt 5'],
    ['name eq "Bob"', 'name eq "Bob"'],
    ['attributes.status eq "open" and name eq "Bob"', 'name eq "Bob"'],
    ['attributes.tags.length eq 2', 'attributes.tags.length eq 2'],
    ['attributes.tags.0 eq "a"', 'attributes.tags.0 eq "a"'],
  ])('%s leaves %s', (text, residual) => {
    const left = compileFilter(parseFilter(text)).residual;
    expect(left && formatFilter(left)).toBe(residual);
  });

  it('the end of a text is its end, also before a line break, where the database’s own sign would do for both', () => {
    const { pushed } = compileFilter(parseFilter('attributes.a ew "x."'));
    expect(textOf(pushed, 'oid')).toContain(JSON.stringify('x\\.(?![\\s\\S])'));
  });

  it('asks for ids as the database has them', () => {
    const { pushed } = compileFilter(parseFilter('nativeId eq "5d438ff23b0b7dd957a765ce"'));
    expect(textOf(pushed, 'oid')).toBe('{"_id":{"$eq":{"$oid":"5d438ff23b0b7dd957a765ce"}}}');
    expect(compileFilter(parseFilter('nativeId eq "nobody"')).pushed).toEqual({ kind: 'never' });
  });

  it('keeps here what would make the address too long', () => {
    const parts = Array.from({ length: 40 }, (_, i) => `attributes.f${i} eq "${'ü'.repeat(60)}"`);
    const { pushed, residual } = compileFilter(parseFilter(parts.join(' and ')));
    expect(encodeURIComponent(textOf(pushed, 'oid')).length).toBeLessThan(6_000);
    expect(residual && formatFilter(residual)).toMatch(/f39/);
  });
});

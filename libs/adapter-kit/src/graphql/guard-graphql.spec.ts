import { describe, expect, it } from '@jest/globals';
import { isPlatformError } from '@tributary/contracts';
import fc from 'fast-check';
import { getIntrospectionQuery } from 'graphql';
import { defaultGraphqlLimits, type GraphqlLimits } from './graphql-limits.ts';
import { guardGraphql } from './guard-graphql.ts';

const guard = (query: string, more: { operationName?: string; allowMutations?: boolean } = {}) =>
  guardGraphql({ query, allowMutations: false, ...more });

const refusal = (query: string, more: { operationName?: string; allowMutations?: boolean } = {}): string => {
  try {
    guard(query, more);
  } catch (error) {
    if (isPlatformError(error) && error.code === 'invalid-request') return error.message;
    throw error;
  }
  return 'let through';
};

describe('what is let through', () => {
  it('a query, with what it came with', () => {
    const variables = { first: 10 };
    expect(
      guardGraphql({ query: 'query Q($first: Int) { a(first: $first) { b } }', variables, allowMutations: false }),
    ).toEqual({
      query: 'query Q($first: Int) { a(first: $first) { b } }',
      operation: 'query',
      variables,
    });
  });

  it('a mutation where it is allowed, and the operation that operationName picks', () => {
    const two = 'query A { a } mutation B { b }';
    expect(guard(two, { operationName: 'B', allowMutations: true })).toMatchObject({
      operation: 'mutation',
      operationName: 'B',
    });
    expect(guard(two, { operationName: 'A', allowMutations: true }).operation).toBe('query');
  });

  it('the introspection that every tool sends', () => {
    const options = {
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    };
    expect(guard(getIntrospectionQuery(options)).operation).toBe('query');
  });
});

describe('what is refused, with its reason', () => {
  it.each([
    [/Syntax Error.*line 1, column 5/, '{ a '],
    [/Syntax Error/, ''],
    [/Syntax Error/, '{ a } }'],
    [/subscriptions/, 'subscription { a }'],
    [/subscriptions/, 'query A { a } subscription B { b }'],
    [/mutations are not allowed/, 'mutation { a }'],
    [/mutations are not allowed/, 'query A { a } mutation B { b }'],
    [/defines types/, 'type A { a: Int }'],
    [/no operation/, 'fragment F on A { a }'],
    [/several operations/, 'query A { a } query B { b }'],
    [/twice/, 'query A { a } query A { b }'],
    [/must be the only one/, 'query A { a } { b }'],
    [/F is not defined/, '{ ...F }'],
    [/F contains itself/, '{ ...F } fragment F on A { a { ...F } }'],
    [/contains itself/, '{ a } fragment F on A { ...G } fragment G on A { ...F }'],
    [/defined twice/, '{ ...F } fragment F on A { a } fragment F on A { b }'],
    [/@defer/, '{ a { ... @defer { b } } }'],
    [/@stream/, '{ a @stream { b } }'],
    [/15 levels/, `{ ${'a { '.repeat(15)} a ${'}'.repeat(15)} }`],
    [/50 aliases/, `{ ${Array.from({ length: 51 }, (_, n) => `x${n}: a`).join(' ')} }`],
    [/1000 fields/, `{ ${Array.from({ length: 1001 }, (_, n) => `x${n}`).join(' ')} }`],
    [/10 operations/, Array.from({ length: 11 }, (_, n) => `query Q${n} { a }`).join(' ')],
    [/64 brackets/, `{ a(x: ${'['.repeat(100)}${']'.repeat(100)}) }`],
    [/brackets|tokens/, `{ a(x: ${'['.repeat(30_000)}`],
    [/tokens/, `{ ${'a '.repeat(10_001)}}`],
    [/65536 bytes/, `{ a } # ${'x'.repeat(70_000)}`],
    [
      /3 lists/,
      '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }',
    ],
    [
      /3 introspections/,
      '{ a: __type(name: "A") { name } b: __type(name: "B") { name } c: __schema { queryType { name } } d: __schema { queryType { name } } }',
    ],
  ])('%s', (reason, query) => {
    expect(refusal(query)).toMatch(reason);
  });

  it('a name that no operation has', () => {
    expect(refusal('query A { a }', { operationName: 'B' })).toMatch(/no operation of the name/);
    expect(refusal('{ a }', { operationName: 'B' })).toMatch(/no operation of the name/);
  });

  it('depth that a schema query lends to what stands beside it', () => {
    const deep = `${'a { '.repeat(15)} a ${'}'.repeat(15)}`;
    expect(refusal(`{ __schema { queryType { name } } ${deep} }`)).toMatch(/15 levels/);
  });

  it('variables that are too large', () => {
    const variables = { text: 'x'.repeat(300_000) };
    expect(() => guardGraphql({ query: '{ a }', variables, allowMutations: false })).toThrow(/variables/);
  });

  it('a bomb of fragments that double each other, which nobody could unfold to its end', () => {
    const bomb = Array.from({ length: 60 }, (_, n) => `fragment F${n} on A { ...F${n + 1} ...F${n + 1} }`).join(' ');
    expect(refusal(`{ ...F0 } ${bomb} fragment F60 on A { a }`)).toMatch(/1000 fields/);
  });
});

interface Node {
  alias: boolean;
  fragment: number | undefined;
  below: Node[];
}

const node = (levels: number): fc.Arbitrary<Node> =>
  fc.record({
    alias: fc.boolean(),
    fragment: fc.option(fc.nat(4), { nil: undefined, freq: 2 }),
    below: levels > 0 ? fc.array(node(levels - 1), { maxLength: 2 }) : fc.constant([]),
  });
const nodes = fc.array(node(4), { minLength: 1, maxLength: 4 });

/** Fragment n uses only those after it, so that there are no cycles. */
const text = (list: readonly Node[], least: number): string => `{ ${list.map((n) => selection(n, least)).join(' ')} }`;
const selection = ({ alias, fragment, below }: Node, least: number): string =>
  fragment !== undefined && fragment >= least
    ? `...F${fragment}`
    : `${alias ? 'x: ' : ''}a ${below.length > 0 ? text(below, least) : ''}`;

/** Puts every fragment in its place, the slow way. */
function expanded(list: readonly Node[], fragments: readonly (readonly Node[])[], least: number): Count {
  let count: Count = { fields: 0, aliases: 0, depth: 0 };
  for (const n of list) {
    const used = n.fragment !== undefined && n.fragment >= least;
    const inner = used
      ? expanded(fragments[n.fragment ?? 0] ?? [], fragments, (n.fragment ?? 0) + 1)
      : expanded(n.below, fragments, least);
    count = {
      fields: count.fields + inner.fields + (used ? 0 : 1),
      aliases: count.aliases + inner.aliases + (!used && n.alias ? 1 : 0),
      depth: Math.max(count.depth, inner.depth + (used ? 0 : 1)),
    };
  }
  return count;
}
interface Count {
  fields: number;
  aliases: number;
  depth: number;
}

describe('any document', () => {
  it('is let through just when what it grows to is within the limits', () => {
    const limits = fc.record({
      fields: fc.integer({ min: 1, max: 60 }),
      aliases: fc.nat(20),
      depth: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(nodes, fc.array(nodes, { minLength: 5, maxLength: 5 }), limits, (operation, fragments, limit) => {
        const definitions = fragments.map((list, n) => `fragment F${n} on A ${text(list, n + 1)}`).join('\n');
        const query = `${text(operation, 0)}\n${definitions}`;
        const count = expanded(operation, fragments, 0);
        const fits = count.fields <= limit.fields && count.aliases <= limit.aliases && count.depth <= limit.depth;
        const all: GraphqlLimits = { ...defaultGraphqlLimits, ...limit };
        const run = () => guardGraphql({ query, allowMutations: false }, all);
        if (fits) expect(run().operation).toBe('query');
        else expect(run).toThrow(/more than/);
      }),
      { numRuns: 300 },
    );
  });

  it('and any text at all, either comes out or is refused as invalid', () => {
    const word = fc.constantFrom(
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      '...',
      'query',
      'mutation',
      'subscription',
      'fragment',
      'on',
      'F',
      'a',
      ':',
      '$',
      '@',
      '!',
      '"',
      '"""',
      '\\u{110000}',
      '#',
      '\n',
      '1',
      '-',
      '\ud800',
    );
    const garbage = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word, { maxLength: 60 }).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(garbage, (query) => {
        expect(typeof refusal(query)).toBe('string');
      }),
      { numRuns: 500 },
    );
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compareOperators, type Filter, matchesFilter } from '@tributary/contracts';
import type { Database } from '@tributary/database';
import fc from 'fast-check';
import { type FilterColumns, fieldsOf, filterToSql } from '../src/lists/filter-sql.ts';
import { Parameters } from '../src/lists/sql.ts';
import { makeDatabase } from './world/database.ts';

let scratch: Awaited<ReturnType<typeof makeDatabase>>;
let db: Database;
beforeAll(async () => {
  scratch = await makeDatabase();
  db = scratch.db;
});
afterAll(async () => {
  await scratch.drop();
});

const columns: FilterColumns = {
  name: { type: 'text', sql: 'r.name' },
  code: { type: 'id', sql: 'r.code' },
  load: { type: 'number', sql: 'r.load' },
  on: { type: 'boolean', sql: 'r.on' },
  at: { type: 'instant', sql: 'r.at' },
  'properties.*': { type: 'any', sql: 'r.properties' },
};

// Letters whose case both sides fold alike, characters that LIKE and SQL would trip over, and code points beyond UTF-16.
const text = fc.stringMatching(/^[abAB%_'"\\;é💥 ]{0,4}$/u);
const number = fc.constantFrom(-1.5, 0, 1, 2, 10, 1e9);
const instant = fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-03-29T01:00:00.000Z', '2026-03-29T02:30:00.000Z');
const any = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const record = fc.record({
  name: orNull(text),
  code: orNull(text),
  load: orNull(number),
  on: orNull(fc.boolean()),
  at: orNull(instant),
  properties: fc.record({ a: any, b: fc.record({ c: any }) }, { requiredKeys: [] }),
});
type Row = typeof record extends fc.Arbitrary<infer R> ? R : never;

const compare = (field: string, operators: readonly Filter[] | readonly string[], value: fc.Arbitrary<unknown>) =>
  fc.record({
    kind: fc.constant('compare' as const),
    field: fc.constant(field),
    operator: fc.constantFrom(...(operators as never[])),
    value,
    at: fc.constant(0),
  });
const order = ['gt', 'ge', 'lt', 'le'] as const;
const equal = ['eq', 'ne'] as const;
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  compare('name', compareOperators, text),
  compare('code', compareOperators, text),
  compare('load', [...equal, ...order], number),
  compare('on', equal, fc.boolean()),
  compare('at', [...equal, ...order], instant),
  compare('properties.a', compareOperators, text),
  compare('properties.b.c', [...equal, ...order], number),
  compare('properties.a', equal, fc.boolean()),
  fc
    .constantFrom('name', 'load', 'properties.a', 'properties.b.c', 'at')
    .chain((field) => compare(field, equal, fc.constant(null))),
  fc
    .constantFrom('name', 'code', 'on', 'properties.a', 'properties.b', 'properties.b.c')
    .map((field) => ({ kind: 'present' as const, field, at: 0 })),
) as fc.Arbitrary<Filter>;
const filters = fc.letrec<{ node: Filter }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.record({ kind: fc.constant('not' as const), part: tie('node') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      parts: fc.array(tie('node'), { minLength: 2, maxLength: 3 }),
    }),
  ),
})).node;

const TABLE = `(select x->>'name' as name, x->>'code' as code, (x->>'load')::float8 as load, (x->>'on')::boolean as on,
  (x->>'at')::timestamptz as at, x->'properties' as properties, n from jsonb_array_elements($1::jsonb) with ordinality as t(x, n)) r`;

async function matchedBySql(filter: Filter, rows: Row[]): Promise<number[]> {
  const parameters = new Parameters();
  parameters.values.push(JSON.stringify(rows));
  const where = filterToSql(filter, columns, parameters);
  const result = await db.pool.query<{ n: string; yes: boolean | null }>(
    `select n, ${where} as yes from ${TABLE} order by n`,
    parameters.values,
  );
  expect(result.rows.every((row) => row.yes !== null)).toBe(true);
  return result.rows.filter((row) => row.yes).map((row) => Number(row.n) - 1);
}

describe('filterToSql', () => {
  it('means what matchesFilter means, in Postgres', async () => {
    await fc.assert(
      fc.asyncProperty(filters, fc.array(record, { minLength: 1, maxLength: 8 }), async (filter, rows) => {
        const expected = rows.flatMap((row, i) => (matchesFilter(filter, row, fieldsOf(columns)) ? [i] : []));
        expect(await matchedBySql(filter, rows)).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });
});

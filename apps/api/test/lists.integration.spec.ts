import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ListDefinition, listStatement } from '../src/lists/list-query.ts';
import { makeDatabase } from './world/database.ts';

let scratch: Awaited<ReturnType<typeof makeDatabase>>;
beforeAll(async () => {
  scratch = await makeDatabase();
});
afterAll(async () => {
  await scratch.drop();
});

const definition: ListDefinition = {
  name: 'things',
  select: 'r.id, r.name',
  from: `(select x->>'id' as id, x->>'name' as name, (x->>'at')::timestamptz as at from jsonb_array_elements(current_setting('test.rows')::jsonb) as t(x)) r`,
  filter: { name: { type: 'text', sql: 'r.name' } },
  sort: { name: { sql: 'r.name', type: 'text' }, at: { sql: 'r.at', type: 'timestamptz' } },
  key: { sql: 'r.id', type: 'text' },
};

const rows = fc.uniqueArray(
  fc.record({
    id: fc.stringMatching(/^[a-c]{1,3}$/),
    name: fc.option(fc.stringMatching(/^[aAé_ ]{0,2}$/u), { nil: null }),
    at: fc.option(
      fc.constantFrom('2026-01-01T00:00:00.123456Z', '2026-01-01T00:00:00.123457Z', '1960-01-01T00:00:00Z'),
      { nil: null },
    ),
  }),
  { selector: (row) => row.id, maxLength: 12 },
);

describe('pages of a list', () => {
  it('put together are the whole list, in order, each item once, whatever the order and the size of the pages', async () => {
    const client = await scratch.db.pool.connect();
    try {
      await fc.assert(
        fc.asyncProperty(
          rows,
          fc.constantFrom(undefined, 'name', '-name', 'at', '-at', '-at,name', 'name,-at'),
          fc.integer({ min: 1, max: 5 }),
          async (things, sort, limit) => {
            await client.query(`select set_config('test.rows', $1, false)`, [JSON.stringify(things)]);
            const read = async (request: { limit: number; cursor?: string | undefined }) => {
              const statement = listStatement(definition, { ...request, sort }, () => ['true']);
              return statement.page((await client.query(statement.text, statement.values)).rows);
            };
            const whole = (await read({ limit: 1000 })).rows.map((row) => row.id);
            const pieced: unknown[] = [];
            for (let cursor: string | undefined, first = true; first || cursor; first = false) {
              const page = await read({ limit, cursor });
              pieced.push(...page.rows.map((row) => row.id));
              cursor = page.nextCursor;
            }
            expect(pieced).toEqual(whole);
            expect([...whole].sort()).toEqual(things.map((thing) => thing.id).sort());
          },
        ),
        { numRuns: 150 },
      );
    } finally {
      client.release();
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newEventId, silentLogger } from '@tributary/runtime';
import fc from 'fast-check';
import type pg from 'pg';
import { type FencedDatabase, openFencedDatabase } from '../database.ts';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { seedEveryTable } from '../testing/two-workspaces.ts';
import { inTransaction } from '../transaction.ts';
import { FENCED_ROLE } from './fenced-pool.ts';
import { FenceError, WorkspaceFence } from './workspace-fence.ts';

const REFUSED = { code: '42501' };
/** Tables without a workspace that everybody may know. */
const FOR_ALL = ['platform', 'conservation_horizon', 'freshness_watch', 'telemetry_commit'];

const fence = new WorkspaceFence();
let db: ScratchDatabase;
let fenced: FencedDatabase;
const open = (url: string, poolSize = 4) =>
  openFencedDatabase(fence, { url, log: silentLogger, applicationName: 'test-fence', poolSize });

beforeAll(async () => {
  db = await scratchDatabase();
  await seedEveryTable(db.pool, 'ant');
  await seedEveryTable(db.pool, 'bee');
  fenced = open(db.url);
});
afterAll(async () => {
  await fenced.close();
  await db.drop();
});

/** What the role may do with tables and views, by name as it writes them. */
async function rights(right: 'select' | 'insert' | 'update' | 'delete'): Promise<string[]> {
  const { rows } = await db.pool.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('public', $1) and c.relkind in ('r', 'p', 'v') and has_table_privilege($1, c.oid, $2) order by 1`,
    [FENCED_ROLE, right],
  );
  return rows.map(({ name }) => name).filter((name) => !FOR_ALL.includes(name));
}

const textOf = async (pool: pg.Pool, table: string): Promise<string> => {
  const { rows } = await pool.query<{ row: unknown }>(`select to_jsonb(t) as row from ${table} t`);
  return JSON.stringify(rows);
};

function expectSeeded(table: string, rows: string): void {
  if (rows.includes('bee-only')) return;
  throw new Error(`the api may touch ${table}, and no test does: add a row of it to testing/two-workspaces.ts`);
}

describe('the fence between workspaces', () => {
  it('stands around every table that the api may touch', async () => {
    const { rows } = await db.pool.query<{ name: string }>(
      `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
         and not c.relrowsecurity and has_table_privilege($1, c.oid, 'select, insert, update, delete')`,
      [FENCED_ROLE],
    );
    const open = rows.map(({ name }) => name).filter((name) => !FOR_ALL.includes(name));
    if (open.length > 0)
      throw new Error(`the api may touch ${open} and no policy binds it: see README.md of this package, "A new table"`);
  });

  it('shows of every table the rows of the workspace that is served, and none where none is', async () => {
    const tables = await rights('select');
    expect(tables).toEqual(expect.arrayContaining(['device', 'series', 'series_latest', 'point', 'point_revision']));
    for (const table of tables) {
      expectSeeded(table, await textOf(db.pool, table));
      const seen = await fence.within('ant', () => textOf(fenced.pool, table));
      expect({ table, seen }).toMatchObject({ seen: expect.stringMatching(/ant-only/) });
      expect({ table, seen }).not.toMatchObject({ seen: expect.stringMatching(/bee-only/) });
      for (const nothing of [
        await fence.open(() => textOf(fenced.pool, table)),
        await fence.within('nobody', () => textOf(fenced.pool, table)),
      ])
        expect({ table, nothing }).toEqual({ table, nothing: '[]' });
    }
  });

  it('lets nothing be written for another workspace', async () => {
    for (const table of await rights('insert')) {
      if (table === 'outbox') continue;
      const { rows } = await db.pool.query(
        `select to_jsonb(t) as row from ${table} t where to_jsonb(t)::text like '%bee-only%'`,
      );
      expectSeeded(table, JSON.stringify(rows));
      const copy = () =>
        fenced.pool.query(`insert into ${table} select * from jsonb_populate_record(null::${table}, $1)`, [
          rows[0].row,
        ]);
      await expect(fence.within('ant', copy)).rejects.toMatchObject(REFUSED);
      await expect(fence.open(copy)).rejects.toMatchObject(REFUSED);
    }
  });

  it('lets no row of another workspace be changed, moved there or removed', async () => {
    for (const table of await rights('update')) {
      const { rows: columns } = await db.pool.query<{ name: string }>(
        `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
        [table],
      );
      const [first] = columns;
      const unrestricted = () => fenced.pool.query(`update ${table} set ${first?.name} = ${first?.name}`);
      expect({ table, rows: (await fence.within('ant', unrestricted)).rowCount }).toEqual({ table, rows: 1 });
      if (!columns.some(({ name }) => name === 'workspace_id')) continue;
      const moved = () => fenced.pool.query(`update ${table} set workspace_id = 'bee'`);
      await expect(fence.within('ant', moved)).rejects.toMatchObject(REFUSED);
    }
    for (const table of await rights('delete')) {
      const undone = fence.within('ant', () =>
        inTransaction(fenced.pool, async (tx) => {
          const { rowCount } = await tx.query(`delete from ${table}`);
          throw new Error(`${rowCount} removed`);
        }),
      );
      await expect(undone).rejects.toThrow('1 removed');
    }
  });

  it('takes messages for the bus of the workspace that is served alone, and shows none', async () => {
    const add = (message: object) => () =>
      fenced.pool.query(`insert into outbox (message_id, lane, aggregate, message) values ($1, 0, 'x', $2)`, [
        newEventId(),
        message,
      ]);
    await fence.within('ant', add({ kind: 'event', routing: { workspace: 'ant' } }));
    await fence.within('ant', add({ kind: 'queue', queue: 'q' }));
    await expect(fence.within('ant', add({ routing: { workspace: 'bee' } }))).rejects.toMatchObject(REFUSED);
    await expect(fence.open(add({ kind: 'queue' }))).rejects.toMatchObject(REFUSED);
    await expect(fence.within('ant', () => fenced.pool.query('select * from outbox'))).rejects.toMatchObject(REFUSED);
  });

  it.each(['shared_token', 'adapter_replica', 'public.point', 'public.series_latest', '_prisma_migrations'])(
    'gives no right to %s',
    async (table) => {
      const read = fence.within('ant', () => fenced.pool.query(`select * from ${table}`));
      await expect(read).rejects.toMatchObject(REFUSED);
    },
  );

  it('lets nobody take anything out of the audit log, or change it', async () => {
    expect([await rights('update'), await rights('delete')].flat()).not.toContain('audit_log');
  });

  it('knows whose a series is from its device, whatever is said', async () => {
    await db.pool.query(`update series set workspace_id = 'bee' where signal = 'ant-only'`);
    const { rows } = await db.pool.query(`select workspace_id from series where signal = 'ant-only'`);
    expect(rows).toEqual([{ workspace_id: 'ant' }]);
  });
});

describe('a connection of the pool', () => {
  it('never shows one request what it showed another, however they take turns', async () => {
    const small = open(db.url, 2);
    const step = fc.record({
      workspace: fc.constantFrom('ant', 'bee', undefined),
      kind: fc.constantFrom('query', 'transaction', 'failure'),
      rest: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
        const seen = await Promise.all(
          steps.map(({ workspace, kind, rest }) => look(small, { workspace, kind, rest })),
        );
        expect(seen).toEqual(steps.map(({ workspace }) => (workspace ? [`${workspace}-only`] : [])));
      }),
      { numRuns: 15 },
    );
    await small.close();
  }, 120_000);

  async function look(
    { pool }: FencedDatabase,
    { workspace, kind, rest }: { workspace: string | undefined; kind: string; rest: number },
  ): Promise<string[]> {
    return fence.open(async () => {
      for (let turn = 0; turn < rest; turn += 1) await new Promise(setImmediate);
      if (workspace) fence.enter(workspace);
      if (kind === 'failure') await expect(pool.query('select 1/0')).rejects.toThrow('division');
      const read = (runner: Pick<pg.Pool, 'query'>) => runner.query<{ name: string }>('select name from device');
      const { rows } = kind === 'transaction' ? await inTransaction(pool, read) : await read(pool);
      return rows.map(({ name }) => name);
    });
  }

  it('is not to be had outside a request, and serves one workspace within it', async () => {
    await expect(fenced.pool.query('select 1')).rejects.toThrow(FenceError);
    await expect(fenced.pool.connect()).rejects.toThrow(FenceError);
    expect(() => fence.enter('ant')).toThrow(FenceError);
    expect(() => fence.within('ant', () => fence.enter('bee'))).toThrow(FenceError);
    expect(() => fence.within('', () => undefined)).toThrow(FenceError);
    await fence.within('ant', async () => fence.enter('ant'));
  });

  it('is refused where the role cannot be taken on', async () => {
    const stranger = `test_stranger_${process.pid}`;
    await db.pool.query(`create role ${stranger} login`);
    const url = new URL(db.url);
    url.username = stranger;
    const refused = open(url.href);
    await expect(refused.ready()).rejects.toThrow(/cannot be put up.*GRANT tributary_api TO/);
    await refused.close();
    await db.pool.query(`drop role ${stranger}`);
  });

  it('is refused where the policies are gone', async () => {
    await db.pool.query('alter table connection disable row level security');
    const refused = open(db.url);
    await expect(refused.ready()).rejects.toThrow(/does not hold/);
    await refused.close();
    await db.pool.query('alter table connection enable row level security');
  });
});

import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ManualClock, silentLogger, systemClock } from '@tributary/runtime';
import { openDatabase, openFencedDatabase } from '../database.ts';
import { classifyDatabaseError } from '../database-errors.ts';
import { WorkspaceFence } from '../fence/workspace-fence.ts';
import { dropDatabase } from '../testing/scratch-database.ts';
import { migrate } from './migrate.ts';
import { migrationNames } from './migration-files.ts';

const made: string[] = [];
function newName(): { name: string; url: string } {
  const name = `test_Migrate-${randomBytes(5).toString('hex')}`;
  made.push(name);
  return { name, url: `postgres://root@127.0.0.1:5432/${name}` };
}
afterEach(async () => {
  for (const name of made.splice(0)) await dropDatabase(name);
});

const open = (url: string) => openDatabase({ url, log: silentLogger, applicationName: 'test' });

describe('migrate', () => {
  it('creates the database and applies each migration once, however many start at the same time', async () => {
    const { url } = newName();
    const results = await Promise.all(Array.from({ length: 4 }, () => migrate({ url, log: silentLogger })));
    const names = await migrationNames();
    expect(results.flatMap((r) => r.applied)).toEqual(names);
    const db = open(url);
    await db.ready();
    const { rows } = await db.pool.query('select migration_name as n, finished_at from _prisma_migrations order by 1');
    expect(rows.map((row) => row.n)).toEqual(names);
    expect(await (await db.prisma()).workspace.findMany()).toMatchObject([{ id: 'default' }]);
    await db.close();
    expect(await migrate({ url, log: silentLogger })).toEqual({ applied: [] });
  });

  it('makes partitions from yesterday to next week', async () => {
    const { url } = newName();
    await migrate({ url, log: silentLogger, clock: new ManualClock(Date.UTC(2026, 1, 27, 23, 59)) });
    const db = open(url);
    const { rows } = await db.pool.query(
      `select inhrelid::regclass::text as t from pg_inherits where inhparent = 'point'::regclass order by 1`,
    );
    expect(rows.map((row) => row.t)).toEqual(
      ['0226', '0227', '0228', '0301', '0302', '0303', '0304', '0305', '0306'].map((day) => `point_2026${day}`),
    );
    await db.close();
  });

  it('tries an interrupted migration again', async () => {
    const { url } = newName();
    await migrate({ url, log: silentLogger });
    const db = open(url);
    const [first = '', ...others] = await migrationNames();
    // As a process leaves it that is killed between the start and the end of a migration, which is one transaction.
    await db.pool.query(
      'create schema kept; create table kept._prisma_migrations (like public._prisma_migrations including all); insert into kept._prisma_migrations select * from public._prisma_migrations',
    );
    await db.pool.query('drop schema public cascade; alter schema kept rename to public');
    await db.pool.query('delete from _prisma_migrations where migration_name <> $1', [first]);
    await db.pool.query('update _prisma_migrations set finished_at = null, applied_steps_count = 0');
    await expect(db.ready()).rejects.toThrow(first);
    expect(await migrate({ url, log: silentLogger })).toEqual({ applied: [first, ...others] });
    await db.ready();
    await db.close();
  });
});

describe('a user who is no superuser', () => {
  const user = `test_migrator_${process.pid}`;
  const asSuperuser = async (...statements: string[]) => {
    const db = open('postgres://root@127.0.0.1:5432/postgres');
    for (const statement of statements) await db.pool.query(statement);
    await db.close();
  };

  it('is told what a superuser must grant, and migrates once that is done', async () => {
    const { url, name } = newName();
    await asSuperuser(`create role ${user} login`, `create database "${name}" owner ${user}`);
    const own = new URL(url);
    own.username = user;
    const refused: unknown = await migrate({ url: own.href, log: silentLogger }).catch((error: unknown) => error);
    expect(String(refused)).toContain(`GRANT tributary_api TO ${user};`);
    await asSuperuser(`grant tributary_api to ${user}`);
    expect((await migrate({ url: own.href, log: silentLogger })).applied).not.toEqual([]);
    const fence = new WorkspaceFence();
    const fenced = openFencedDatabase(fence, { url: own.href, log: silentLogger, applicationName: 'test' });
    await fenced.ready();
    const { rows } = await fence.within('default', () => fenced.pool.query('select id from workspace'));
    expect(rows).toEqual([{ id: 'default' }]);
    await fenced.close();
    await dropDatabase(name);
    await asSuperuser(`drop role ${user}`);
  });
});

describe('ready', () => {
  it('tells a database that is behind from one that is away', async () => {
    const { url, name } = newName();
    await migrate({ url, log: silentLogger });
    const db = open(url);
    await db.pool.query('delete from _prisma_migrations');
    const behind: unknown = await db.ready().catch((error: unknown) => error);
    expect(classifyDatabaseError(behind)).toBe('deploy');
    await db.close();
    await dropDatabase(name);
    const away = open(url);
    const missing: unknown = await away.ready().catch((error: unknown) => error);
    expect(classifyDatabaseError(missing)).toBe('environment');
    await away.close();
  });

  it('survives that its connections are ended under it, and comes back', async () => {
    const { url } = newName();
    await migrate({ url, log: silentLogger });
    const db = open(url);
    await db.ready();
    const held = await db.pool.connect();
    await held.query('begin');
    const killer = open(url);
    await killer.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    const lost: unknown = await held.query('select 1').catch((error: unknown) => error);
    expect(classifyDatabaseError(lost)).toBe('environment');
    held.release(true);
    for (;;) {
      const again = await db.ready().then(
        () => true,
        () => false,
      );
      if (again) break;
      await systemClock.sleep(5);
    }
    expect(await (await db.prisma()).platform.findMany()).toEqual([]);
    await killer.close();
    await db.close();
  });
});

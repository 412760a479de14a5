/**
 * Drafts the migration that leads from one schema to another:
 * `node --experimental-strip-types scripts/draft-migration.ts <name> [<the schema as it was>]`, the latter for example
 * from `git show HEAD:libs/database/prisma/schema.prisma`; without it, from nothing. DATABASE_URL names any database
 * that answers; it is not changed. Read what was written before committing it: what Prisma cannot express (partitions,
 * partial indexes, storage parameters) is added by hand.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { migrationsFolder, readSchema } from '../src/migrations/migration-files.ts';
import { externalTables, openSchemaEngine } from '../src/migrations/schema-engine.ts';

const [name, before] = process.argv.slice(2);
if (!name) throw new Error('usage: draft-migration.ts <name> [<the schema as it was>]');
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
const schema = await readSchema();
const engine = await openSchemaEngine(pool, [[schema.path, schema.content]]);
const { stdout } = await engine.diff({
  from: before
    ? { tag: 'schemaDatamodel', files: [{ path: before, content: await readFile(before, 'utf8') }] }
    : { tag: 'empty' },
  to: { tag: 'schemaDatamodel', files: [schema] },
  script: true,
  exitCode: null,
  filters: { externalTables, externalEnums: [] },
});
await pool.end();
const folder = join(migrationsFolder, `${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}_${name}`);
await mkdir(folder);
await writeFile(join(folder, 'migration.sql'), stdout ?? '');
process.stdout.write(`${folder}\n`);

import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The package's folder, the same seen from src/migrations and from dist/migrations. */
const packageRoot = dirname(dirname(import.meta.dirname));
export const migrationsFolder = join(packageRoot, 'prisma/migrations');
const schemaFile = join(packageRoot, 'prisma/schema.prisma');

/** Names of all migrations this code knows, oldest first. */
export async function migrationNames(): Promise<string[]> {
  const entries = await readdir(migrationsFolder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

/** The migrations in the form that the schema engine takes. */
export async function migrationList() {
  const names = await migrationNames();
  const migrationDirectories = await Promise.all(
    names.map(async (path) => ({
      path,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: await readFile(join(migrationsFolder, path, 'migration.sql'), 'utf8') },
      },
    })),
  );
  return {
    baseDir: migrationsFolder,
    lockfile: {
      path: './migration_lock.toml',
      content: await readFile(join(migrationsFolder, 'migration_lock.toml'), 'utf8'),
    },
    shadowDbInitScript: '',
    migrationDirectories,
  };
}

export const readSchema = async (): Promise<{ path: string; content: string }> => ({
  path: schemaFile,
  content: await readFile(schemaFile, 'utf8'),
});

/**
 * Writes the Prisma client to src/generated. Nothing is downloaded: the schema engine, which generating does not need,
 * is pointed at a file that exists. Skipped when the output was made from this very schema and Prisma version.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const schema = join(root, 'prisma/schema.prisma');
const stamp = join(root, 'src/generated/.made-from');
const manifest = createRequire(import.meta.url).resolve('prisma/package.json');

const wanted = createHash('sha256').update(readFileSync(schema)).update(readFileSync(manifest)).digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  const cli = join(dirname(manifest), 'build/index.js');
  const made = spawnSync(process.execPath, [cli, 'generate', '--schema', schema], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
  if (made.status !== 0) {
    process.stderr.write(made.stdout);
    process.exit(made.status ?? 1);
  }
  writeFileSync(stamp, wanted);
}

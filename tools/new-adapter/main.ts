import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isPlatformId, makeRoom } from './make-room.ts';

const root = join(import.meta.dirname, '..', '..');

/** `node tools/new-adapter/main.ts <platform> [<name as people write it>]` */
function main([id, displayName]: string[]): number {
  if (!isPlatformId(id)) {
    process.stderr.write('usage: new-adapter <platform: lower-case letters and digits> [<name as people write it>]\n');
    return 2;
  }
  const name = displayName ?? `${id.slice(0, 1).toUpperCase()}${id.slice(1)}`;
  if (!/^[\w .+-]{1,60}$/.test(name)) {
    process.stderr.write('new-adapter: a name has letters, digits, spaces and .+- only\n');
    return 2;
  }
  let written: string[];
  try {
    written = makeRoom(root, { id, displayName: name });
  } catch (error) {
    process.stderr.write(`new-adapter: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  // A longer name breaks lines elsewhere.
  const rooms = [`apps/adapter-${id}`, `libs/simulators/src/${id}`, 'libs/simulators/src/index.ts'];
  spawnSync(join(root, 'node_modules', '.bin', 'biome'), ['check', '--write', ...rooms], { cwd: root });
  process.stdout.write(`${written.join('\n')}\n\n${next(id)}`);
  return 0;
}

const next = (id: string): string => `Next:
  pnpm install                                     the new package is linked
  apps/adapter-${id}/README.md                     first, from the vendor's documents
  libs/simulators/src/${id}                        then the simulator, from the documents alone
  pnpm probe ${id}                                 log-in works
  pnpm test apps/adapter-${id}                     one capability at a time, until all promises hold
`;

process.exitCode = main(process.argv.slice(2));

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseArming } from './arming.ts';
import { failpoints } from './registry.ts';

const packageFolder = join(import.meta.dirname, '..', '..');
const root = join(packageFolder, '..', '..');

/** Passes `after-seal` three times, as a service does. */
const PROGRAM = `
  import { failpoint } from '@tributary/runtime';
  for (const hit of [1, 2, 3]) {
    try { await failpoint('after-seal'); } catch (error) { console.log(error.message, hit); }
  }
  console.log('end');
`;

function run(conditions: string[], armed: string) {
  const args = [...conditions, '--input-type=module', '-e', PROGRAM];
  const env = { PATH: process.env.PATH ?? '', TRIBUTARY_FAILPOINT: armed };
  return spawnSync(process.execPath, args, { cwd: join(root, 'apps', 'telemetry-ingest'), env, encoding: 'utf8' });
}

describe('a process that was started with failpoints', () => {
  const start = (armed: string) => run(['--conditions=failpoints'], armed);

  it('throws, ends or hangs at the hit that is armed, and says so before', () => {
    expect(start('after-seal:throw:2').stdout).toBe('failpoint after-seal 2\nend\n');
    const ended = start('after-seal:exit');
    expect({ signal: ended.signal, stdout: ended.stdout }).toEqual({ signal: 'SIGKILL', stdout: '' });
    expect(ended.stderr).toContain('{"msg":"failpoint hit","failpoint":"after-seal"}');
    expect(start('after-seal:hang:3:1ms')).toMatchObject({ stdout: 'end\n', status: 0 });
    expect(start('after-ack:exit').stdout).toBe('end\n');
  });

  it('does not start with one that does not exist', () => {
    expect(start('after-seel:exit')).toMatchObject({ status: 1, stdout: '' });
  });
});

describe('a process as it is started in production', () => {
  it('passes every place, whatever the environment says', () => {
    for (const armed of ['after-seal:exit', 'after-seal:throw', 'nonsense'])
      expect(run([], armed)).toMatchObject({ status: 0, stdout: 'end\n', stderr: '' });
  });

  it('has nothing that could be armed among the files of its packages', () => {
    const files = packed(packageFolder);
    expect(files).toContain('dist/index.js');
    expect(files.filter((file) => /armed|arming|registry/.test(file))).toEqual([]);
    const armable = (file: string) => readFileSync(join(packageFolder, file), 'utf8').includes('TRIBUTARY_FAILPOINT');
    expect(files.filter((file) => isOfToday(file) && armable(file))).toEqual([]);
    for (const folder of builtFolders().filter((name) => name !== join(packageFolder, 'dist')))
      expect(grep('TRIBUTARY_FAILPOINT', folder)).toEqual([]);
  });
});

describe('the list of failpoints', () => {
  it('is what the code passes, no more and no less', () => {
    const calls = builtFolders().flatMap((folder) => grep("failpoint('", folder));
    const passed = calls.flatMap((line) => [...line.matchAll(/failpoint\('([a-z-]+)'\)/g)].map(([, name]) => name));
    expect([...new Set(passed)].toSorted()).toEqual(Object.keys(failpoints).toSorted());
  });

  it('is on the page, each with where it is', () => {
    const page = readFileSync(join(root, 'docs', 'failpoints.md'), 'utf8');
    const rows = Object.entries(failpoints).map(([name, { process, at }]) => `| \`${name}\` | ${process} | ${at} |`);
    expect(rows.filter((row) => !page.includes(row))).toEqual([]);
    expect([...page.matchAll(/^\| `/gm)]).toHaveLength(rows.length);
  });

  it('is armed by name, action and hit; anything else is refused', () => {
    expect(parseArming('after-ack:hang:17:2s')).toEqual({ name: 'after-ack', action: 'hang', hit: 17, hangMs: 2_000 });
    expect(parseArming('')).toBeUndefined();
    for (const text of ['after-ack', 'after-ack:leave', 'after-ack:exit:0', 'toString:exit', 'x:exit:1:1s:1'])
      expect(() => parseArming(text)).toThrow(RangeError);
  });
});

/** What an installation of the package gets: `pnpm deploy` takes the same files. */
function packed(folder: string): string[] {
  const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } } as const;
  const json = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { ...options, stdio: 'pipe' });
  const [tarball] = JSON.parse(json) as { files: { path: string }[] }[];
  return tarball?.files.map(({ path }) => path) ?? [];
}

/** A folder that was built before may hold what has no source any more. */
const isOfToday = (file: string) =>
  file.endsWith('.js') && existsSync(join(packageFolder, file.replace('dist', 'src').replace('.js', '.ts')));

/** Of what runs in production: the simulators and the tests' own library do not. */
function builtFolders(): string[] {
  const below = (group: string) => readdirSync(join(root, group)).map((name) => join(root, group, name, 'dist'));
  return ['apps', 'libs'].flatMap(below).filter((folder) => !/\/(testing|simulators|client)\//.test(folder));
}

function grep(text: string, folder: string): string[] {
  const found = spawnSync('grep', ['-rhF', '--include=*.js', text, folder], { encoding: 'utf8' });
  return found.stdout.split('\n').filter((line) => line !== '');
}

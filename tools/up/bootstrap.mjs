// The first steps on a machine that may have nothing but Node 20 and npm: dependencies, then Node 24 from among them.
// Plain JavaScript without dependencies, because there are none yet.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const INSTALL_DEADLINE_MS = 15 * 60_000;

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const bin = join(root, 'node_modules', '.bin');
const stamp = join(root, '.tributary', 'installed');

const fail = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20) fail(`Node ${process.versions.node} is too old: install Node 20 or newer, then run this again.`);

/** What runs now: it gets the signals that reach this process alone, and ends when whoever started us is gone. */
let child;
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child?.kill('SIGTERM'));
// Ctrl-C reaches the whole group by itself; the child says when it is done.
process.on('SIGINT', () => {});
// npm hands SIGTERM to its shell alone, which dies of it without a word to us.
const parent = process.ppid;
if (process.env.npm_lifecycle_event) {
  setInterval(() => process.ppid !== parent && child?.kill('SIGTERM'), 500).unref();
}

/** What the installed files depend on. Not the Node that runs this: after the first time, npm finds ours. */
const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex');

const installed = () =>
  existsSync(join(bin, 'turbo')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash();

/** Runs a command quietly; its last words are shown while it takes long, all of them when it fails. */
function run(title, command, args, env) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  process.stdout.write(`  … ${title}\n`);
  return new Promise((resolve) => {
    child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const sign = setInterval(() => {
      const last = output.trimEnd().split('\n').at(-1) ?? '';
      process.stdout.write(`      ${seconds()} s  ${last.slice(0, 100)}\n`);
    }, 10_000);
    const deadline = setTimeout(() => {
      output += `\nnot done after ${seconds()} s: is the package registry reachable from here?`;
      child.kill('SIGTERM');
    }, INSTALL_DEADLINE_MS);
    child.once('error', (error) => fail(`could not run ${command}: ${error.message}`));
    child.once('close', (code, signal) => {
      clearInterval(sign);
      clearTimeout(deadline);
      if (code !== 0) fail(`${output}\n${title}: ${signal ? `stopped by ${signal}` : `failed (exit code ${code})`}`);
      process.stdout.write(`  ✓ ${title} (${seconds()} s)\n`);
      resolve();
    });
  });
}

async function installDependencies() {
  process.stdout.write('Set-up\n');
  const pnpm = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
  // CI=true keeps pnpm from asking questions.
  await run('dependencies (the first time this takes a minute)', 'npx', ['-y', pnpm, 'install', '--frozen-lockfile'], {
    CI: 'true',
  });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lockHash());
}

/** Node 24 came with the dependencies where there is a build of it that runs; elsewhere the machine's own must do. */
function nodeToUse() {
  const own = join(bin, 'node');
  if (existsSync(own) && spawnSync(own, ['--version']).status === 0) return own;
  if (major > 22 || (major === 22 && minor >= 12)) return process.execPath;
  return fail(
    `No Node 24 that runs on this machine (${process.platform}-${process.arch}) comes with the project: ` +
      'install Node 24, then run this again.',
  );
}

if (!installed()) await installDependencies();

const main = join(root, 'tools', 'up', 'main.ts');
child = spawn(
  nodeToUse(),
  ['--experimental-strip-types', '--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)],
  {
    cwd: root,
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    // The channel tells it when this process dies, however that happens.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  },
);
child.once('exit', (code, signal) => {
  if (signal) fail(`The set-up was ended by ${signal}; what it had started stops by itself.`);
  process.exit(code);
});

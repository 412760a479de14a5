import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { repositoryRoot } from '@tributary/testing/harness';
import type { BackingUrls } from './backing/find.ts';
import { say } from './progress.ts';
import { type JestSummary, testVerdict } from './test-verdict.ts';

/** Twice the two cores that are promised: the longest files mostly wait, for limits and outages to pass. */
const WORKERS = 4;

/** What two busy cores can make late deserves a second look; more files than this that fail together are no accident. */
const MOST_SECOND_ATTEMPTS = 5;

/**
 * Checks, then every test; arguments narrow the tests and leave the checks out. A few files that fail are run
 * once more, alone, and said to have been. Returns the exit code.
 */
export async function runTests(
  urls: BackingUrls,
  { args, signal }: { args: string[]; signal: AbortSignal },
): Promise<number> {
  const env = { ...process.env, ...urls };
  if (args.length === 0) {
    const code = await attached('pnpm', ['run', '--silent', 'check'], { env, signal });
    if (code !== 0) return code;
  }
  const nodeOptions = '--experimental-vm-modules --disable-warning=ExperimentalWarning';
  const how = { env: { ...env, NODE_OPTIONS: nodeOptions }, signal };
  const first = await runJest([`--maxWorkers=${WORKERS}`, ...args], how);
  if (!first) {
    say('the tests did not come to their end');
    return 1;
  }
  const again = args.length === 0 ? secondAttempts(first) : [];
  const second = again.length > 0 ? await runJest(['--runInBand', '--runTestsByPath', ...again], how) : undefined;
  if (second) for (const name of again) say(`second attempt: ${relative(repositoryRoot, name)}`);
  const { passed, failed, skipped, exitCode } = testVerdict(first, second);
  say(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return exitCode;
}

/** Undefined where it did not come to its end. */
async function runJest(args: string[], how: { env: NodeJS.ProcessEnv; signal: AbortSignal }) {
  const folder = join(repositoryRoot, '.tributary');
  const file = join(folder, 'test-summary.json');
  mkdirSync(folder, { recursive: true });
  rmSync(file, { force: true });
  await attached('jest', ['--json', `--outputFile=${file}`, ...args], { ...how, stdout: 'ignore' });
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JestSummary;
  } catch {
    return undefined;
  }
}

function secondAttempts(summary: JestSummary): string[] {
  const failed = summary.testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
  return failed.length <= MOST_SECOND_ATTEMPTS ? failed : [];
}

interface AttachedOptions {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  stdout?: 'inherit' | 'ignore';
}

/** In our own group: Ctrl-C reaches it from the terminal, any other wish to end through `signal`. */
async function attached(command: string, args: string[], { env, signal, stdout = 'inherit' }: AttachedOptions) {
  signal.throwIfAborted();
  const child = spawn(command, args, { cwd: repositoryRoot, env, stdio: ['ignore', stdout, 'inherit'] });
  const end = () => child.kill('SIGTERM');
  signal.addEventListener('abort', end);
  const [code] = (await once(child, 'exit')) as [number | null];
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  return code ?? 1;
}

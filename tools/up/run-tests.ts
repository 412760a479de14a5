import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@tributary/testing/harness';
import type { BackingUrls } from './backing/find.ts';
import { say } from './progress.ts';

interface JestSummary {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numFailedTestSuites: number;
}

/** Checks, then every test; arguments narrow the tests and leave the checks out. Returns the exit code. */
export async function runTests(
  urls: BackingUrls,
  { args, signal }: { args: string[]; signal: AbortSignal },
): Promise<number> {
  const env = { ...process.env, ...urls };
  if (args.length === 0) {
    const code = await attached('pnpm', ['run', '--silent', 'check'], { env, signal });
    if (code !== 0) return code;
  }
  const summaryFile = join(repositoryRoot, '.tributary', 'test-summary.json');
  mkdirSync(join(repositoryRoot, '.tributary'), { recursive: true });
  rmSync(summaryFile, { force: true });
  const jest = ['--json', `--outputFile=${summaryFile}`, '--maxWorkers=2', ...args];
  const nodeOptions = '--experimental-vm-modules --disable-warning=ExperimentalWarning';
  const code = await attached('jest', jest, { env: { ...env, NODE_OPTIONS: nodeOptions }, signal, stdout: 'ignore' });
  try {
    const summary = JSON.parse(readFileSync(summaryFile, 'utf8')) as JestSummary;
    say(`${summary.numPassedTests} passed, ${summary.numFailedTests} failed, ${summary.numPendingTests} skipped`);
    if (summary.numPassedTests === 0) return 1;
  } catch {
    say('the tests did not come to their end');
    return code || 1;
  }
  return code;
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

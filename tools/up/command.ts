import { type ChildProcess, spawn } from 'node:child_process';
import { SetupProblem, step } from './progress.ts';

export interface CommandResult {
  code: number;
  stdout: string;
  /** Everything it printed, in the order in which it came. */
  output: string;
}

export interface CommandOptions {
  env?: NodeJS.ProcessEnv;
  /** The newest line it printed. */
  onLine?: (line: string) => void;
  /** Ends the command; `capture` then throws the signal's reason, once the command is gone. */
  signal?: AbortSignal | undefined;
  deadlineMs?: number;
}

const DEADLINE_MS = 60_000;
const KILL_AFTER_MS = 5_000;
/** A daemon that a command leaves behind may hold its pipes open: its last words are waited for this long. */
const LAST_WORDS_MS = 200;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) killGroup(child, 'SIGKILL');
});

/** Runs a command to its end, keeping what it prints. Code 127 where it cannot be started, 124 where it took too long. */
export async function capture(
  command: string,
  args: readonly string[],
  { env = process.env, onLine, signal, deadlineMs = DEADLINE_MS }: CommandOptions = {},
): Promise<CommandResult> {
  signal?.throwIfAborted();
  // A group of its own: Ctrl-C reaches this process alone, which ends what runs, or lets it finish.
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const printed = { stdout: '', output: '' };
  const take = (chunk: Buffer) => {
    printed.output += chunk;
    onLine?.(lastLine(printed.output));
  };
  child.stdout.on('data', (chunk: Buffer) => {
    printed.stdout += chunk;
  });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', take);
  running.add(child);
  const end = () => endGroup(child);
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    end();
  }, deadlineMs);
  signal?.addEventListener('abort', end);
  const code = await exitCode(child, (message) => take(Buffer.from(message)));
  running.delete(child);
  clearTimeout(deadline);
  signal?.removeEventListener('abort', end);
  signal?.throwIfAborted();
  if (!late) return { code, ...printed };
  return { code: 124, ...printed, output: `${printed.output}\nit was not done after ${deadlineMs / 1000} s` };
}

export const lastLine = (output: string): string => output.trimEnd().split('\n').at(-1) ?? '';

function exitCode(child: ChildProcess, onError: (message: string) => void): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      onError(error.message);
      resolve(127);
    });
    child.once('close', (code) => resolve(code ?? 1));
    child.once('exit', (code) => setTimeout(() => resolve(code ?? 1), LAST_WORDS_MS).unref());
  });
}

function endGroup(child: ChildProcess): void {
  killGroup(child, 'SIGTERM');
  const force = setTimeout(() => killGroup(child, 'SIGKILL'), KILL_AFTER_MS);
  child.once('exit', () => clearTimeout(force));
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Runs a command as a step of the set-up; throws with everything it printed when it fails. */
export async function run(
  title: string,
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<void> {
  await step(title, async (progress) => {
    const result = await capture(command, args, { ...options, onLine: progress });
    if (result.code !== 0)
      throw new SetupProblem(`${result.output}\n${title}: ${command} failed (exit code ${result.code})`);
  });
}

import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { repositoryRoot } from './packages.ts';

export interface ServiceProcessOptions {
  name: string;
  /** Absolute path of the built entry file. */
  entry: string;
  args?: string[];
  env: Record<string, string>;
  /** Called for every line the process prints. */
  onLine?: (line: string) => void;
  /** Whether `arm` may be called; so it may where the environment arms a failpoint. */
  failpoints?: boolean;
}

/** How many of its last lines a process keeps for an error message. */
const KEPT_LINES = 200;
const STOP_GRACE_MS = 30_000;
const ARM_MS = 30_000;

/** The next process of the same code need not compile it again. */
const compileCache = join(repositoryRoot, '.tributary', 'compile-cache');

const inherited = () => ({
  PATH: process.env.PATH ?? '',
  HOME: process.env.HOME ?? '',
  TZ: process.env.TZ ?? 'UTC',
});

export interface ReadyLine {
  msg: 'ready';
  port?: number;
  [key: string]: unknown;
}

/**
 * One service as a real process. It holds an IPC channel to this one, so that it leaves when this process dies, however
 * that happens.
 */
export class ServiceProcess {
  readonly name: string;
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #events = new EventEmitter();
  readonly #hits = new Map<string, number>();
  #ready: ReadyLine | undefined;

  private constructor(options: ServiceProcessOptions) {
    this.name = options.name;
    const armed = options.failpoints || options.env.TRIBUTARY_FAILPOINT !== undefined;
    const node = armed ? ['--conditions=failpoints'] : [];
    this.#child = spawn(process.execPath, [...node, options.entry, ...(options.args ?? [])], {
      env: { ...inherited(), NODE_COMPILE_CACHE: compileCache, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: Ctrl-C reaches only the process that started it, which stops the rest in order.
      detached: true,
    });
    this.exited = once(this.#child, 'exit').then(([code]) => code as number | null);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#take(line, options.onLine));
    }
  }

  /** Starts the process; it is not ready before `ready()` resolves. */
  static spawn(options: ServiceProcessOptions): ServiceProcess {
    return new ServiceProcess(options);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The last lines it printed, for an error message. */
  get output(): string {
    return this.#lines.join('\n');
  }

  /** Every kept line that is a JSON log record. */
  records(): Record<string, unknown>[] {
    return this.#lines.map(parseRecord).filter((record) => record !== undefined);
  }

  /** Resolves with its "ready" record; rejects when it leaves first or takes longer than `timeoutMs`. */
  async ready(timeoutMs = 60_000): Promise<ReadyLine> {
    if (this.#ready) return this.#ready;
    const timeout = AbortSignal.timeout(timeoutMs);
    const left = this.exited.then((code) => {
      throw new Error(`${this.name} left with ${code} before it was ready:\n${this.output}`);
    });
    left.catch(() => undefined);
    try {
      const [line] = await Promise.race([once(this.#events, 'ready', { signal: timeout }), left]);
      return line as ReadyLine;
    } catch (error) {
      if (timeout.aborted) throw new Error(`${this.name} was not ready after ${timeoutMs} ms:\n${this.output}`);
      throw error;
    }
  }

  /**
   * Arms a failpoint (`after-seal:exit:2`) of a process that was started with them, or none (``); resolves once the
   * process has said that it is. What fires says so: see `hits`.
   */
  async arm(failpoint: string): Promise<void> {
    const said = once(this.#events, `armed ${failpoint}`, { signal: AbortSignal.timeout(ARM_MS) });
    const unsent = new Promise<never>((_resolve, reject) => {
      this.#child.send({ failpoint }, (error) => error && reject(error));
    });
    await Promise.race([said, unsent]);
  }

  /** How often this failpoint fired. */
  hits(failpoint: string): number {
    return this.#hits.get(failpoint) ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** SIGKILL, and wait until it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  /** SIGTERM, and SIGKILL after the grace period; resolves with the exit code. */
  async stop(): Promise<number | null> {
    if (!this.running) return this.exited;
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), STOP_GRACE_MS);
    const code = await this.exited;
    clearTimeout(force);
    return code;
  }

  #take(line: string, onLine: ((line: string) => void) | undefined): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
    onLine?.(line);
    const record = parseRecord(line);
    const failpoint = String(record?.failpoint);
    if (record?.msg === 'failpoint armed') this.#events.emit(`armed ${failpoint}`);
    if (record?.msg === 'failpoint hit') this.#hits.set(failpoint, this.hits(failpoint) + 1);
    if ((record?.msg === 'ready' || record?.ready === true) && !this.#ready) {
      this.#ready = record as ReadyLine;
      this.#events.emit('ready', record);
    }
  }
}

function parseRecord(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

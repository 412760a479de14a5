import { type ChildProcess, fork } from 'node:child_process';
import type { Clock, Logger } from '@tributary/runtime';

export interface DecodeProbeOptions {
  clock: Clock;
  log: Logger;
  /** The program that reads bodies; tests bring one that dies. */
  program?: URL;
  timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 5_000;
const START_MS = 10_000;
const IDLE_MS = 60_000;
const MEMORY_MB = 128;
const OWN = import.meta.url;

/**
 * Finds out whether a body can be read, by letting another process read it first, with bounded time and memory. One
 * question at a time. The process is started when first needed and ends when not needed for a minute.
 */
export class DecodeProbe {
  readonly #options: Required<DecodeProbeOptions>;
  #child: ChildProcess | undefined;
  #number = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #cancelIdle: (() => void) | undefined;

  constructor(options: DecodeProbeOptions) {
    const program = new URL(OWN.endsWith('.ts') ? './decode-child.ts' : './decode-child.js', OWN);
    this.#options = { program, timeoutMs: DEFAULT_TIMEOUT_MS, ...options };
  }

  /** False when reading the body ended the other process or took longer than 5 s. */
  readsSafely(body: Buffer): Promise<boolean> {
    const answer = this.#turn.then(() => this.#ask(body));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  close(): void {
    this.#cancelIdle?.();
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #ask(body: Buffer): Promise<boolean> {
    this.#cancelIdle?.();
    const child = this.#child ?? (await this.#start());
    // Without another process there is nobody to ask; the broker's delivery limit is the net that is left.
    if (!child) return true;
    this.#child = child;
    const number = this.#number++;
    const safe = await this.#outcome(child, number, body);
    if (!safe) this.close();
    else this.#cancelIdle = this.#options.clock.after(IDLE_MS, () => this.close());
    return safe;
  }

  #outcome(child: ChildProcess, number: number, body: Buffer): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const onMessage = (message: unknown) => {
      if ((message as { number?: number }).number === number) resolve(true);
    };
    const onGone = () => resolve(false);
    const cancel = this.#options.clock.after(this.#options.timeoutMs, onGone);
    child.on('message', onMessage);
    child.once('exit', onGone);
    child.once('error', onGone);
    child.send({ number, body }, (error) => {
      if (error) resolve(false);
    });
    return promise.finally(() => {
      cancel();
      child.off('message', onMessage);
      child.off('exit', onGone);
      child.off('error', onGone);
    });
  }

  async #start(): Promise<ChildProcess | undefined> {
    const { program, clock, log } = this.#options;
    const child = fork(program, {
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${MEMORY_MB}`, ...(program.href.endsWith('.ts') ? ['--conditions=source'] : [])],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: {},
    });
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const cancel = clock.after(START_MS, () => resolve(false));
    child.once('message', () => resolve(true));
    child.once('exit', () => resolve(false));
    // Stays, so that a later failure of the channel is no uncaught error.
    child.on('error', () => resolve(false));
    const started = await promise.finally(cancel);
    if (started) return child;
    log.error('no process could be started that reads suspicious messages');
    child.kill('SIGKILL');
    return undefined;
  }
}

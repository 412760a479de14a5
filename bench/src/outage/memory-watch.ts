import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { residentBytes } from '../measuring/processes.ts';
import { percentile } from '../measuring/statistics.ts';

/** Options of Node for a process that is watched. */
export const WATCHED = `--import=file://${fileURLToPath(new URL('./memory-probe.ts', import.meta.url))}`;
const SAMPLE_MS = 1_000;
const ANSWER_MS = 60_000;

/** What is left after a collection. Bytes. */
export interface Held {
  heapUsed: number;
  external: number;
}

/** Memory of one process over time: resident all the time, and what it holds whenever that is asked. */
export class MemoryWatch {
  readonly #process: { pid: number; signal(signal: NodeJS.Signals): void };
  readonly #said = new EventEmitter();
  readonly #resident: { phase: string; bytes: number }[] = [];
  readonly #timer: NodeJS.Timeout;
  phase = '';

  constructor(process: { pid: number; signal(signal: NodeJS.Signals): void }) {
    this.#process = process;
    this.#timer = setInterval(() => {
      this.#resident.push({ phase: this.phase, bytes: residentBytes(process.pid) });
    }, SAMPLE_MS);
  }

  /** To be given every line that the process prints. */
  read(line: string): void {
    if (line.startsWith('{"msg":"memory held"')) this.#said.emit('held', JSON.parse(line));
  }

  async held(): Promise<Held> {
    const said = once(this.#said, 'held', { signal: AbortSignal.timeout(ANSWER_MS) });
    this.#process.signal('SIGUSR2');
    const [held] = await said;
    return held as Held;
  }

  /** Resident bytes in these phases; a `share` of 0.5 is the median, 1 the most. */
  resident(phases: readonly string[], share: number): number {
    return percentile(
      this.#resident.filter(({ phase }) => phases.includes(phase)).map(({ bytes }) => bytes),
      share,
    );
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

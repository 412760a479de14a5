import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import './leave-with-parent.ts';

/** A program of this folder in a process of its own, asked over IPC: one question, one answer, one at a time. */
export class Child<Question, Answer> {
  readonly #process: ChildProcess;

  constructor(program: string, env: Record<string, string>) {
    const entry = fileURLToPath(new URL(`../${program}`, import.meta.url));
    this.#process = fork(entry, [], { env: { PATH: process.env.PATH ?? '', ...env } });
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  /** Rejects when the program fails or leaves. */
  async ask(question: Question): Promise<Answer> {
    const left = new AbortController();
    const exit = once(this.#process, 'exit', { signal: left.signal }).then(([code]) => {
      throw new Error(`a measuring program left with ${code}`);
    });
    exit.catch(() => undefined);
    const answer = once(this.#process, 'message', { signal: left.signal });
    answer.catch(() => undefined);
    this.#process.send(question as object);
    try {
      const [{ ok, error }] = (await Promise.race([answer, exit])) as [{ ok?: Answer; error?: string }];
      if (error !== undefined) throw new Error(error);
      return ok as Answer;
    } finally {
      left.abort();
    }
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await gone;
  }
}

/** The other end: answers each question with what `work` gives. */
export function answerQuestions<Question, Answer>(work: (question: Question) => Promise<Answer>): void {
  process.on('message', async (question) => {
    try {
      process.send?.({ ok: await work(question as Question) });
    } catch (error) {
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
}

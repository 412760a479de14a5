import { CallTrail, currentTrail, onTrail } from './lineage/call-trail.ts';
import type { DataSource } from './lineage/data-source.ts';

/**
 * Runs `work` over `inputs`, at most `concurrency` at once, and yields what each brings as it comes. Nothing is read
 * ahead of the consumer beyond one item per running input, so memory stays flat. The first failure ends all: the
 * signal handed to `work` aborts, and the failure is thrown. Leaving the loop early aborts the rest as well.
 */
export async function* interleave<I, O>(
  inputs: Iterable<I>,
  concurrency: number,
  work: (input: I, signal: AbortSignal) => AsyncIterable<O>,
  signal: AbortSignal,
): AsyncGenerator<O, void, undefined> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const waiting = inputs[Symbol.iterator]();
  const running = new Map<Strand<O>, Promise<Step<O>>>();
  const outer = currentTrail();
  const step = (strand: Strand<O>) =>
    running.set(
      strand,
      strand.next().then((result) => ({ strand, result })),
    );
  const fill = () => {
    while (running.size < concurrency) {
      const next = waiting.next();
      if (next.done) return;
      step(new Strand(work(next.value, both)[Symbol.asyncIterator](), outer !== undefined));
    }
  };
  try {
    for (fill(); running.size > 0; fill()) {
      signal.throwIfAborted();
      const { strand, result } = await Promise.race(running.values());
      running.delete(strand);
      if (result.done) continue;
      // Before it goes on: what it reads next brings what comes next.
      outer?.brought(strand.source());
      step(strand);
      yield result.value;
    }
  } finally {
    stop.abort();
    await settle(running);
  }
}

/** One input's iteration, with a trail of its own where somebody keeps one: its calls brought what it yields, no others. */
class Strand<O> {
  readonly #iterator: AsyncIterator<O>;
  readonly #trail: CallTrail | undefined;

  constructor(iterator: AsyncIterator<O>, traced: boolean) {
    this.#iterator = iterator;
    this.#trail = traced ? new CallTrail() : undefined;
  }

  next(): Promise<IteratorResult<O>> {
    return this.#trail ? onTrail(this.#trail, () => this.#iterator.next()) : this.#iterator.next();
  }

  source(): DataSource | undefined {
    return this.#trail?.take();
  }

  async end(): Promise<void> {
    await this.#iterator.return?.();
  }
}

interface Step<O> {
  strand: Strand<O>;
  result: IteratorResult<O>;
}

/** What was under way is let finish or fail: its outcome no longer matters, its resources do. */
async function settle<O>(running: Map<Strand<O>, Promise<Step<O>>>): Promise<void> {
  await Promise.allSettled([...running].map(([strand, step]) => step.then(() => strand.end())));
}

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
  const running = new Map<AsyncIterator<O>, Promise<Step<O>>>();
  const step = (iterator: AsyncIterator<O>) =>
    running.set(
      iterator,
      iterator.next().then((result) => ({ iterator, result })),
    );
  const fill = () => {
    while (running.size < concurrency) {
      const next = waiting.next();
      if (next.done) return;
      step(work(next.value, both)[Symbol.asyncIterator]());
    }
  };
  try {
    for (fill(); running.size > 0; fill()) {
      signal.throwIfAborted();
      const { iterator, result } = await Promise.race(running.values());
      running.delete(iterator);
      if (result.done) continue;
      step(iterator);
      yield result.value;
    }
  } finally {
    stop.abort();
    await settle(running);
  }
}

interface Step<O> {
  iterator: AsyncIterator<O>;
  result: IteratorResult<O>;
}

/** What was under way is let finish or fail: its outcome no longer matters, its resources do. */
async function settle<O>(running: Map<AsyncIterator<O>, Promise<Step<O>>>): Promise<void> {
  await Promise.allSettled([...running].map(([iterator, step]) => step.then(() => iterator.return?.())));
}

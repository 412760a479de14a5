/**
 * Runs `work` over `inputs`, at most `concurrency` (1 or more) at once. Resolves when all are done. The first failure
 * aborts the signal of the others, waits until they have ended, and is thrown; nothing new is started after it.
 */
export async function each<T>(
  inputs: Iterable<T>,
  concurrency: number,
  work: (input: T, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (!Number.isInteger(concurrency) || concurrency < 1) throw new RangeError('concurrency must be 1 or more');
  signal.throwIfAborted();
  const stop = new AbortController();
  const all = AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  const iterator = inputs[Symbol.iterator]();
  const worker = async () => {
    try {
      while (!all.aborted) {
        const next = iterator.next();
        if (next.done) return;
        await work(next.value, all);
      }
    } catch (error) {
      failures.push(error);
      stop.abort(error);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  iterator.return?.();
  if (failures.length > 0) throw failures[0];
  signal.throwIfAborted();
}

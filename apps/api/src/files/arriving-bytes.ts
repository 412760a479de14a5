import type { Readable } from 'node:stream';
import type { Clock } from '@tributary/runtime';
import { badRequest, ProblemError } from '../http/problem-error.ts';

/** Silence of a caller in the middle of a body. */
const SILENCE_MS = 60_000;

/**
 * A body as it arrives, at the pace of whoever takes it. Throws 413 at the first byte too many, 400 when nothing comes for
 * a minute or the caller goes away. The stream itself is left as it is, so that the request can still be answered.
 */
export async function* arrivingBytes(
  source: Readable,
  { limit, clock }: { limit: number; clock: Clock },
): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = source.iterator({ destroyOnReturn: false });
  let count = 0;
  try {
    for (;;) {
      const next = await within(chunks.next(), clock);
      if (next.done) return;
      count += next.value.byteLength;
      if (count > limit) throw tooLarge(limit);
      yield next.value;
    }
  } finally {
    // Not waited for: a stream that is silent would not answer.
    chunks.return?.().catch(() => undefined);
  }
}

export const tooLarge = (limit: number): ProblemError =>
  new ProblemError('payload-too-large', `A file may have ${limit} bytes at most.`);

async function within<T>(step: Promise<T>, clock: Clock): Promise<T> {
  let cancel = () => {};
  const silence = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(SILENCE_MS, () => reject(broken('nothing has come for a minute')));
  });
  try {
    return await Promise.race([step, silence]);
  } catch (error) {
    throw error instanceof ProblemError ? error : broken('broke off before its end', error);
  } finally {
    cancel();
  }
}

function broken(detail: string, cause?: unknown): ProblemError {
  const problem = badRequest([{ pointer: '/body', detail }]);
  return new ProblemError(problem.code, problem.detail, { ...problem.options, cause });
}

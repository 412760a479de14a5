import type { IncomingMessage } from 'node:http';
import { InvalidRequestError } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';

/** What is wrong with a body that somebody sends us, and the status that says so. */
export class BodyProblem extends InvalidRequestError {
  constructor(
    readonly status: 400 | 408 | 413,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? {} : { cause });
  }
}

export interface BodyLimits {
  /** As it was announced; a body of any other size is refused. */
  sizeBytes: number | undefined;
  maxBytes: number;
  /** Longest silence of the sender, counted only while we want to read. */
  idleMs: number;
  clock: Clock;
}

/** Throws `BodyProblem` before a byte is read when the head of the request already promises too much. */
export function checkAnnounced(request: IncomingMessage, { sizeBytes, maxBytes }: BodyLimits): void {
  const length = request.headers['content-length'];
  if (length === undefined) return;
  if (Number(length) > maxBytes) throw new BodyProblem(413, `a file may have ${maxBytes} bytes at most`);
  if (sizeBytes !== undefined && Number(length) !== sizeBytes) {
    throw new BodyProblem(400, 'the file has another size than announced');
  }
}

/** The body at the reader's pace. Breaks off with `BodyProblem`, or with the reason of `signal`. */
export async function* incomingBytes(
  request: IncomingMessage,
  limits: BodyLimits,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const { sizeBytes, maxBytes } = limits;
  const most = Math.min(maxBytes, sizeBytes ?? maxBytes);
  const chunks: AsyncIterator<Uint8Array> = request[Symbol.asyncIterator]();
  let count = 0;
  // One chunk is held back until it is known what follows: a platform that has had every announced byte takes the file
  // for whole, and would keep the beginning of one that is longer.
  let held: Uint8Array | undefined;
  for (;;) {
    const next = await nextChunk(chunks, limits, signal);
    if (next.done) break;
    count += next.value.byteLength;
    if (count > most) throw tooLong(count, limits);
    if (held) yield held;
    held = next.value;
  }
  if (sizeBytes !== undefined && count < sizeBytes) throw new BodyProblem(400, 'the file is shorter than announced');
  if (held) yield held;
}

const tooLong = (count: number, { maxBytes }: BodyLimits) =>
  count > maxBytes
    ? new BodyProblem(413, `a file may have ${maxBytes} bytes at most`)
    : new BodyProblem(400, 'the file is longer than announced');

/** Only what belongs to this one chunk is kept while it is awaited: a promise that lives longer would hold every chunk. */
async function nextChunk(
  chunks: AsyncIterator<Uint8Array>,
  { clock, idleMs }: BodyLimits,
  signal: AbortSignal,
): Promise<IteratorResult<Uint8Array>> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const cancel = clock.after(idleMs, () => reject(new BodyProblem(408, 'the upload stood still for too long')));
  const next = chunks.next().catch((error: unknown) => {
    throw new BodyProblem(400, 'the upload broke off', error);
  });
  try {
    return await Promise.race([next, promise]);
  } finally {
    cancel();
    signal.removeEventListener('abort', abort);
  }
}

import { type Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { MalformedResponseError } from '@tributary/contracts';

/** Beyond this many bytes out for one in, an answer is an attack; smaller answers may compress as well as they like. */
const MAX_RATIO = 200;
const RATIO_COUNTS_FROM = 4 * 1024 * 1024;
const CHUNK = 64 * 1024;

export const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
export const DEFAULT_MAX_STREAM_BYTES = 512 * 1024 * 1024;

function decoderFor(operation: string, encoding: string | undefined): Transform | undefined {
  const name = encoding?.trim().toLowerCase();
  if (!name || name === 'identity') return undefined;
  if (name === 'gzip' || name === 'x-gzip') return createGunzip({ chunkSize: CHUNK });
  if (name === 'br') return createBrotliDecompress({ chunkSize: CHUNK });
  throw new MalformedResponseError(`${operation}: the answer has a content encoding that was not asked for`);
}

/** Passes bytes on and fails beyond `max`. */
function counted(operation: string, max: number, seen: { bytes: number }): Transform {
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      seen.bytes += chunk.length;
      if (seen.bytes > max) done(new MalformedResponseError(`${operation}: the answer is larger than ${max} bytes`));
      else done(null, chunk);
    },
  });
}

/**
 * The answer's bytes, decompressed. Fails with `MalformedResponseError` above `maxBytes` (on the wire or decompressed)
 * or when the compression is out of all proportion. Leaving the loop early frees the connection.
 */
export async function* answerBytes(
  operation: string,
  body: Readable,
  encoding: string | undefined,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  // Destroyed before its end it complains; whoever destroys it knows.
  body.on('error', () => undefined);
  const wire = { bytes: 0 };
  let decoder: Transform | undefined;
  try {
    decoder = decoderFor(operation, encoding);
  } catch (error) {
    body.destroy();
    throw error;
  }
  const counter = counted(operation, maxBytes, wire);
  const stages = decoder ? [counter, decoder] : [counter];
  const out = connect(body, stages);
  let bytes = 0;
  try {
    for await (const chunk of out as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > maxBytes)
        throw new MalformedResponseError(`${operation}: the answer is larger than ${maxBytes} bytes`);
      if (bytes > RATIO_COUNTS_FROM && bytes > wire.bytes * MAX_RATIO) {
        throw new MalformedResponseError(`${operation}: the answer is compressed out of all proportion`);
      }
      yield chunk;
    }
  } finally {
    for (const stage of [body, ...stages]) stage.destroy();
  }
}

/** Like `pipeline`, but the last stage is left to be read, and any failure surfaces there. */
function connect(body: Readable, stages: Transform[]): Readable {
  let last: Readable = body;
  for (const stage of stages) {
    const before = last;
    before.on('error', (error) => stage.destroy(error));
    // A body that is cut closes without an end.
    before.on('close', () => {
      if (!before.readableEnded && !stage.destroyed) stage.destroy(before.errored ?? new CutBodyError());
    });
    before.pipe(stage);
    last = stage;
  }
  return last;
}

class CutBodyError extends Error {
  readonly code = 'UND_ERR_SOCKET';
}

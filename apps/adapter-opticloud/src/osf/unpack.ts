import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createInflate } from 'node:zlib';
import { MalformedResponseError } from '@tributary/contracts';
import yauzl from 'yauzl';
import { kindOf, peek } from '../content-kind.ts';

/**
 * The bytes of a measurement file, whatever it was packed in: gzip as devices do today, zlib as they did, plain, or the
 * only entry of a ZIP. Fails with `MalformedResponseError` beyond `maxBytes` unpacked. A packed file that was cut off
 * gives what it still holds.
 */
export async function* unpack(
  packed: AsyncIterable<Uint8Array>,
  maxBytes: number,
  insideZip = false,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { head, bytes } = await peek(packed);
  // A file that was cut off must not fail as a whole: what is there is flushed.
  const lenient = { finishFlush: constants.Z_SYNC_FLUSH };
  switch (kindOf(head)) {
    case 'gzip':
      return yield* limited(through(bytes, createGunzip(lenient)), maxBytes);
    case 'zlib':
      return yield* limited(through(bytes, createInflate(lenient)), maxBytes);
    case 'zip':
      if (insideZip) throw new MalformedResponseError('a ZIP inside a ZIP');
      return yield* unpack(await onlyEntry(bytes, maxBytes), maxBytes, true);
    default:
      return yield* limited(bytes, maxBytes);
  }
}

async function* limited(source: AsyncIterable<Uint8Array>, maxBytes: number) {
  let length = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > maxBytes) throw new MalformedResponseError(`a file that unpacks to more than ${maxBytes} bytes`);
    yield chunk;
  }
}

async function* through(bytes: AsyncIterable<Uint8Array>, decoder: Transform): AsyncGenerator<Uint8Array> {
  // The decoder carries every failure of the pipeline to who reads it.
  const running = pipeline(Readable.from(bytes, { objectMode: false }), decoder).catch(() => undefined);
  try {
    yield* decoder as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw isZlibFailure(cause) ? new MalformedResponseError('a file that does not unpack', { cause }) : cause;
  } finally {
    decoder.destroy();
    await running;
  }
}

const isZlibFailure = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && String(error.code).startsWith('Z_');

/** A ZIP is read from its end, so it is held whole; its entry names are never used. */
async function onlyEntry(bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Readable> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of limited(bytes, maxBytes)) chunks.push(chunk);
  try {
    const zip = await yauzl.fromBufferPromise(Buffer.concat(chunks));
    const entries: yauzl.Entry[] = [];
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith('/')) entries.push(entry);
      if (entries.length > 1) throw new RangeError('several entries');
    }
    const [entry] = entries;
    if (!entry) throw new RangeError('no entry');
    return await zip.openReadStreamPromise(entry);
  } catch (cause) {
    throw new MalformedResponseError('a ZIP that does not hold exactly one file', { cause });
  }
}

import { createHash } from 'node:crypto';
import { MalformedResponseError } from '@tributary/contracts';

/**
 * Passes bytes on while it digests them. Breaks off with `MalformedResponseError` when there are more or fewer than
 * announced. `value` is for after the end: RFC 9530, `sha-256=:…:`.
 */
export function digesting(
  source: AsyncIterable<Uint8Array>,
  sizeBytes: number | undefined,
  onBytes: (count: number) => void,
): { bytes: AsyncIterable<Uint8Array>; value: () => string } {
  const hash = createHash('sha256');
  async function* bytes() {
    let count = 0;
    for await (const chunk of source) {
      count += chunk.byteLength;
      if (sizeBytes !== undefined && count > sizeBytes)
        throw new MalformedResponseError('the file is longer than announced');
      hash.update(chunk);
      onBytes(chunk.byteLength);
      yield chunk;
    }
    if (sizeBytes !== undefined && count < sizeBytes)
      throw new MalformedResponseError('the file is shorter than announced');
  }
  return { bytes: bytes(), value: () => `sha-256=:${hash.digest('base64')}:` };
}

import type { Readable } from 'node:stream';
import type { Clock } from '@tributary/runtime';

/** More of an answer is not read. */
const MOST_BYTES = 4_096;

/**
 * The first bytes of an answer: what comes within `forMs`, and never more than a few thousand. An answer that has ended by
 * then leaves its connection to the next request; any other is cut off.
 */
export function beginningOf(body: Readable, forMs: number, clock: Clock): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const end = () => {
      cancel();
      body.destroy();
      resolve(Buffer.concat(chunks).subarray(0, MOST_BYTES));
    };
    const cancel = clock.after(forMs, end);
    body.on('data', (chunk: Uint8Array) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MOST_BYTES) end();
    });
    body.once('end', end);
    // An answer that breaks off has been decided by its status already.
    body.on('error', end);
    body.once('close', end);
  });
}

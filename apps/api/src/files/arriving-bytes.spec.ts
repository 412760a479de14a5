import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@tributary/runtime';
import { arrivingBytes } from './arriving-bytes.ts';

const read = async (bytes: AsyncIterable<Uint8Array>): Promise<number> => {
  let count = 0;
  for await (const chunk of bytes) count += chunk.byteLength;
  return count;
};
const failure = (bytes: AsyncIterable<Uint8Array>) =>
  read(bytes).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('arrivingBytes', () => {
  it('gives a body of exactly the limit, and breaks off at one byte more', async () => {
    const body = (size: number) => {
      const source = new PassThrough();
      source.end(Buffer.alloc(size));
      return arrivingBytes(source, { limit: 10, clock: new ManualClock() });
    };
    expect(await read(body(10))).toBe(10);
    expect(await failure(body(11))).toMatchObject({ code: 'payload-too-large' });
  });

  it('gives up after a minute of silence, and leaves the stream to whoever answers the request', async () => {
    const clock = new ManualClock();
    const source = new PassThrough();
    const outcome = failure(arrivingBytes(source, { limit: 100, clock }));
    for (let n = 0; n < 3; n += 1) {
      source.write('still there');
      await clock.advance(59_000);
    }
    await clock.advance(2_000);
    expect(await outcome).toMatchObject({ code: 'invalid-request' });
    expect(source.destroyed).toBe(false);
  });

  it('says that a body broke off', async () => {
    const source = new PassThrough();
    const outcome = failure(arrivingBytes(source, { limit: 100, clock: new ManualClock() }));
    source.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
    expect(await outcome).toMatchObject({ code: 'invalid-request', options: { errors: [{ pointer: '/body' }] } });
  });
});

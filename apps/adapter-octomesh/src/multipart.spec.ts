import { describe, expect, it } from '@jest/globals';
import { multipart } from './multipart.ts';

async function* bytes() {
  yield Buffer.from('one');
  yield Buffer.from('two');
}

async function textOf(parts: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of parts) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe('multipart', () => {
  it('holds one part with the bytes as they come, and knows its length', async () => {
    const body = multipart('file', {
      name: 'a.txt',
      mediaType: 'text/plain; charset=utf-8',
      sizeBytes: 6,
      bytes: bytes(),
    });
    const text = await textOf(body.bytes);
    const boundary = /boundary=(\S+)$/.exec(body.mediaType)?.[1] ?? '';
    expect(text).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nonetwo\r\n--${boundary}--\r\n`,
    );
    expect(body.sizeBytes).toBe(Buffer.byteLength(text));
    expect(multipart('file', { name: 'a', mediaType: 'text/plain', bytes: bytes() }).sizeBytes).toBeUndefined();
  });

  it('lets no name or type write a header of its own', async () => {
    const file = { name: 'a"\r\nX-Evil: 1\r\n\ud800.txt', mediaType: 'text/plain\r\nX-Evil: 1', bytes: bytes() };
    const text = await textOf(multipart('file', file).bytes);
    expect(text).not.toMatch(/^X-Evil/m);
    expect(text).toContain('Content-Type: application/octet-stream');
  });
});

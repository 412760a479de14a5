import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import yazl from 'yazl';
import { unpack } from './unpack.ts';

const MAX = 1_000_000;

async function* once(bytes: Buffer) {
  yield bytes;
}

async function unpacked(bytes: Buffer, max = MAX): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of unpack(once(bytes), max)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function zip(...entries: [string, Buffer][]): Promise<Buffer> {
  const file = new yazl.ZipFile();
  for (const [name, bytes] of entries) file.addBuffer(bytes, name);
  file.end();
  const chunks: Buffer[] = [];
  for await (const chunk of file.outputStream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

const plain = Buffer.from('OSF4 3\nabc and something more');

describe('unpack', () => {
  it.each([
    ['plain', plain],
    ['gzip', gzipSync(plain)],
    ['zlib', deflateSync(plain)],
  ])('reads %s', async (_name, bytes) => {
    expect(await unpacked(bytes)).toBe(plain.toString());
  });

  it('reads the only file of a ZIP, packed or not', async () => {
    expect(await unpacked(await zip(['x.osfz', gzipSync(plain)]))).toBe(plain.toString());
    expect(await unpacked(await zip(['x.osf', plain]))).toBe(plain.toString());
  });

  it('refuses a ZIP of several, of none, and in a ZIP', async () => {
    await expect(unpacked(await zip(['a', plain], ['b', plain]))).rejects.toMatchObject({ code: 'malformed-response' });
    await expect(unpacked(await zip())).rejects.toMatchObject({ code: 'malformed-response' });
    await expect(unpacked(await zip(['a', await zip(['b', plain])]))).rejects.toMatchObject({
      code: 'malformed-response',
    });
  });

  it('stops at the size it was given, packed or plain', async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000));
    await expect(unpacked(bomb, 100_000)).rejects.toMatchObject({ code: 'malformed-response' });
    await expect(unpacked(plain, 10)).rejects.toMatchObject({ code: 'malformed-response' });
  });

  it('gives what a packed file still holds when it was cut off', async () => {
    const noise = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 7919) % 251));
    const packed = gzipSync(noise);
    const half = await unpacked(packed.subarray(0, packed.length / 2));
    expect(half.length).toBeGreaterThan(0);
  });

  it('says that a packed file is damaged', async () => {
    const packed = gzipSync(Buffer.from('x'.repeat(10_000)));
    packed.fill(0xff, 12, 30);
    await expect(unpacked(packed)).rejects.toMatchObject({ code: 'malformed-response' });
  });

  it('passes a failure of its source on', async () => {
    async function* failing() {
      yield gzipSync(plain).subarray(0, 20);
      throw new RangeError('cut');
    }
    const read = async () => {
      for await (const chunk of unpack(failing(), MAX)) void chunk;
    };
    await expect(read()).rejects.toThrow('cut');
  });
});

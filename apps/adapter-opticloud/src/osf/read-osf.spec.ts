import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { block, f32, f64, header, i64, jsonHeader, u8, u16, u32, u64 } from '../../test/osf/build-osf.ts';
import { newReport, readOsf } from './read-osf.ts';

const T = 1_750_000_000_000_000_000n;
const COUNTED = 0x80;

async function read(file: Buffer, chunk = file.length) {
  const report = newReport();
  const found: [string, bigint, unknown][] = [];
  async function* bytes() {
    for (let at = 0; at < file.length; at += Math.max(1, chunk)) yield file.subarray(at, at + Math.max(1, chunk));
  }
  for await (const samples of readOsf(bytes(), report)) {
    found.push(...samples.map(({ channel, ns, value }): [string, bigint, unknown] => [channel.name, ns, value]));
  }
  return { found, report };
}

const double = { index: 0, name: 'a', datatype: 'double' };

describe('readOsf: values', () => {
  it.each([
    ['bool', u8(2), true],
    ['int8', u8(0xff), -1],
    ['uint8', u8(0xff), 255],
    ['int16', u16(0x8000), -32768],
    ['uint16', u16(0x8000), 32768],
    ['int32', u32(0xffffffff), -1],
    ['uint32', u32(0xffffffff), 4294967295],
    ['int64', i64(-9007199254740993n), '-9007199254740993'],
    ['int64', i64(-5n), -5],
    ['uint64', u64(18446744073709551615n), '18446744073709551615'],
    ['float', f32(0.5), 0.5],
    ['double', f64(0.1), 0.1],
    ['gpslocation', Buffer.concat([f64(47.1), f64(8.5), f64(400)]), { lat: 47.1, lon: 8.5, alt: 400 }],
  ])('reads %s', async (datatype, bytes, value) => {
    const file = Buffer.concat([header([{ ...double, datatype }]), block(0, 8, [i64(T), bytes])]);
    expect((await read(file)).found).toEqual([['a', T, value]]);
  });

  it('scales old integer channels', async () => {
    const file = Buffer.concat([
      header([{ ...double, datatype: 'int16', scale: 0.5, offset: 10 }]),
      block(0, 8, [i64(T), u16(4)]),
    ]);
    expect((await read(file)).found).toEqual([['a', T, 12]]);
  });

  it('reads text of both kinds of block, in either version', async () => {
    const text = { index: 0, name: 't', datatype: 'string' };
    const message = block(0, 4, [i64(T), u32(3), Buffer.from('x\u00fc')]);
    const terminated = block(0, 4, [i64(T), u32(2), Buffer.from('y\0')]);
    const v4 = Buffer.concat([header([text]), message, terminated, block(0, 8, [i64(T), Buffer.from('abc\0')])]);
    expect((await read(v4)).found.map(([, , value]) => value)).toEqual(['xü', 'y', 'abc']);
    const v5 = Buffer.concat([jsonHeader([text]), block(0, 8, [i64(T), Buffer.from('abc')])]);
    expect((await read(v5)).found.map(([, , value]) => value)).toEqual(['abc']);
  });
});

describe('readOsf: blocks', () => {
  it('reads counted and single absolute stamps, and relative ones after them', async () => {
    const file = Buffer.concat([
      header([double], 'OCEAN_STREAM_FORMAT4', 'optimeas'),
      block(0, 8 | COUNTED, [u32(2), i64(T), f64(1), i64(T + 5n), f64(2)]),
      block(0, 7 | COUNTED, [u32(2), u32(10), f64(3), u32(20), f64(4)]),
      block(0, 7, [u32(1), f64(5)]),
    ]);
    const { found } = await read(file);
    expect(found.map(([, ns]) => ns - T)).toEqual([0n, 5n, 15n, 35n, 36n]);
  });

  it('reads equidistant data with a rate, without one, and what follows on', async () => {
    const withRate = Buffer.concat([
      header([double]),
      block(0, 6 | COUNTED, [i64(T), f64(1000), u32(2), f64(1), f64(2)]),
      block(0, 5 | COUNTED, [u32(2), f64(3), f64(4)]),
      block(0, 5, [f64(5)]),
    ]);
    const ms = 1_000_000n;
    expect((await read(withRate)).found.map(([, ns]) => ns - T)).toEqual([0n, ms, 2n * ms, 3n * ms, 4n * ms]);
    const without = Buffer.concat([
      header([{ ...double, timeincrement: 500 }]),
      block(0, 6 | COUNTED, [i64(T), u32(2), f64(1), f64(2)]),
      block(0, 6, [i64(T + 9n), f64(3)]),
    ]);
    expect((await read(without)).found.map(([, ns]) => ns - T)).toEqual([0n, 500n, 9n]);
  });

  it('ignores what follows on after an equidistant block it could not read', async () => {
    const file = Buffer.concat([
      header([double]),
      block(0, 6 | COUNTED, [i64(T), f64(1000), u32(9), f64(1)]),
      block(0, 5, [f64(2)]),
      block(0, 6, [i64(T), f64(1000), f64(3)]),
    ]);
    const { found, report } = await read(file);
    expect(found.map(([, , value]) => value)).toEqual([3]);
    expect(report.skippedBlocks).toBe(1);
  });

  it('takes four-byte lengths where the channel says so', async () => {
    const file = Buffer.concat([
      header([{ ...double, sizeoflengthvalue: 4 }]),
      block(0, 8, [i64(T), f64(1)], { lengthBytes: 4 }),
    ]);
    expect((await read(file)).found).toHaveLength(1);
  });

  it('passes over states, unknown kinds, unknown channels, unknown data types, and ends at the trailer', async () => {
    const file = Buffer.concat([
      header([
        double,
        { index: 1, name: 'can', datatype: 'candata' },
        { ...double, index: 2, name: 'v', channeltype: 'vector' },
      ]),
      block(0, 3, [i64(T), u32(1)]),
      block(0, 77, [u32(1)]),
      block(9, 8, [i64(T), f64(1)]),
      block(1, 8, [i64(T), f64(1)]),
      block(2, 8, [i64(T), f64(1)]),
      block(0, 8, [i64(T), f64(7)]),
      block(0xffff, 0, [Buffer.from('<trailer/>')], { lengthBytes: 4 }),
      Buffer.from('OSF_STREAM_END 123======================'),
    ]);
    const { found, report } = await read(file);
    expect(found).toEqual([['a', T, 7]]);
    expect(report).toEqual({ truncated: false, skippedBlocks: 1, unreadChannels: ['can', 'v'], unfitChannels: 0 });
  });

  it('skips a block whose checksum is wrong, and no other', async () => {
    const good = block(0, 8, [i64(T), f64(1)], { checksum: true });
    const bad = Buffer.from(good);
    bad[8] = (bad[8] ?? 0) ^ 1;
    const file = Buffer.concat([jsonHeader([double], ' crc32c:0A1B2C3D'), good, bad, good]);
    const { found, report } = await read(file);
    expect(found).toHaveLength(2);
    expect(report.skippedBlocks).toBe(1);
  });
});

describe('readOsf: files that are not as they should be', () => {
  it.each([
    ['an empty file', ''],
    ['another format', 'RIFF 12\n'],
    ['version 3', 'OCEAN_STREAM_FORMAT3 5\n<osf>'],
    ['an unknown token', 'OSF5 2 zstd\n{}'],
    ['a header that is no XML', 'OSF4 5\nhello'],
    ['a header with a DTD', 'OSF4 33\n<!DOCTYPE osf [<!ENTITY a "b">]>  '],
    ['a line without end', 'OSF4 '.padEnd(1000, '1')],
    ['a header beyond measure', 'OSF4 999999999\n'],
  ])('refuses %s', async (_name, text) => {
    await expect(read(Buffer.from(text))).rejects.toMatchObject({ code: 'malformed-response' });
  });

  const file = Buffer.concat([
    header([double, { index: 1, name: 't', datatype: 'string' }]),
    block(0, 8 | COUNTED, [u32(3), i64(T), f64(1), i64(T + 1n), f64(2), i64(T + 2n), f64(3)]),
    block(1, 4, [i64(T), u32(2), Buffer.from('ok')]),
    block(0, 6 | COUNTED, [i64(T), f64(10), u32(3), f64(4), f64(5), f64(6)]),
    block(0, 5 | COUNTED, [u32(2), f64(7), f64(8)]),
  ]);
  const start = file.indexOf('</osf>') + '</osf>'.length;

  it('gives a prefix of its samples wherever it is cut off, and says so', async () => {
    const whole = (await read(file)).found;
    expect(whole).toHaveLength(9);
    let most = 0;
    for (let end = start; end < file.length; end++) {
      const { found } = await read(file.subarray(0, end));
      expect(found).toEqual(whole.slice(0, found.length));
      expect(found.length).toBeGreaterThanOrEqual(most);
      most = found.length;
    }
  });

  it('gives the same however its bytes are cut into chunks', async () => {
    const { found } = await read(file);
    for (const chunk of [1, 2, 3, 7, 64]) expect((await read(file, chunk)).found).toEqual(found);
  });

  it('never throws anything but its own refusal, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (noise, afterHeader) => {
        const bytes = afterHeader ? Buffer.concat([file.subarray(0, start), Buffer.from(noise)]) : Buffer.from(noise);
        await read(bytes).catch((error: unknown) => expect(error).toMatchObject({ code: 'malformed-response' }));
      }),
      { numRuns: 500 },
    );
  });
});

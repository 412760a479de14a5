import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { readOsf } from '../../test/osf-reader.ts';
import { OSF_VARIANTS, type OsfDescription, type OsfVariant, osfSamples, writeOsf } from './osf-writer.ts';

const START = Date.UTC(2026, 2, 29, 1, 0, 0);
const describeFile = (variant: OsfVariant): OsfDescription => ({
  variant,
  creator: 'OM-1 "<&>"',
  tag: 'preview',
  startMs: START,
  endMs: START + 900_000,
  count: 90,
  seed: 3,
});

describe('writeOsf', () => {
  it.each(OSF_VARIANTS)('writes %s files that an independent reader understands', (variant) => {
    const description = describeFile(variant);
    const read = readOsf(writeOsf(description));
    expect(read.samples).toEqual(osfSamples(description));
    expect(read.samples.length).toBeGreaterThan(400);
  });

  it('writes what devices write: OCEAN_STREAM_FORMAT4, root optimeas, gzip', () => {
    const file = writeOsf(describeFile('device'));
    expect([...file.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    expect(readOsf(file)).toMatchObject({ identifier: 'OCEAN_STREAM_FORMAT4', root: 'optimeas' });
    expect(writeOsf(describeFile('device')).equals(file)).toBe(true);
  });

  it('writes the variants: OSF4 with root osf, zlib, plain, OSF5, trailer, cut short', () => {
    expect(readOsf(writeOsf(describeFile('specification')))).toMatchObject({ identifier: 'OSF4', root: 'osf' });
    expect(writeOsf(describeFile('zlib'))[0]).toBe(0x78);
    expect(writeOsf(describeFile('plain')).subarray(0, 12).toString()).toBe('OCEAN_STREAM');
    expect(readOsf(writeOsf(describeFile('osf5'))).identifier).toBe('OSF5');
    const trailer = gunzipSync(writeOsf(describeFile('trailer')))
      .subarray(-40)
      .toString('ascii');
    expect(trailer).toMatch(/^OSF_STREAM_END \d+=+$/);
    const [cut, whole] = [writeOsf(describeFile('truncated')), writeOsf(describeFile('device'))].map((file) =>
      gunzipSync(file),
    );
    expect(cut?.equals(whole?.subarray(0, whole.length - 5) ?? Buffer.alloc(0))).toBe(true);
  });

  it('pads a file to the size that is asked for', () => {
    const file = writeOsf({ ...describeFile('device'), padBytes: 1024 * 1024 });
    expect(file.length).toBeGreaterThan(1024 * 1024);
    expect(readOsf(file).samples).toEqual(osfSamples(describeFile('device')));
  });
});

import { describe, expect, it } from '@jest/globals';
import type { OsfChannel, OsfValue } from './channel.ts';
import { crc32c } from './crc32c.ts';
import { PointMaker } from './points.ts';

const channel: OsfChannel = {
  index: 0,
  name: 'Motor.Temp',
  kind: 'scalar',
  dataType: 'double',
  lengthBytes: 2,
  timeIncrementNs: 0,
  unit: '°C',
  scale: 1,
  offset: 0,
};
const sample = (ns: bigint, value: OsfValue) => ({ channel, ns, value });

describe('PointMaker', () => {
  it('names, times and measures', () => {
    const points = new PointMaker('file/').pointsOf([sample(1_750_000_000_123_456_789n, 21.5)]);
    expect(points).toEqual([{ signal: 'file/Motor.Temp', tsMs: 1_750_000_000_123, value: 21.5, unit: 'Cel' }]);
  });

  it('keeps the first sample of a millisecond and counts the others', () => {
    const maker = new PointMaker('');
    const points = maker.pointsOf([sample(1_000_000n, 1), sample(1_400_000n, 2), sample(2_000_000n, 3)]);
    expect(points.map(({ value }) => value)).toEqual([1, 3]);
    expect(maker.report.tooFine).toBe(1);
  });

  it('leaves out what JSON cannot say', () => {
    const maker = new PointMaker('');
    const points = maker.pointsOf([
      sample(0n, Number.NaN),
      sample(1n, { lat: 1, lon: Number.POSITIVE_INFINITY, alt: 0 }),
    ]);
    expect(points).toEqual([]);
    expect(maker.report.unusable).toBe(2);
  });
});

describe('crc32c', () => {
  it('gives the check value of the standard, whole or in pieces', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(Buffer.from('1234'), Buffer.from('56789'))).toBe(0xe3069283);
  });
});

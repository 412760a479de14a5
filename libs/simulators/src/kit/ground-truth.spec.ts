import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { GroundTruth } from './ground-truth.ts';

describe('GroundTruth', () => {
  it('accounts for every write as point, duplicate or correction', () => {
    const truth = new GroundTruth();
    expect(truth.record('d1', 'temperature', 10, 1.5)).toBe('new');
    expect(truth.record('d1', 'temperature', 30, 3)).toBe('new');
    expect(truth.record('d1', 'temperature', 20, 2)).toBe('new');
    expect(truth.record('d1', 'temperature', 20, 2)).toBe('duplicate');
    expect(truth.record('d1', 'temperature', 20, 2.5)).toBe('correction');
    expect(truth.record('d2', 'Tür', 5, { offen: true })).toBe('new');
    expect(truth.counts()).toEqual({
      writes: 6,
      points: 4,
      duplicates: 1,
      corrections: 1,
      outOfOrder: 3,
      series: 2,
      devices: 2,
      forgotten: 0,
    });
  });

  it('knows devices that have produced nothing', () => {
    const truth = new GroundTruth();
    truth.know('quiet');
    truth.record('d1', 'a', 1, 1);
    truth.know('d1');
    expect(truth.devices()).toEqual(['quiet', 'd1']);
    expect([...truth.points()]).toHaveLength(1);
    expect(truth.counts()).toMatchObject({ devices: 2, points: 1 });
  });

  it('answers current values, revisions in order, and latest values', () => {
    const truth = new GroundTruth();
    truth.record('d1', 'a', 20, 2);
    truth.record('d1', 'a', 10, 1);
    truth.record('d1', 'a', 20, 2);
    truth.record('d1', 'a', 20, 7);
    expect([...truth.points({ device: 'd1' })].map(({ ts, value }) => [ts, value])).toEqual([
      [10, 1],
      [20, 7],
    ]);
    expect([...truth.points({ from: 10, to: 20 })].map((point) => point.ts)).toEqual([10]);
    expect(truth.revisions('d1', 'a', 20)).toEqual([
      { value: 2, order: 1 },
      { value: 7, order: 4 },
    ]);
    expect([...truth.corrected()].map((point) => point.ts)).toEqual([20]);
    expect(truth.latest()).toEqual([{ device: 'd1', signal: 'a', ts: 20, value: 7, order: 4 }]);
    truth.forgetBefore(20);
    expect(truth.counts()).toMatchObject({ points: 1, forgotten: 1 });
  });

  it('holds a million points in less than 60 MB', () => {
    const truth = new GroundTruth();
    const before = memoryInUse();
    for (let i = 0; i < 1_000_000; i++) truth.record(`d${i % 100}`, 'power.watt', Math.floor(i / 100) * 1_000, i / 7);
    expect(memoryInUse() - before).toBeLessThan(60 * 1024 * 1024);
    expect(truth.counts().points).toBe(1_000_000);
  });
});

/** What is left after collecting garbage. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

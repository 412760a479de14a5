import { describe, expect, it } from '@jest/globals';
import { ReceivedLog } from './received-log.ts';

describe('ReceivedLog', () => {
  it('places every write at the time that was noted last before it', () => {
    const log = new ReceivedLog();
    log.note(1, 100);
    log.note(2, 100);
    log.note(5, 200);
    log.note(9, 300);
    expect([0, 1, 4, 5, 8, 9, 1_000].map((order) => log.at(order))).toEqual([undefined, 100, 100, 200, 200, 300, 300]);
  });

  it('forgets, and still places what it did not forget', () => {
    const log = new ReceivedLog();
    for (let i = 1; i <= 100; i++) log.note(i * 10, i * 1_000);
    log.forgetBefore(50_000);
    expect([490, 500, 1_000].map((order) => log.at(order))).toEqual([49_000, 50_000, 100_000]);
    expect(log.at(100)).toBeUndefined();
    log.forgetBefore(1_000_000);
    expect(log.at(1_005)).toBe(100_000);
  });
});

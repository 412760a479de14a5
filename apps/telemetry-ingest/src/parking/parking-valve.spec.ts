import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@tributary/runtime';
import { ParkingValve } from './parking-valve.ts';

function setUp() {
  const clock = new ManualClock();
  const reasons: string[] = [];
  const valve = new ParkingValve({ perMinute: 100, percent: 5 }, clock, (reason) => reasons.push(reason));
  const receive = (n: number) => {
    for (let i = 0; i < n; i += 1) valve.received();
  };
  const park = (n: number) => Array.from({ length: n }, () => valve.admit());
  return { clock, valve, reasons, receive, park };
}

describe('ParkingValve', () => {
  it('admits a few bad messages among few', () => {
    const { receive, park, reasons } = setUp();
    receive(19);
    expect(park(19).every(Boolean)).toBe(true);
    expect(reasons).toEqual([]);
  });

  it('shuts above a share of what arrives, and stays shut', async () => {
    const { clock, valve, receive, park, reasons } = setUp();
    receive(1_000);
    expect(park(50).every(Boolean)).toBe(true);
    expect(park(2)).toEqual([false, false]);
    expect(reasons).toHaveLength(1);
    await clock.advance(600_000);
    expect(valve.admit()).toBe(false);
  });

  it('shuts above a number in a minute, whatever the share', async () => {
    const { clock, receive, park } = setUp();
    receive(100_000);
    expect(park(60).every(Boolean)).toBe(true);
    await clock.advance(61_000);
    receive(100_000);
    expect(park(100).every(Boolean)).toBe(true);
    expect(park(1)).toEqual([false]);
  });
});

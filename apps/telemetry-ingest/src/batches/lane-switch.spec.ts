import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@tributary/runtime';
import { LaneSwitch } from './lane-switch.ts';

describe('LaneSwitch', () => {
  it('keeps to its lane where one is set', () => {
    const clock = new ManualClock();
    const queued = new LaneSwitch('queued', clock);
    queued.failed();
    expect(queued.choose()).toBe('queued');
    expect(new LaneSwitch('direct', clock).choose()).toBe('direct');
  });

  it('goes direct after one failure, tries one batch after a pause, and returns on its success', async () => {
    const clock = new ManualClock();
    const lane = new LaneSwitch('auto', clock);
    expect(lane.choose()).toBe('queued');
    lane.failed();
    expect(lane.choose()).toBe('direct');
    await clock.advance(1_000);
    expect(lane.choose()).toBe('queued');
    expect(lane.choose()).toBe('direct');
    lane.succeeded(5);
    expect(lane.choose()).toBe('queued');
    expect(lane.current).toBe('queued');
  });

  it('doubles the pause after each failed trial, up to 15 s', async () => {
    const clock = new ManualClock();
    const lane = new LaneSwitch('auto', clock);
    lane.failed();
    const pauses: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      const from = clock.monotonicMs();
      while (lane.choose() === 'direct') await clock.advance(100);
      pauses.push(clock.monotonicMs() - from);
      lane.failed();
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  it('counts late failures of batches sent before the switch once', async () => {
    const clock = new ManualClock();
    const lane = new LaneSwitch('auto', clock);
    lane.failed();
    await clock.advance(900);
    lane.failed();
    await clock.advance(100);
    expect(lane.choose()).toBe('queued');
  });

  it('takes three slow answers in a row for illness', () => {
    const lane = new LaneSwitch('auto', new ManualClock());
    for (const ms of [60, 60, 10, 60, 60]) lane.succeeded(ms);
    expect(lane.current).toBe('queued');
    lane.succeeded(60);
    expect(lane.current).toBe('direct');
  });
});

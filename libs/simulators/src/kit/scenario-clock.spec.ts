import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@tributary/runtime';
import { ScenarioClock } from './scenario-clock.ts';

describe('ScenarioClock', () => {
  it('stands still at speed 0 until it is advanced, firing timers in order at their own times', async () => {
    const clock = new ScenarioClock({ startAt: 1_000, speed: 0 });
    const fired: string[] = [];
    clock.after(50, () => fired.push(`late ${clock.now()}`));
    clock.every(20, () => fired.push(`tick ${clock.now()}`));
    await clock.advance(60);
    expect(fired).toEqual(['tick 1020', 'tick 1040', 'late 1050', 'tick 1060']);
    expect(clock.now()).toBe(1_060);
  });

  it('runs faster than real time', async () => {
    const base = new ManualClock(5_000);
    const clock = new ScenarioClock({ base, speed: 10 });
    let fired = 0;
    clock.every(1_000, () => fired++);
    await base.advance(300);
    expect(clock.now()).toBe(8_000);
    expect(fired).toBe(3);
  });

  it('shifts the wall clock without firing timers', async () => {
    const clock = new ScenarioClock({ startAt: 0, speed: 0 });
    let fired = 0;
    clock.after(1_000, () => fired++);
    clock.shift(3_600_000);
    await clock.advance(999);
    expect(fired).toBe(0);
    expect(clock.now()).toBe(3_600_999);
    await clock.advance(1);
    expect(fired).toBe(1);
  });

  it('keeps its time when the speed changes', async () => {
    const base = new ManualClock(0);
    const clock = new ScenarioClock({ base });
    await base.advance(100);
    clock.setSpeed(0);
    await base.advance(5_000);
    expect(clock.now()).toBe(100);
    clock.setSpeed(2);
    await base.advance(50);
    expect(clock.now()).toBe(200);
    clock.setOffset(1_000_000);
    expect(clock.report()).toEqual({ now: 1_005_150, offsetMs: 1_000_000, speed: 2 });
  });

  it('cancels and disposes timers', async () => {
    const clock = new ScenarioClock({ startAt: 0, speed: 0 });
    let fired = 0;
    clock.after(10, () => fired++)();
    clock.every(10, () => fired++)();
    clock.every(10, () => fired++);
    clock.dispose();
    await clock.advance(100);
    expect(fired).toBe(0);
  });

  it('sleeps in scenario time and wakes up on abort', async () => {
    const clock = new ScenarioClock({ startAt: 0, speed: 0 });
    const slept = clock.sleep(10);
    await clock.advance(10);
    await slept;
    const abort = new AbortController();
    const endless = clock.sleep(10, abort.signal);
    abort.abort(new Error('enough'));
    await expect(endless).rejects.toThrow('enough');
  });
});

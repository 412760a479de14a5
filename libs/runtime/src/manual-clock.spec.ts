import { describe, expect, it } from '@jest/globals';
import { ManualClock } from './manual-clock.ts';

describe('ManualClock', () => {
  it('fires timers in the order in which they fall due', async () => {
    const clock = new ManualClock();
    const fired: string[] = [];
    clock.after(20, () => fired.push('b'));
    clock.after(10, () => fired.push('a'));
    clock.after(20, () => fired.push('c'));
    await clock.advance(15);
    expect(fired).toEqual(['a']);
    await clock.advance(5);
    expect(fired).toEqual(['a', 'b', 'c']);
  });

  it('lets a timer that was set by a timer fire in the same advance', async () => {
    const clock = new ManualClock();
    const times: number[] = [];
    const stop = clock.every(10, () => times.push(clock.monotonicMs()));
    await clock.advance(35);
    stop();
    await clock.advance(100);
    expect(times).toEqual([10, 20, 30]);
    expect(clock.pending).toBe(0);
  });

  it('ends a sleep early when it is aborted, and leaves no timer', async () => {
    const clock = new ManualClock();
    const abort = new AbortController();
    const slept = clock.sleep(1_000, abort.signal);
    abort.abort(new Error('enough'));
    await expect(slept).rejects.toThrow('enough');
    expect(clock.pending).toBe(0);
  });

  it('moves the wall clock alone when it jumps', () => {
    const clock = new ManualClock(1_000);
    clock.jump(-500);
    expect([clock.now(), clock.monotonicMs()]).toEqual([500, 0]);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Recent, RecentEvents } from './recent-events.ts';

const event = (offset: number, text = 'x'): Recent => ({ offset, check: `c${offset}`, text });
const never = new AbortController().signal;

describe('recent events', () => {
  it('answer from any kept event what followed it, and of any other why not', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 9 }), (steps, entries, max) => {
        const recent = new RecentEvents<Recent>({ entries, characters: 1e9 });
        let offset = 0;
        const all = steps.map((step) => {
          offset += step;
          return event(offset);
        });
        for (const one of all) recent.append(one);
        const kept = all.slice(-entries);
        expect(recent.size).toBe(kept.length);
        for (const [index, one] of kept.entries()) {
          expect(recent.after(one, max)).toEqual({ found: true, entries: kept.slice(index + 1, index + 1 + max) });
          expect(recent.after({ ...one, check: 'another' }, max)).toEqual({ found: false, because: 'other' });
        }
        expect(recent.after(event(0), max)).toEqual({ found: false, because: 'older' });
        expect(recent.after(event(offset + 1), max)).toEqual({ found: false, because: 'newer' });
      }),
    );
  });

  it('keep no more characters than allowed, but always the newest event', () => {
    const recent = new RecentEvents<Recent>({ entries: 100, characters: 10 });
    for (let offset = 0; offset < 5_000; offset += 1) recent.append(event(offset, 'abc'));
    expect(recent.size).toBe(3);
    recent.append(event(6_000, 'a'.repeat(50)));
    expect([recent.size, recent.newest?.offset]).toEqual([1, 6_000]);
  });

  it('ignore what is not newer', () => {
    const recent = new RecentEvents<Recent>({ entries: 10, characters: 100 });
    for (const offset of [3, 3, 1, 4]) recent.append(event(offset));
    expect(recent.after(event(3), 10)).toEqual({ found: true, entries: [event(4)] });
  });

  it('wake those who wait, also for what changed between looking and waiting', async () => {
    const recent = new RecentEvents<Recent>({ entries: 10, characters: 100 });
    const seen = recent.version;
    const waiting = recent.changed(seen, never);
    recent.append(event(1));
    await waiting;
    await recent.changed(seen, never);
    const stop = new AbortController();
    const stopped = recent.changed(recent.version, stop.signal);
    stop.abort();
    await stopped;
    const reset = recent.changed(recent.version, never);
    recent.reset();
    await reset;
    expect(recent.size).toBe(0);
  });
});

import { describe, expect, it } from '@jest/globals';
import { Duplicates } from './duplicates.ts';

const text = (payload: string) => new TextEncoder().encode(payload);
const always = Number.POSITIVE_INFINITY;

describe('Duplicates', () => {
  it('takes each message once, and pays for its copies when the first is safe', () => {
    const duplicates = new Duplicates();
    const paid: string[] = [];
    const take = (who: string, nowMs: number, withinMs = always, payload = 'a') =>
      duplicates.first('t', text(payload), { nowMs, withinMs }, () => paid.push(who));
    const first = take('first', 0);
    expect(take('early copy', 1)).toBeUndefined();
    expect(paid).toEqual([]);
    first?.();
    expect(paid).toEqual(['first', 'early copy']);
    expect(take('late copy', 2)).toBeUndefined();
    expect(paid).toEqual(['first', 'early copy', 'late copy']);
    expect(take('another', 3, always, 'b')).toBeDefined();
  });

  it('takes the same again once it is no repetition any more', () => {
    const duplicates = new Duplicates();
    const take = (nowMs: number) => duplicates.first('t', text('a'), { nowMs, withinMs: 2_000 }, () => {});
    expect(take(0)).toBeDefined();
    expect(take(2_000)).toBeUndefined();
    expect(take(2_001)).toBeDefined();
  });

  it('remembers for as long as two sessions may overlap, and not for ever', () => {
    const duplicates = new Duplicates();
    const take = (payload: string, nowMs: number) =>
      duplicates.first('t', text(payload), { nowMs, withinMs: always }, () => {});
    expect(take('a', 0)).toBeDefined();
    expect(take('b', 16_000)).toBeDefined();
    expect(take('a', 16_001)).toBeUndefined();
    expect(take('c', 60_000)).toBeDefined();
    expect(take('d', 90_000)).toBeDefined();
    expect(take('a', 90_001)).toBeDefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { connectionId } from '@tributary/contracts';
import { newId } from './ids.ts';

describe('newId', () => {
  it('sorts by time of making, and never repeats', () => {
    const ids = Array.from({ length: 5_000 }, () => newId('con'));
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => connectionId.safeParse(id).success)).toBe(true);
  });
});

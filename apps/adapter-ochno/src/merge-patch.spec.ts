import { describe, expect, it } from '@jest/globals';
import { mergePatch } from './merge-patch.ts';

describe('mergePatch', () => {
  it('does what RFC 7396 says', () => {
    const target = { a: 'b', c: { d: 'e', f: 'g' }, list: [1, 2], keep: true };
    const before = structuredClone(target);
    expect(
      mergePatch(target, { a: 'z', c: { f: null, h: 1 }, list: [3], made: { of: { nothing: null, x: 1 } } }),
    ).toEqual({
      a: 'z',
      c: { d: 'e', h: 1 },
      list: [3],
      keep: true,
      made: { of: { x: 1 } },
    });
    expect(target).toEqual(before);
  });

  it('makes no prototype of a member', () => {
    const merged = mergePatch({}, JSON.parse('{"__proto__":{"admin":true}}') as Record<string, never>);
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
    expect((merged as { admin?: unknown }).admin).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { mergePatch } from './merge-patch.ts';
import type { Json } from './words.ts';

/** Appendix A of RFC 7396. */
const cases: [Json, Json, Json][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

describe('mergePatch', () => {
  it.each(cases)('%j with %j gives %j', (target, patch, result) => {
    const before = structuredClone(target);
    expect(mergePatch(target, patch)).toEqual(result);
    expect(target).toEqual(before);
  });

  it('makes no prototype of a member', () => {
    const patch = JSON.parse('{"__proto__":{"admin":true},"in":{"__proto__":{"admin":true}}}') as {
      [name: string]: Json;
    };
    const merged = mergePatch({}, patch);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
    expect((merged as { admin?: unknown }).admin).toBeUndefined();
    expect((merged.in as { admin?: unknown }).admin).toBeUndefined();
    expect(JSON.stringify(merged)).toBe(JSON.stringify(patch));
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ownerOf } from './ownership.ts';

const ids = Array.from({ length: 600 }, (_, n) => `sub_${n}`);
const replicas = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 6 });

describe('who plans for a subscription', () => {
  it('is one of the living, the same for everyone who asks in whatever order', () => {
    fc.assert(
      fc.property(replicas, fc.constantFrom(...ids), (living, id) => {
        expect(living).toContain(ownerOf(id, living));
        expect(ownerOf(id, living.toReversed())).toBe(ownerOf(id, living));
      }),
    );
    expect(ownerOf('sub_1', [])).toBeUndefined();
  });

  it('changes only for what a replica that left had', () => {
    fc.assert(
      fc.property(replicas, fc.constantFrom(...ids), fc.nat(), (living, id, n) => {
        const gone = living[n % living.length];
        const left = living.filter((replica) => replica !== gone);
        const before = ownerOf(id, living);
        if (before !== gone) expect(ownerOf(id, left)).toBe(before);
      }),
    );
  });

  it('is spread evenly', () => {
    const counts = new Map<string | undefined, number>();
    for (const id of ids) {
      const owner = ownerOf(id, ['host-1-aa', 'host-2-bb', 'host-3-cc']);
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    for (const count of counts.values()) expect(count).toBeGreaterThan(140);
  });
});

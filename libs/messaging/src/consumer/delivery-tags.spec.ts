import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DeliveryTags } from './delivery-tags.ts';

describe('delivery tags', () => {
  it('settle each tag once, and never name one to the broker that is not held', () => {
    const move = fc.record({ kind: fc.constantFrom('hold', 'settle', 'upTo'), pick: fc.nat(40) });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 100 }), (moves) => {
        const tags = new DeliveryTags();
        const held = new Set<number>();
        let next = 1;
        for (const { kind, pick } of moves) {
          if (kind === 'hold') {
            held.add(next);
            tags.hold(next++);
          } else if (kind === 'settle') expect(tags.settle(pick)).toBe(held.delete(pick));
          else {
            const below = [...held].filter((tag) => tag <= pick);
            expect(tags.settleUpTo(pick)).toBe(below.at(-1));
            for (const tag of below) held.delete(tag);
          }
          expect(tags.size).toBe(held.size);
        }
      }),
    );
  });
});

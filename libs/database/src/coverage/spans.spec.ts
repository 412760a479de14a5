import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clamped, joined, lengthOf, subtracted, tiled, without } from './spans.ts';
import type { Stretch } from './statement.ts';

const stretch = fc
  .tuple(fc.integer({ min: -5, max: 30 }), fc.nat(9))
  .map(([fromMs, length]): Stretch => ({ fromMs, toMs: fromMs + length }));
const stretches = fc.array(stretch, { maxLength: 8 });
const momentsOf = (list: readonly Stretch[]): Set<number> =>
  new Set(list.flatMap(({ fromMs, toMs }) => Array.from({ length: toMs - fromMs }, (_, i) => fromMs + i)));
const inOrder = (moments: Iterable<number>) => [...moments].toSorted((a, b) => a - b);

describe('stretches of time', () => {
  it('are joined, subtracted, clamped and measured like sets of moments', () => {
    fc.assert(
      fc.property(stretches, stretches, stretch, (a, b, one) => {
        const [left, right] = [momentsOf(a), momentsOf(b)];
        expect(inOrder(momentsOf(joined(a, b)))).toEqual(inOrder(new Set([...left, ...right])));
        expect(inOrder(momentsOf(subtracted(a, b)))).toEqual(inOrder([...left].filter((ms) => !right.has(ms))));
        expect(lengthOf(joined(a))).toBe(left.size);
        const inside = momentsOf([one]);
        expect(inOrder(momentsOf(a.flatMap((span) => clamped(span, one) ?? [])))).toEqual(
          inOrder([...left].filter((ms) => inside.has(ms))),
        );
        expect(inOrder(momentsOf(without(a, one)))).toEqual(inOrder([...left].filter((ms) => !inside.has(ms))));
      }),
    );
  });

  it('tile a frame without a gap, and say of each moment what reaches across it, in the order given', () => {
    fc.assert(
      fc.property(stretch, stretches, (frame, spans) => {
        const numbered = spans.map((span, number) => ({ ...span, number }));
        const decide = (across: readonly { number: number }[]) => across.map(({ number }) => number).join(' ');
        const tiles = tiled(frame, numbered, { decide, same: (a, b) => a === b });
        let at = frame.fromMs;
        for (const [index, { fromMs, toMs, value }] of tiles.entries()) {
          expect(fromMs).toBe(at);
          expect(value).not.toBe(tiles[index - 1]?.value);
          for (let ms = fromMs; ms < toMs; ms += 1)
            expect(value).toBe(decide(numbered.filter((span) => span.fromMs <= ms && ms < span.toMs)));
          at = toMs;
        }
        expect(at).toBe(Math.max(frame.fromMs, frame.toMs));
      }),
    );
  });
});

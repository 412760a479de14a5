import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PermitGate } from './permit-gate.ts';

describe('permit gate', () => {
  it('never gives more than it has, in the order of asking, and wastes none', async () => {
    const plan = fc.array(fc.constantFrom('enter', 'leave', 'abort'), { maxLength: 100 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), plan, async (capacity, moves) => {
        const gate = new PermitGate(capacity);
        const asked: { number: number; abort: AbortController }[] = [];
        const entered: number[] = [];
        const aborted = new Set<number>();
        let inside = 0;
        let number = 0;
        for (const move of moves) {
          if (move === 'enter') {
            const mine = { number: number++, abort: new AbortController() };
            asked.push(mine);
            void gate.enter(mine.abort.signal).then(
              () => {
                inside += 1;
                entered.push(mine.number);
              },
              () => aborted.add(mine.number),
            );
          } else if (move === 'leave' && inside > 0) {
            inside -= 1;
            gate.leave();
          } else if (move === 'abort') asked.at(-1)?.abort.abort();
          await Promise.resolve();
          await Promise.resolve();
          expect(inside).toBeLessThanOrEqual(capacity);
          expect(gate.taken).toBe(inside);
          expect(gate.waiting === 0 || inside === capacity).toBe(true);
        }
        expect(entered).toEqual([...entered].sort((a, b) => a - b));
        expect(entered.length + aborted.size + gate.waiting).toBe(number);
      }),
    );
  });

  it('refuses a capacity that lets nobody in', () => {
    expect(() => new PermitGate(0)).toThrow(RangeError);
  });
});

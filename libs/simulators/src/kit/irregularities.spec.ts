import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type IrregularShares, Outbox } from './irregularities.ts';

const shares: IrregularShares = { late: 0.1, swapped: 0.1, duplicate: 0.1, corrected: 0.1 };
const [LATE, SWAPPED, REGULAR, CORRECTED, DUPLICATE] = [0.05, 0.15, 0.5, 0.85, 0.95];

/** What goes out when the n-th measurement meets with the n-th throw of the dice. */
function pass(throws: readonly number[], correctionOf: (made: string) => string | undefined = (made) => `${made}!`) {
  const outbox = new Outbox<string>();
  return throws.map((dice, n) => outbox.pass(String(n), n, dice, shares, correctionOf));
}

describe('an outbox', () => {
  it.each([
    ['late', [LATE, REGULAR, REGULAR, REGULAR], [[], ['1'], ['2'], ['3', '0']]],
    ['swapped with the next', [SWAPPED, REGULAR], [[], ['1', '0']]],
    ['twice', [REGULAR, DUPLICATE], [['0'], ['1', '1']]],
    ['with a correction of the one before', [REGULAR, CORRECTED], [['0'], ['1', '0!']]],
    ['alone when there is none before', [CORRECTED], [['0']]],
    ['in its order, two that are held apart', [LATE, SWAPPED, REGULAR, REGULAR], [[], [], ['2', '1'], ['3', '0']]],
  ])('sends a measurement %s', (_way, throws, sent) => {
    expect(pass(throws)).toEqual(sent);
  });

  it('sends no correction where there is nothing to put right', () => {
    expect(pass([REGULAR, CORRECTED], () => undefined)).toEqual([['0'], ['1']]);
  });

  it('loses nothing', () => {
    const throws = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 50 });
    void fc.assert(
      fc.property(throws, (some) => {
        const sent = new Set(pass([...some, REGULAR, REGULAR, REGULAR]).flat());
        for (const n of some.keys()) expect(sent).toContain(String(n));
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareSorted, type Scalar, sortValues } from './entity-order.ts';

const up = [{ field: 'a', descending: false }];
const scalars: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'grapheme' }),
);

describe('the order of records', () => {
  it('goes from nothing over numbers and text to false and true', () => {
    const mixed: Scalar[] = [true, 'b', 10, 'B', null, 9, false, '', '\u{1F4A5}', '\uFFEE', -1];
    const sorted = mixed.toSorted((a, b) => compareSorted([a], [b], up));
    expect(sorted).toEqual([null, -1, 9, 10, '', 'B', 'b', '\uFFEE', '\u{1F4A5}', false, true]);
    const down = [{ field: 'a', descending: true }];
    expect(mixed.toSorted((a, b) => compareSorted([a], [b], down))).toEqual(sorted.toReversed());
  });

  it('is an order: it never contradicts itself, and tells apart whatever differs', () => {
    fc.assert(
      fc.property(scalars, scalars, scalars, (a, b, c) => {
        const order = (x: Scalar, y: Scalar) => Math.sign(compareSorted([x], [y], up));
        expect(order(a, b) + order(b, a)).toBe(0);
        expect(order(a, b) === 0).toBe(a === b);
        if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('looks at the next field where one does not tell two records apart', () => {
    const sort = [
      { field: 'attributes.floor', descending: true },
      { field: 'name', descending: false },
    ];
    const records = [{ name: 'b' }, { name: 'b', attributes: { floor: 1 } }, { name: 'a', attributes: { floor: 1 } }];
    const sorted = records
      .map((record) => ({ record, values: sortValues(record, sort) ?? [] }))
      .toSorted((a, b) => compareSorted(a.values, b.values, sort));
    expect(sorted.map(({ record }) => record)).toEqual([records[2], records[1], records[0]]);
  });

  it('has no place for lists and objects', () => {
    for (const a of [[], [1], {}]) expect(sortValues({ a }, up)).toBeUndefined();
  });
});

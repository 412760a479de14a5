import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Mesh } from './mesh.ts';
import { readFilter } from './mongo-filter.ts';

const id = fc.integer({ min: 0, max: 40 }).map((n) => n.toString(16).padStart(24, '0'));
const change = fc.record({
  kind: fc.constantFrom('put', 'put', 'remove', 'removeWhere'),
  id,
  n: fc.integer({ min: 0, max: 9 }),
});
const bounds = fc.record({ $gt: id, $gte: id, $lt: id, $lte: id }, { requiredKeys: [] });

describe('Mesh', () => {
  it('finds the same as looking at every document would, in the order of ids', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), bounds, (changes, range) => {
        const mesh = new Mesh();
        const model = new Map<string, number>();
        for (const one of changes) {
          if (one.kind === 'put') {
            mesh.put(one.id, { n: one.n });
            model.set(one.id, one.n);
          } else if (one.kind === 'remove') expect(mesh.remove(one.id)).toBe(model.delete(one.id));
          else {
            mesh.removeWhere(({ n }) => n === one.n);
            for (const [known, n] of model) if (n === one.n) model.delete(known);
          }
        }
        const fits = (one: string) =>
          (range.$gt === undefined || one > range.$gt) &&
          (range.$gte === undefined || one >= range.$gte) &&
          (range.$lt === undefined || one < range.$lt) &&
          (range.$lte === undefined || one <= range.$lte);
        const filter = Object.keys(range).length === 0 ? {} : { _id: range };
        const found = mesh.matching(readFilter(JSON.stringify(filter)));
        const expected = [...model].filter(([one]) => fits(one)).toSorted(([a], [b]) => (a < b ? -1 : 1));
        expect(found.map(({ _id, n }) => [_id, n])).toEqual(expected);
        expect(mesh.size).toBe(model.size);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the order of ids among what is equal in the order asked for', () => {
    const mesh = new Mesh();
    for (const [i, n] of [1, 0, 1, 0].entries()) mesh.put(String(i).padStart(24, '0'), { n });
    const { results } = mesh.search(readFilter(''), { n: 1 }, { page: 1, pageSize: 10 });
    expect(results.map(({ _id }) => Number(_id))).toEqual([1, 3, 0, 2]);
  });
});

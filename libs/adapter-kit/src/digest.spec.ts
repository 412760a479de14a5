import { describe, expect, it } from '@jest/globals';
import type { Json } from '@tributary/contracts';
import fc from 'fast-check';
import { canonical, digest } from './digest.ts';

const jsonValue = fc.jsonValue() as fc.Arbitrary<Json>;

const reversed = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]): [string, Json] => [name, reversed(member)]);
  return Object.fromEntries(members.toReversed());
};

describe('digest', () => {
  it('does not heed the order of members, at any depth', () => {
    fc.assert(fc.property(jsonValue, (value) => expect(digest(reversed(value))).toBe(digest(value))));
  });

  it('is another for other content', () => {
    fc.assert(
      fc.property(jsonValue, jsonValue, (a, b) => {
        expect(digest(a) === digest(b)).toBe(canonical(a) === canonical(b));
      }),
    );
    const values: Json[] = [null, '', 0, '0', false, [], {}, [null], [[]], { a: null }, ['a', null], [1, 2], [2, 1]];
    expect(new Set(values.map(digest)).size).toBe(values.length);
  });

  it('stays what it is: clients keep it as an etag', () => {
    expect(digest({ b: [1, { d: null, c: 'ü' }], a: true })).toBe('Uiu6_-cj971oBi3yh-5jQ80G');
  });
});

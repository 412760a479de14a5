import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseExactJson } from './exact-json.ts';

describe('parseExactJson', () => {
  it('keeps every digit of a whole number', () => {
    expect(parseExactJson('x', '[9007199254740991,9007199254740992,-9223372036854775808,1e300,0.1]')).toEqual([
      9007199254740991,
      '9007199254740992',
      '-9223372036854775808',
      1e300,
      0.1,
    ]);
  });

  it('is JSON.parse for everything else', () => {
    const safe = (value: unknown): boolean => !JSON.stringify(value).match(/\d{16}/);
    fc.assert(
      fc.property(fc.jsonValue().filter(safe), (value) => {
        expect(parseExactJson('x', JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('repeats nothing of what is no JSON', () => {
    expect(() => parseExactJson('OPTI-11', '<secret>')).toThrow('OPTI-11: expected JSON');
  });
});

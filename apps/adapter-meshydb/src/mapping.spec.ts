import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDocuments } from './exact-document.ts';
import { attributesOf, patched, stored, timeFrom } from './mapping.ts';
import { document } from './wire.ts';

const read = (text: string) => document.parse(parseDocuments('test', text));
const ID = '5d438ff23b0b7dd957a765ce';

describe('documents', () => {
  it('what is written comes back as it was, names and all', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (attributes) => {
        fc.pre(!Object.hasOwn(attributes, '_id') && !JSON.stringify(attributes).includes('__proto__'));
        // Those have a test of their own.
        fc.pre(!/\d{16}/.test(JSON.stringify(attributes)));
        const back = read(JSON.stringify({ ...(stored(attributes as never) as object), _id: ID }));
        expect(attributesOf(back)).toEqual(JSON.parse(JSON.stringify(attributes)));
      }),
    );
  });

  it('a number that no double can hold is shown as its digits and written back as it came', () => {
    const { _id, ...members } = read(
      `{"_id":"${ID}","n":12345678901234567890,"m":{"k":[-9007199254740993,1.5]},"s":"x"}`,
    );
    expect(attributesOf({ _id, ...members })).toEqual({
      n: '12345678901234567890',
      m: { k: ['-9007199254740993', 1.5] },
      s: 'x',
    });
    expect(JSON.stringify(patched(members, { s: 'y' }))).toBe(
      '{"n":12345678901234567890,"m":{"k":[-9007199254740993,1.5]},"s":"y"}',
    );
  });

  it('a merge patch names what is shown and leaves the rest as it is stored', () => {
    const members = { 'a\uff0eb': 1, '\uff3codd': 2, keep: { '\uff04x': 1, y: 2 }, list: [1] };
    expect(
      patched(members, { 'a.b': null, keep: { $x: null, z: { 'p.q': null, r: 1 } }, list: [{ 'c.d': null }] }),
    ).toEqual({
      '\uff3codd': 2,
      keep: { y: 2, z: { r: 1 } },
      list: [{ 'c\uff0ed': null }],
    });
  });

  it.each([
    ['iso', '2026-03-29T01:00:00Z', Date.UTC(2026, 2, 29, 1)],
    ['iso', '2026-03-29T03:00:00.1234567+02:00', Date.UTC(2026, 2, 29, 1) + 123],
    ['iso', '2026-03-29', undefined],
    ['iso', 5, undefined],
    ['s', 1.5, 1_500],
    ['ms', 1_500.4, 1_500],
    ['ms', '1500', undefined],
    ['ms', null, undefined],
  ] as const)('a time in %s: %s', (unit, value, expected) => expect(timeFrom(value, unit)).toBe(expected));

  it('refuses what is no JSON, and repeats nothing of it', () => {
    expect(() => parseDocuments('MESHY-08', '<html>secret')).toThrow(/^MESHY-08: expected JSON$/);
    expect(parseDocuments('MESHY-08', '{"__proto__":{"x":1},"a":1}')).toEqual({ a: 1 });
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import JSON5 from 'json5';
import { MongoTextError, ObjectIdValue, parseMongoText } from './mongo-text.ts';

const HEX = '5d438ff23b0b7dd957a765ce';

describe('parseMongoText', () => {
  it('reads what the vendor and its client libraries write', () => {
    expect(parseMongoText(`{ 'firstName': { "$regex": "^Rob" } }`)).toEqual({ firstName: { $regex: '^Rob' } });
    expect(parseMongoText('{ lastName:-1 }')).toEqual({ lastName: -1 });
    expect(parseMongoText('{$set:{a:2}}')).toEqual({ $set: { a: 2 } });
    expect(parseMongoText('{ "a.b" : [ 1, -2.5e3, .5, true, null, ] , }')).toEqual({
      'a.b': [1, -2500, 0.5, true, null],
    });
    expect(parseMongoText(`'it\\'s \\u00fc \\n "here"'`)).toBe('it\'s ü \n "here"');
  });

  it.each([
    [`ObjectId("${HEX}")`, new ObjectIdValue(HEX)],
    [`ObjectId('${HEX.toUpperCase()}')`, new ObjectIdValue(HEX)],
    [`{"$oid":"${HEX}"}`, new ObjectIdValue(HEX)],
    ['ISODate("2026-03-01T12:00:00.1234567Z")', new Date('2026-03-01T12:00:00.123Z')],
    ['new Date(5)', new Date(5)],
    ['{$date: "2026-03-01T12:00:00Z"}', new Date('2026-03-01T12:00:00Z')],
    ['{$date: {$numberLong: "1000"}}', new Date(1000)],
    ['NumberLong("42")', 42],
    ['NumberLong(42)', 42],
    ['{$numberLong: "42"}', 42],
    ['{$numberDouble: "-1.5"}', -1.5],
    ['NumberDecimal("0.1")', 0.1],
    ['/^Rob\\/[/]/i', /^Rob\/[/]/i],
  ])('reads %s', (text, value) => {
    expect(parseMongoText(`{a: ${text}}`)).toEqual({ a: value });
  });

  it.each([
    '{',
    '{a:1',
    '{a:1}}',
    '{a 1}',
    '{a:}',
    '{,}',
    '{a:1 b:2}',
    '[1,,2]',
    '"open',
    '{a:\'x"}',
    '{a:1,a:2}',
    'a',
    '',
    ' ',
    '{a:12x}',
    '{a:0x10}',
    '{a:undefined}',
    '{a:this.b}',
    '{a:function(){return 1}}',
    '{a:1+1}',
    '{a:Math.random()}',
    '{a:ObjectId("12")}',
    '{a:ObjectId()}',
    '{a:ISODate("yesterday")}',
    '{a:ISODate()}',
    '{a:{$oid:"12"}}',
    `{a:{$oid:"${HEX}",b:1}}`,
    '{a:NumberLong("1.5")}',
    '{a:{$numberLong:"x"}}',
    '{a:/(/}',
    '{a:/x/y}',
    '{__proto__:{a:1}}',
    '{"__proto__":{a:1}}',
    '{a:constructor("x")}',
    `${'['.repeat(5_000)}`,
  ])('refuses %s', (text) => {
    expect(() => parseMongoText(text)).toThrow(MongoTextError);
  });

  it('reads whatever JSON and JSON5 write, to the same values', () => {
    const plain = fc
      .jsonValue({ stringUnit: 'grapheme' })
      .filter((value) => !/"(__proto__"|\$(oid|date|number))/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(plain, fc.constantFrom("'", '"'), (value, quote) => {
        const expected = JSON.parse(JSON.stringify(value));
        expect(parseMongoText(JSON.stringify(value))).toEqual(expected);
        expect(parseMongoText(JSON5.stringify(expected, { quote, space: 1 }))).toEqual(expected);
      }),
    );
  });

  it('never throws anything but its own error', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      "'",
      '/',
      '$in',
      'a',
      '1',
      '-',
      '\\',
      'ObjectId(',
      ')',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        try {
          parseMongoText(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(MongoTextError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

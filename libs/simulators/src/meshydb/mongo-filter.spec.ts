import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import JSON5 from 'json5';
import { Query } from 'mingo';
import { readFilter } from './mongo-filter.ts';
import { readOrder } from './mongo-order.ts';
import { MongoTextError } from './mongo-text.ts';

const HEX = '5d438ff23b0b7dd957a765ce';
const bob = {
  _id: HEX,
  name: 'Bob',
  age: 30,
  tags: ['a', 'b'],
  address: { city: 'Linz' },
  parts: [{ n: 1 }, { n: 5 }],
  gone: null,
};
const fits = (text: string, document: Record<string, unknown> = bob) => readFilter(text).test(document);

describe('readFilter', () => {
  it.each([
    '',
    '  ',
    '{}',
    `{ 'name': { "$regex": "^Bo" } }`,
    '{name: /^bo/i}',
    '{name: {$regex: "^bo", $options: "i"}}',
    '{name: {$not: {$regex: "^R"}}}',
    '{name: {$not: /^R/}}',
    '{age: {$gt: 29, $lte: 30}}',
    '{age: {$mod: [7, 2]}}',
    '{age: NumberLong("30")}',
    '{age: {$type: "number"}}',
    '{"address.city": "Linz"}',
    '{address: {city: "Linz"}}',
    '{tags: "a"}',
    '{tags: {$all: ["a", "b"]}}',
    '{tags: {$size: 2}}',
    '{parts: {$elemMatch: {n: {$gt: 2}}}}',
    '{parts: {$elemMatch: {$or: [{n: 5}, {m: 1}]}}}',
    '{tags: {$elemMatch: {$gt: "a"}}}',
    '{gone: null}',
    '{gone: {$exists: true}}',
    '{missing: {$exists: false}}',
    '{missing: null}',
    '{missing: {$nin: ["x"]}}',
    '{$or: [{age: 1}, {name: {$in: ["Bob", /^x/]}}]}',
    '{$nor: [{age: 1}]}',
    '{$and: [{age: 30}, {name: {$ne: "Rob"}}]}',
    `{_id: "${HEX}"}`,
    `{_id: "${HEX.toUpperCase()}"}`,
    `{_id: ObjectId("${HEX}")}`,
    `{_id: {$in: [{"$oid": "${HEX}"}]}}`,
    '{_id: {$gt: ObjectId("000000000000000000000000")}}',
    '{_id: {$gte: {"$oid": "000000000000000000000000"}, $lt: "ffffffffffffffffffffffff"}}',
    '{_id: {$type: "objectId"}}',
    '{_id: {$ne: "x"}}',
  ])('%s fits', (text) => {
    expect(fits(text)).toBe(true);
  });

  it.each([
    '{age: "30"}',
    '{name: {$gt: 5}}',
    '{_id: "Bob"}',
    '{_id: {$gt: "0"}}',
    '{_id: {$regex: "5d"}}',
    '{_id: {$type: "string"}}',
    '{name: ISODate("2026-03-01")}',
    '{name: {$type: "date"}}',
    `{name: ObjectId("${HEX}")}`,
    '{missing: {$exists: true}}',
    '{tags: {$size: 1}}',
    '{$nor: [{age: 30}]}',
  ])('%s does not', (text) => {
    expect(fits(text)).toBe(false);
  });

  it('compares text with text: a date in a filter is no text', () => {
    const document = { at: '2026-03-01T12:00:00.000Z', ref: HEX };
    expect(fits('{at: {$gt: "2026-03-01T11:59:59.999Z"}}', document)).toBe(true);
    expect(fits('{at: {$gt: ISODate("2026-03-01T11:59:59.999Z")}}', document)).toBe(false);
    expect(fits(`{ref: ObjectId("${HEX}")}`, document)).toBe(false);
  });

  it.each([
    '[]',
    '1',
    '"a"',
    'null',
    '{$where: "this.a == 1"}',
    '{a: {$where: "1"}}',
    '{$expr: {$eq: ["$a", 1]}}',
    '{$text: {$search: "x"}}',
    '{$jsonSchema: {}}',
    '{$function: {}}',
    '{$or: [{$where: "1"}]}',
    '{a: {$elemMatch: {$where: "1"}}}',
    '{a: {$unknown: 1}}',
    '{a: {$gt: 1, b: 2}}',
    '{a: {b: {$gt: 1}}}',
    '{$and: []}',
    '{$or: {a: 1}}',
    '{$or: [1]}',
    '{a: {$in: 1}}',
    '{a: {$in: [{$gt: 1}]}}',
    '{a: {$not: 1}}',
    '{a: {$not: {}}}',
    '{a: {$not: {b: 1}}}',
    '{a: {$regex: "("}}',
    '{a: {$regex: 1}}',
    '{a: {$regex: "x", $options: "g"}}',
    '{a: {$options: "i"}}',
    '{a: {$size: -1}}',
    '{a: {$size: "1"}}',
    '{a: {$mod: [0, 1]}}',
    '{a: {$mod: [2]}}',
    '{a: {$type: "text"}}',
    '{a: {$type: 99}}',
    '{a: {$type: []}}',
    '{a: {$all: "x"}}',
    '{a: {$elemMatch: 1}}',
    '{a: {$ne: /x/}}',
    '{a: 1',
    '{a: 1}}',
  ])('refuses %s', (text) => {
    expect(() => readFilter(text)).toThrow(MongoTextError);
  });

  it('knows which ids it is about', () => {
    const [low, high] = ['0'.repeat(24), 'f'.repeat(24)];
    expect(readFilter(`{_id: {$gt: "${low}", $lte: ObjectId("${high}")}}`).ids).toEqual({ from: low, to: high });
    expect(readFilter(`{$and: [{_id: {$gte: "${HEX}"}}, {a: 1}]}`).ids).toEqual({ from: HEX });
    expect(readFilter(`{_id: "${HEX}"}`).ids).toEqual({ from: HEX, to: HEX });
    expect(readFilter(`{$or: [{_id: "${HEX}"}, {a: 1}]}`).ids).toEqual({});
  });
});

const field = fc.constantFrom('a', 'b', 'c', 'n.x', 'list');
const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom('x', 'y', "it's", 'ü "q"', '', 1.5),
  fc.boolean(),
  fc.constant(null),
);
const operand: fc.Arbitrary<unknown> = fc.oneof(
  scalar,
  fc.record({ $eq: scalar }),
  fc.record({ $ne: scalar }),
  fc.record({ $gt: scalar, $lte: scalar }, { requiredKeys: [] }).filter((one) => Object.keys(one).length > 0),
  fc.record({ $gte: scalar, $lt: scalar }, { requiredKeys: [] }).filter((one) => Object.keys(one).length > 0),
  fc.record({ $in: fc.array(scalar, { maxLength: 3 }) }),
  fc.record({ $nin: fc.array(scalar, { maxLength: 3 }) }),
  fc.record({ $exists: fc.boolean() }),
  fc.record({ $size: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ $not: fc.record({ $gt: scalar }) }),
  fc.record({ $all: fc.array(scalar, { minLength: 1, maxLength: 2 }) }),
  fc.record({ $elemMatch: fc.record({ $gt: fc.integer({ min: -3, max: 3 }) }) }),
  fc.record({ $type: fc.constantFrom('string', 'number', 'bool', 'null', 'array', 'object') }),
);
const { filter } = fc.letrec<{ filter: Record<string, unknown> }>((tie) => {
  const several = fc.array(tie('filter'), { minLength: 1, maxLength: 3 });
  return {
    filter: fc.oneof(
      { maxDepth: 3 },
      fc.dictionary(field, operand, { maxKeys: 3 }).map((members) => ({ ...members })),
      fc.record({ $and: several }),
      fc.record({ $or: several }),
      fc.record({ $nor: several }),
    ) as fc.Arbitrary<Record<string, unknown>>,
  };
});
const member = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
const document = fc
  .record(
    {
      a: member,
      b: member,
      c: scalar,
      n: fc.record({ x: member }, { requiredKeys: [] }),
      list: fc.array(scalar, { maxLength: 3 }),
    },
    { requiredKeys: [] },
  )
  .map((members) => ({ ...members }));

describe('relaxed text', () => {
  it('means what its strict form means', () => {
    fc.assert(
      fc.property(
        filter,
        fc.array(document, { maxLength: 6 }),
        fc.constantFrom("'", '"'),
        (strict, documents, quote) => {
          const query = new Query(JSON.parse(JSON.stringify(strict)));
          const expected = documents.filter((one) => query.test(one));
          for (const text of [JSON.stringify(strict), JSON5.stringify(strict, { quote, space: 2 })]) {
            const read = readFilter(text);
            expect(documents.filter((one) => read.test(one))).toEqual(expected);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('readOrder', () => {
  it('takes one direction for each field, in the order in which they stand', () => {
    expect(readOrder('{ lastName:-1 }')).toEqual({ lastName: -1 });
    expect(Object.entries(readOrder(`{'b': 1, "a.c": -1}`) ?? {})).toEqual([
      ['b', 1],
      ['a.c', -1],
    ]);
    expect([readOrder(undefined), readOrder(''), readOrder('{}')]).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    '{a: 2}',
    '{a: "asc"}',
    '{a: true}',
    '{a: 0}',
    '{$a: 1}',
    '{"": 1}',
    '[{a: 1}]',
    'a',
    '{a: 1',
    '{a: {$meta: "x"}}',
  ])('refuses %s', (text) => {
    expect(() => readOrder(text)).toThrow(MongoTextError);
  });
});

import { describe, expect, it } from '@jest/globals';
import { valuesOf } from '@tributary/testing/contract';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { answerChanges, requestChanges } from './schema-changes.ts';
import type { Schema } from './schema-fits.ts';

const NONE = { before: {}, after: {} };
const inRequest = (before: Schema, after: Schema) => requestChanges(before, after, NONE, '');
const inAnswer = (before: Schema, after: Schema) => answerChanges(before, after, NONE, '');

const leaf: fc.Arbitrary<Schema> = fc.constantFrom<Schema>(
  {},
  { type: 'null' },
  { type: 'boolean' },
  { type: 'integer' },
  { type: 'integer', minimum: 1, maximum: 1000 },
  { type: 'integer', minimum: 0 },
  { type: 'number' },
  { type: 'number', maximum: 5 },
  { type: 'string' },
  { type: 'string', minLength: 1, maxLength: 3 },
  { type: 'string', maxLength: 9 },
  { type: 'string', pattern: '^a' },
  { enum: ['a', 'b'] },
  { enum: ['a', 'b', 'c'] },
  { const: 'a' },
  { type: ['string', 'null'] },
);
const { schema } = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    leaf,
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.record({ type: fc.constant('array'), items: tie('schema'), minItems: fc.constantFrom(0, 1) }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema'), { noNullPrototype: true }).chain((properties) =>
      fc.record(
        {
          type: fc.constant('object'),
          properties: fc.constant(properties),
          required: fc.subarray(Object.keys(properties)),
          additionalProperties: fc.constantFrom<unknown>(false, { type: 'integer' }),
        },
        { requiredKeys: ['type', 'properties', 'required'] },
      ),
    ),
  ),
}));

describe('changes of a schema', () => {
  it('there are none from a schema to itself', () => {
    fc.assert(
      fc.property(schema, (same) => {
        expect([...inRequest(same, same), ...inAnswer(same, same)]).toEqual([]);
      }),
    );
  });

  it('are found whenever something that was let through is let through no more', () => {
    const ajv = new Ajv2020({ strict: false });
    const near = fc
      .tuple(schema, schema, fc.boolean())
      .map(([a, b, twist]) => [a, twist ? { anyOf: [a, b] } : b] as const);
    let silent = 0;
    fc.assert(
      fc.property(near, ([before, after]) => {
        if (inRequest(before, after).length > 0) return;
        silent += 1;
        const fits = ajv.compile(after);
        for (const value of fc.sample(valuesOf(before), 5)) {
          if (!fits(value)) throw new Error(`${JSON.stringify(value)} was let through`);
        }
        // What a request may hold more an answer may hold less.
        expect(inAnswer(after, before).filter(({ what }) => what !== 'the member was removed')).toEqual([]);
      }),
      { numRuns: 400 },
    );
    expect(silent).toBeGreaterThan(30);
  });

  it('are seen value by value where values were listed', () => {
    const listed = { enum: ['a', 'b', 7] };
    const choice = {
      anyOf: [
        { type: 'string', pattern: '^a' },
        { type: 'integer', maximum: 9 },
      ],
    };
    expect(inRequest(listed, choice).map(({ what }) => what)).toEqual(['the values "b"']);
    expect(inRequest({ enum: ['a', 7] }, choice)).toEqual([]);
    expect(inRequest({ const: 12 }, choice).map(({ what }) => what)).toEqual(['the values 12']);
  });

  it('are none that break where members come that may be left out', () => {
    const open = schema.filter((one) => one.type === 'object' && one.additionalProperties === undefined);
    fc.assert(
      fc.property(open, schema, (before, member) => {
        const after = { ...before, properties: { ...(before.properties as object), later: member } };
        expect([...inRequest(before, after), ...inAnswer(before, after)]).toEqual([]);
        const closed = { ...before, additionalProperties: false };
        expect(inRequest(closed, { ...after, additionalProperties: false })).toEqual([]);
      }),
    );
  });

  const thing = {
    type: 'object',
    properties: {
      id: { type: 'string', pattern: '^a' },
      size: { type: 'integer', minimum: 1, maximum: 9 },
      kind: { enum: ['a', 'b'] },
      tags: { type: 'array', items: { type: 'string', maxLength: 5 }, maxItems: 3 },
      any: { anyOf: [{ type: 'string' }, { type: 'number' }] },
    },
    required: ['id', 'kind'],
  };
  type Members = Record<string, Schema>;
  const having = (change: (members: Members) => Members, more: Schema = {}): Schema => ({
    ...thing,
    properties: change(structuredClone(thing.properties) as unknown as Members),
    ...more,
  });
  const member = (name: string, changed: Schema) => having((all) => ({ ...all, [name]: changed }));
  const without = (name: string) =>
    having((all) => Object.fromEntries(Object.entries(all).filter(([key]) => key !== name)));

  it.each<[string, Schema, request: boolean, answer: boolean]>([
    ['a member that is required now', { ...thing, required: ['id', 'kind', 'size'] }, true, false],
    ['a member that need not be there any more', { ...thing, required: ['id'] }, false, true],
    ['a member that is gone', without('size'), true, true],
    ['a member of another type', member('size', { type: 'string' }), true, true],
    ['a member that may be null', member('size', { type: ['integer', 'null'], minimum: 1, maximum: 9 }), false, true],
    [
      'whole numbers only',
      having((all) => ({ ...all, any: { anyOf: [{ type: 'string' }, { type: 'integer' }] } })),
      true,
      false,
    ],
    ['a value less', member('kind', { enum: ['a'] }), true, false],
    ['a value more', member('kind', { enum: ['a', 'b', 'c'] }), false, true],
    ['any value', member('kind', { type: 'string' }), false, true],
    ['a smaller maximum', member('size', { type: 'integer', minimum: 1, maximum: 8 }), true, false],
    ['a greater maximum', member('size', { type: 'integer', minimum: 1, maximum: 10 }), false, true],
    ['no minimum', member('size', { type: 'integer', maximum: 9 }), false, true],
    ['another pattern', member('id', { type: 'string', pattern: '^b' }), true, true],
    [
      'shorter texts in a list',
      member('tags', { type: 'array', items: { type: 'string', maxLength: 4 }, maxItems: 3 }),
      true,
      false,
    ],
    ['longer lists', member('tags', { type: 'array', items: { type: 'string', maxLength: 5 } }), false, true],
    ['a choice less', member('any', { anyOf: [{ type: 'string' }] }), true, false],
    [
      'a choice more',
      member('any', { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] }),
      false,
      true,
    ],
    ['no other members', { ...thing, additionalProperties: false }, true, false],
  ])('are found: %s', (_, after, request, answer) => {
    expect({ request: inRequest(thing, after).length > 0, answer: inAnswer(thing, after).length > 0 }).toEqual({
      request,
      answer,
    });
  });

  it('are found through references, and end where these are recursive', () => {
    const tree = (name: Schema): Schema => ({
      type: 'object',
      properties: { name, children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } },
    });
    const versions = { before: { Tree: tree({ type: 'string' }) }, after: { Tree: tree({ type: 'integer' }) } };
    const root = { $ref: '#/components/schemas/Tree' };
    expect(answerChanges(root, root, versions, 'tree')).toEqual([
      { at: 'tree.name', what: 'type integer where there was string' },
    ]);
    expect(answerChanges(root, root, { before: versions.before, after: versions.before }, 'tree')).toEqual([]);
  });
});

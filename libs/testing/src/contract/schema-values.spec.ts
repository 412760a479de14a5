import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import type { JsonSchema } from './open-api.ts';
import { valuesOf } from './schema-values.ts';

const ajv = new Ajv2020({ strict: false });
formats.default(ajv);

const tree = {
  type: 'object',
  properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } },
  required: ['name', 'children'],
};
const document = { components: { schemas: { Tree: tree }, responses: {} } };

/** Does everything that is made for a schema fit it? */
function allFit(schema: JsonSchema, numRuns = 60): void {
  const fits = ajv.compile({ ...schema, components: document.components });
  fc.assert(
    fc.property(valuesOf(schema, { document }), (value) => {
      // It must survive the wire.
      expect(JSON.parse(JSON.stringify(value))).toEqual(value);
      if (!fits(value)) throw new Error(`${JSON.stringify(value)}: ${ajv.errorsText(fits.errors)}`);
    }),
    { numRuns },
  );
}

const kinds: Record<string, JsonSchema> = {
  anything: {},
  'whole numbers': { type: 'integer', minimum: 1, maximum: 1000 },
  'whole numbers without a limit': { type: 'integer', exclusiveMinimum: 0 },
  numbers: { type: 'number', exclusiveMinimum: 0, maximum: 1.5 },
  'bounded text': { type: 'string', minLength: 2, maxLength: 5 },
  ids: { type: 'string', pattern: '^con_[a-z2-7]{26}$' },
  'ids of at most 40': { type: 'string', pattern: '^[a-z][a-z0-9-]*$', maxLength: 40 },
  durations: { type: 'string', pattern: '^P(?!$)(?:\\d+D)?(?:T(?=\\d)(?:\\d+H)?)?$', maxLength: 20 },
  instants: { type: 'string', format: 'date-time' },
  addresses: { type: 'string', format: 'uri' },
  tuples: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }] },
  'lists of different ones': { type: 'array', items: { enum: ['a', 'b', 'c'] }, uniqueItems: true, minItems: 2 },
  'one of two': { anyOf: [{ type: 'string' }, { type: 'object', properties: { a: { const: 1 } }, required: ['a'] }] },
  both: {
    allOf: [
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
      { type: 'object', properties: { b: { type: 'null' } }, required: ['b'] },
    ],
  },
  'two types': { type: ['string', 'null'], minLength: 1 },
  dictionaries: { type: 'object', propertyNames: { pattern: '^[a-z]$', type: 'string' }, additionalProperties: {} },
  'dictionaries with an entry': { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 1 },
  trees: { $ref: '#/components/schemas/Tree' },
};

describe('values of a schema', () => {
  it.each(Object.entries(kinds))('fit it: %s', (_, schema) => {
    allFit(schema);
  });

  it('fit it: objects of any of these, with some members required', () => {
    const schemas = fc
      .dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom(...Object.values(kinds)), {
        noNullPrototype: true,
      })
      .chain((properties) =>
        fc.record({
          type: fc.constant('object'),
          properties: fc.constant(properties),
          required: fc.subarray(Object.keys(properties)),
          additionalProperties: fc.constantFrom(false, true, { type: 'integer' }),
        }),
      );
    fc.assert(
      fc.property(schemas, (schema) => allFit(schema, 10)),
      { numRuns: 25 },
    );
  });

  it('come from every branch, with members that may be left out and without', () => {
    const schema = { type: 'object', properties: { a: { enum: [1, 2] } }, additionalProperties: false };
    const seen = new Set(fc.sample(valuesOf(schema), 100).map((value) => JSON.stringify(value)));
    expect([...seen].sort()).toEqual(['{"a":1}', '{"a":2}', '{}']);
  });

  it('are refused for a keyword that is not known, as it would be passed over', () => {
    expect(() => valuesOf({ type: 'string', minLenght: 1 })).toThrow('minLenght');
    expect(() => valuesOf({ type: 'object', properties: { a: { type: 'number', multipleOf: 3 } } })).toThrow(
      'multipleOf',
    );
    expect(() => valuesOf({ $ref: '#/components/schemas/Nothing' }, { document })).toThrow('Nothing');
  });
});

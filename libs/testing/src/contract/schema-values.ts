import fc from 'fast-check';
import type { JsonSchema, OpenApi } from './open-api.ts';

/** What stands in a schema without saying which values it lets through. */
const ANNOTATIONS = new Set([
  '$schema',
  '$id',
  'id',
  'title',
  'description',
  'default',
  'examples',
  'contentMediaType',
]);
/** References are followed so deep; what goes deeper gets the smallest values there are. */
const MAX_DEPTH = 3;

export interface SchemaValuesOptions {
  /** Where references such as `#/components/schemas/Json` lead. */
  document?: Pick<OpenApi, 'components'>;
  /** May replace the values of any schema below, such as by ones that mean something where they are sent. */
  instead?: (schema: JsonSchema) => fc.Arbitrary<unknown> | undefined;
}

/**
 * Values that a JSON Schema (2020-12) lets through, of every kind that it lets through. Throws for a keyword that it does
 * not know: silence would be values that do not fit.
 */
export function valuesOf(schema: JsonSchema, options: SchemaValuesOptions = {}): fc.Arbitrary<unknown> {
  return build(schema, options, 0);
}

type Build = (schema: JsonSchema, options: SchemaValuesOptions, depth: number) => fc.Arbitrary<unknown>;

const build: Build = (schema, options, depth) => {
  const replaced = options.instead?.(schema);
  if (replaced) return replaced;
  if (typeof schema.$ref === 'string') return referenced(schema.$ref, options, depth);
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return oneOf(choices as JsonSchema[], schema, options, depth);
  if (Array.isArray(schema.allOf)) return build(merged(schema), options, depth);
  if (Array.isArray(schema.type)) {
    return fc.oneof(...(schema.type as string[]).map((type) => build(ofType(schema, type), options, depth)));
  }
  const make = typeof schema.type === 'string' ? TYPES[schema.type] : ANY;
  if (!make) throw new Error(`a schema has the unknown type ${schema.type}`);
  demandKnown(schema, make.keywords);
  return make.values(schema, options, depth);
};

/** Keywords for strings say nothing of numbers. */
function ofType(schema: JsonSchema, type: string): JsonSchema {
  const others = Object.values(TYPES).flatMap(({ keywords }) => keywords);
  const kept = Object.entries(schema).filter(
    ([keyword]) => !others.includes(keyword) || TYPES[type]?.keywords.includes(keyword),
  );
  return { ...Object.fromEntries(kept), type };
}

function referenced(reference: string, options: SchemaValuesOptions, depth: number): fc.Arbitrary<unknown> {
  const name = /^#\/components\/schemas\/([^/]+)$/.exec(reference)?.[1];
  const schema = name && options.document?.components.schemas[name];
  if (!schema) throw new Error(`a schema refers to ${reference}, which is not there`);
  return build(schema, options, depth + 1);
}

/** Below the greatest depth only what leads no deeper. */
function oneOf(choices: JsonSchema[], schema: JsonSchema, options: SchemaValuesOptions, depth: number) {
  const { anyOf: _anyOf, oneOf: _oneOf, ...common } = schema;
  const flat = choices.filter((choice) => !('$ref' in choice) && choice.type !== 'array' && choice.type !== 'object');
  const possible = depth > MAX_DEPTH && flat.length > 0 ? flat : choices;
  return fc.oneof(...possible.map((choice) => build(withCommon(choice, common), options, depth)));
}

const withCommon = (choice: JsonSchema, common: JsonSchema): JsonSchema =>
  Object.keys(common).every((keyword) => ANNOTATIONS.has(keyword)) ? choice : merged({ ...common, allOf: [choice] });

/** Objects that must fit several schemas must have the members of all of them. */
function merged({ allOf, ...schema }: JsonSchema): JsonSchema {
  const parts = [schema, ...(allOf as JsonSchema[])];
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map((part) => part.properties)),
    required: parts.flatMap((part) => (part.required ?? []) as string[]),
  };
}

function demandKnown(schema: JsonSchema, keywords: readonly string[]): void {
  for (const keyword of Object.keys(schema)) {
    if (keyword !== 'type' && !keywords.includes(keyword) && !ANNOTATIONS.has(keyword)) {
      throw new Error(`a schema of type ${schema.type ?? 'any'} has the unknown keyword ${keyword}`);
    }
  }
}

interface Kind {
  keywords: readonly string[];
  values: Build;
}

const ANY: Kind = { keywords: [], values: () => fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text)) };

const TYPES: Record<string, Kind> = {
  null: { keywords: [], values: () => fc.constant(null) },
  boolean: { keywords: [], values: () => fc.boolean() },
  integer: {
    keywords: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'format'],
    values: (schema) => integers(schema),
  },
  number: {
    keywords: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'format'],
    values: (schema) => fc.oneof(integers(schema), numbers(schema)),
  },
  string: { keywords: ['minLength', 'maxLength', 'pattern', 'format'], values: (schema) => strings(schema) },
  array: {
    keywords: ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'],
    values: (schema, options, depth) => arrays(schema, options, depth),
  },
  object: {
    keywords: ['properties', 'required', 'additionalProperties', 'propertyNames', 'minProperties', 'maxProperties'],
    values: (schema, options, depth) => objects(schema, options, depth),
  },
};

const numberOr = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

function integers(schema: JsonSchema): fc.Arbitrary<number> {
  const least = Math.max(
    Math.ceil(numberOr(schema.minimum, Number.MIN_SAFE_INTEGER)),
    Math.floor(numberOr(schema.exclusiveMinimum, Number.MIN_SAFE_INTEGER)) + 1,
  );
  const most = Math.min(
    Math.floor(numberOr(schema.maximum, Number.MAX_SAFE_INTEGER)),
    Math.ceil(numberOr(schema.exclusiveMaximum, Number.MAX_SAFE_INTEGER)) - 1,
  );
  return fc.integer({ min: Math.max(least, Number.MIN_SAFE_INTEGER), max: Math.min(most, Number.MAX_SAFE_INTEGER) });
}

function numbers(schema: JsonSchema): fc.Arbitrary<number> {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema as Record<string, number | undefined>;
  return fc
    .double({
      noNaN: true,
      noDefaultInfinity: true,
      min: Math.max(minimum ?? -Number.MAX_VALUE, exclusiveMinimum ?? -Number.MAX_VALUE),
      max: Math.min(maximum ?? Number.MAX_VALUE, exclusiveMaximum ?? Number.MAX_VALUE),
      minExcluded: exclusiveMinimum !== undefined,
      maxExcluded: exclusiveMaximum !== undefined,
    })
    .map((number) => (Object.is(number, -0) ? 0 : number));
}

const FORMATS: Record<string, fc.Arbitrary<string>> = {
  'date-time': fc
    .date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2999-12-31T00:00:00Z'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  uri: fc.webUrl({ withQueryParameters: true }),
  uuid: fc.uuid(),
  email: fc.emailAddress(),
};

/** Length in JSON Schema counts characters, not halves of them. */
const lengthOf = (text: string): number => [...text].length;

function strings({ minLength, maxLength, pattern, format }: JsonSchema): fc.Arbitrary<string> {
  const min = numberOr(minLength, 0);
  const max = numberOr(maxLength, Number.POSITIVE_INFINITY);
  const fits = (text: string): boolean => lengthOf(text) >= min && lengthOf(text) <= max;
  if (typeof format === 'string') {
    const values = FORMATS[format];
    if (!values) throw new Error(`a schema has the unknown format ${format}`);
    const expression = typeof pattern === 'string' ? new RegExp(pattern, 'u') : undefined;
    return values.filter((text) => fits(text) && (expression?.test(text) ?? true));
  }
  if (typeof pattern === 'string') return matching(pattern).filter(fits);
  const longest = Number.isFinite(max) ? { maxLength: max } : {};
  const of = (unit: 'grapheme-ascii' | 'grapheme' | 'binary') => fc.string({ unit, minLength: min, ...longest });
  return fc.oneof(of('grapheme-ascii'), of('grapheme'), of('binary')).filter(fits);
}

/** Looking ahead cannot be generated from; what is made without it is held against the whole. */
function matching(pattern: string): fc.Arbitrary<string> {
  const whole = new RegExp(pattern, 'u');
  const plain = pattern.replace(/\(\?[=!][^()]*\)/g, '');
  const made = fc.stringMatching(new RegExp(plain, 'u'));
  return plain === pattern ? made : made.filter((text) => whole.test(text));
}

function arrays(schema: JsonSchema, options: SchemaValuesOptions, depth: number): fc.Arbitrary<unknown[]> {
  const minLength = numberOr(schema.minItems, 0);
  const most = numberOr(schema.maxItems, Math.max(5, minLength));
  const maxLength = depth > MAX_DEPTH ? minLength : Math.min(most, Math.max(5, minLength));
  if (maxLength === 0) return fc.constant([]);
  const first = ((schema.prefixItems ?? []) as JsonSchema[]).map((item) => build(item, options, depth + 1));
  if (first.length > 0) return fc.tuple(...first);
  const item = build((schema.items ?? {}) as JsonSchema, options, depth + 1);
  if (schema.uniqueItems !== true) return fc.array(item, { minLength, maxLength });
  return fc.uniqueArray(item, { minLength, maxLength, selector: (value) => JSON.stringify(value) });
}

function objects(schema: JsonSchema, options: SchemaValuesOptions, depth: number): fc.Arbitrary<unknown> {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const required = (schema.required ?? []) as string[];
  const named = Object.entries(properties)
    .filter(([name]) => depth <= MAX_DEPTH || required.includes(name))
    .map(([name, member]) => [name, build(member, options, depth + 1)] as const);
  const known = fc.record(Object.fromEntries(named), { requiredKeys: required, noNullPrototype: true });
  const more = schema.additionalProperties;
  const minKeys = numberOr(schema.minProperties, 0);
  // Members that are not said to be there are no part of what is meant, unless there are no others.
  if (more === false || more === undefined || (depth > MAX_DEPTH && minKeys === 0)) return known;
  const names = schema.propertyNames ? build(schema.propertyNames as JsonSchema, options, depth + 1) : fc.string();
  const key = (names as fc.Arbitrary<string>).filter((name) => !(name in properties) && name !== '__proto__');
  const value = build(more === true ? {} : (more as JsonSchema), options, depth + 1);
  const others = fc.dictionary(key, value, {
    minKeys,
    maxKeys: Math.min(numberOr(schema.maxProperties, 4), Math.max(4, minKeys)),
    noNullPrototype: true,
  });
  return fc.tuple(others, known).map(([beside, own]) => ({ ...beside, ...(own as object) }));
}

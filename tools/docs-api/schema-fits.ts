export type Schema = { readonly [keyword: string]: unknown };

/** Named schemas of a document. */
export type Schemas = Record<string, Schema>;

/** What is said of a difference: where, in words for whoever has to decide, and what. */
export interface Finding {
  at: string;
  what: string;
}

export interface Sides {
  /** What the narrower schema refers to, and the wider. */
  narrow: Schemas;
  wide: Schemas;
}

/**
 * Why values that `narrow` lets through might not be let through by `wide`; empty where all of them are. Keywords that
 * cannot be compared, such as patterns, must be the same. Members that only one of the two names are not looked at
 * where the other is open: contracts grow by them.
 */
export function misfits(narrow: Schema, wide: Schema, sides: Sides, at: string): Finding[] {
  return fit(narrow, wide, { ...sides, seen: new Set() }, at);
}

interface Context extends Sides {
  /** Pairs of references that are being compared already: what is recursive is compared once. */
  seen: Set<string>;
}

function fit(narrow: Schema, wide: Schema, context: Context, at: string): Finding[] {
  if (narrow.$ref !== undefined || wide.$ref !== undefined) return referred(narrow, wide, context, at);
  const constants = constantsOf(narrow);
  if (constants) return strangers(constants, wide, context, at);
  if (choicesOf(narrow) || choicesOf(wide)) return choices(narrow, wide, context, at);
  return [
    ...types(narrow, wide, at),
    ...values(wide, at),
    ...limits(narrow, wide, at),
    ...sameKeywords(narrow, wide, at),
    ...items(narrow, wide, context, at),
    ...members(narrow, wide, context, at),
  ];
}

function referred(narrow: Schema, wide: Schema, context: Context, at: string): Finding[] {
  const pair = `${narrow.$ref ?? JSON.stringify(narrow)} ${wide.$ref ?? JSON.stringify(wide)}`;
  if (context.seen.has(pair)) return [];
  context.seen.add(pair);
  const found = fit(resolved(narrow, context.narrow), resolved(wide, context.wide), context, at);
  context.seen.delete(pair);
  return found;
}

function resolved(schema: Schema, schemas: Schemas): Schema {
  if (typeof schema.$ref !== 'string') return schema;
  const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  const target = schemas[name];
  if (!target) throw new Error(`${schema.$ref} leads nowhere`);
  return target;
}

const choicesOf = (schema: Schema): Schema[] | undefined => (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;

/** Each choice must be one of the others. */
function choices(narrow: Schema, wide: Schema, context: Context, at: string): Finding[] {
  const others = choicesOf(wide) ?? [wide];
  return (choicesOf(narrow) ?? [narrow]).flatMap((choice, i) => {
    const tried = others.map((other) => fit(choice, other, context, at));
    if (tried.some((found) => found.length === 0)) return [];
    // Where there is one alone, say what is wrong with it.
    if (tried.length === 1 && tried[0]) return tried[0];
    return [{ at: `${at} (choice ${i + 1})`, what: 'fits none of the choices' }];
  });
}

const ALL_TYPES = ['null', 'boolean', 'number', 'string', 'array', 'object'];

function typesOf(schema: Schema): string[] {
  if (Array.isArray(schema.type)) return schema.type as string[];
  if (typeof schema.type === 'string') return [schema.type];
  const constants = constantsOf(schema);
  if (constants) return [...new Set(constants.map(typeOfValue))];
  return ALL_TYPES;
}

function typeOfValue(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function types(narrow: Schema, wide: Schema, at: string): Finding[] {
  const taken = typesOf(wide);
  const strange = typesOf(narrow).filter(
    (type) => !taken.includes(type) && !(type === 'integer' && taken.includes('number')),
  );
  return strange.length === 0 ? [] : [{ at, what: `type ${strange.join(', ')} where there was ${taken.join(', ')}` }];
}

const constantsOf = (schema: Schema): unknown[] | undefined =>
  'const' in schema ? [schema.const] : (schema.enum as unknown[] | undefined);

/** A list is only ever within another list, and lists are looked at value by value. */
const values = (wide: Schema, at: string): Finding[] =>
  constantsOf(wide) ? [{ at, what: 'any value where a few were listed' }] : [];

/** Of the values of a list those that are not taken. */
function strangers(constants: unknown[], wide: Schema, context: Context, at: string): Finding[] {
  const strange = constants.filter((value) => !takes(value, wide, context.wide));
  if (strange.length === 0) return [];
  return [{ at, what: `the values ${strange.map((value) => JSON.stringify(value)).join(', ')}` }];
}

function takes(value: unknown, schema: Schema, schemas: Schemas): boolean {
  if (schema.$ref !== undefined) return takes(value, resolved(schema, schemas), schemas);
  const others = choicesOf(schema);
  if (others) return others.some((other) => takes(value, other, schemas));
  const listed = constantsOf(schema);
  if (listed) return listed.some((one) => JSON.stringify(one) === JSON.stringify(value));
  const type = typeOfValue(value);
  const taken = typesOf(schema);
  return (taken.includes(type) || (type === 'integer' && taken.includes('number'))) && isWithin(value, schema);
}

/** Of the limits of numbers and texts; the others say nothing of such a value. */
function isWithin(value: unknown, schema: Schema): boolean {
  const bound = (keyword: string, missing: number) => (schema[keyword] as number | undefined) ?? missing;
  if (typeof value === 'number') {
    const above = value >= bound('minimum', -Infinity) && value > bound('exclusiveMinimum', -Infinity);
    return above && value <= bound('maximum', Infinity) && value < bound('exclusiveMaximum', Infinity);
  }
  if (typeof value !== 'string') return true;
  const length = [...value].length;
  const matches = schema.pattern === undefined || new RegExp(String(schema.pattern), 'u').test(value);
  return matches && length >= bound('minLength', 0) && length <= bound('maxLength', Infinity);
}

const LEAST = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const MOST = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

function limits(narrow: Schema, wide: Schema, at: string): Finding[] {
  const outside = (keyword: string, isInside: (a: number, b: number) => boolean): Finding[] => {
    const bound = wide[keyword];
    const own = narrow[keyword];
    if (typeof bound !== 'number') return [];
    if (typeof own === 'number' && isInside(own, bound)) return [];
    return [{ at, what: `${keyword} ${own ?? 'unlimited'} where it was ${bound}` }];
  };
  return [
    ...LEAST.flatMap((keyword) => outside(keyword, (own, bound) => own >= bound)),
    ...MOST.flatMap((keyword) => outside(keyword, (own, bound) => own <= bound)),
  ];
}

const COMPARED_WHOLE = ['pattern', 'format', 'uniqueItems', 'propertyNames', 'prefixItems', 'not', 'allOf'];

function sameKeywords(narrow: Schema, wide: Schema, at: string): Finding[] {
  return COMPARED_WHOLE.filter(
    (keyword) => wide[keyword] !== undefined && JSON.stringify(narrow[keyword]) !== JSON.stringify(wide[keyword]),
  ).map((keyword) => ({ at, what: `another ${keyword}` }));
}

function items(narrow: Schema, wide: Schema, context: Context, at: string): Finding[] {
  if (!wide.items || !typesOf(narrow).includes('array')) return [];
  return fit((narrow.items ?? {}) as Schema, wide.items as Schema, context, `${at}[]`);
}

export const membersOf = (schema: Schema): Record<string, Schema> =>
  (schema.properties ?? {}) as Record<string, Schema>;

const requiredOf = (schema: Schema): string[] => (schema.required ?? []) as string[];

function members(narrow: Schema, wide: Schema, context: Context, at: string): Finding[] {
  if (!typesOf(narrow).includes('object') || !typesOf(wide).includes('object')) return [];
  const own = membersOf(narrow);
  const others = membersOf(wide);
  const more = wide.additionalProperties;
  const missing = requiredOf(wide).filter((name) => !requiredOf(narrow).includes(name));
  return [
    ...missing.map((name) => ({
      at: `${at}.${name}`,
      what: 'required by one side, and not always there on the other',
    })),
    ...Object.entries(own).flatMap(([name, member]): Finding[] => {
      const other = others[name];
      if (other) return fit(member, other, context, `${at}.${name}`);
      if (more === false) return [{ at: `${at}.${name}`, what: 'a member that is not taken' }];
      return typeof more === 'object' ? fit(member, more as Schema, context, `${at}.${name}`) : [];
    }),
    ...beyondMembers(narrow.additionalProperties, more, context, at),
  ];
}

/** What may stand in an object beside the members that are named. */
function beyondMembers(narrow: unknown, wide: unknown, context: Context, at: string): Finding[] {
  if (wide === undefined || wide === true || narrow === false) return [];
  if (wide === false) return [{ at, what: 'members of any name where none were taken' }];
  return fit((typeof narrow === 'object' ? narrow : {}) as Schema, wide as Schema, context, `${at}.*`);
}

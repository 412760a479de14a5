import { type Comparison, type Filter, FilterError } from './tree.ts';

/**
 * `text` is compared without regard to case, `id` exactly; `instant` is an RFC 3339 time; `any` is what a vendor chose,
 * compared only with values of its own type.
 */
export type FieldType = 'text' | 'id' | 'number' | 'boolean' | 'instant' | 'any';

/** Fields by dotted path. A path that ends in `.*` stands for every member below it. */
export type FilterFields = Record<string, FieldType>;

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
const TEXT_OPERATORS = ['co', 'sw', 'ew'];
const ORDER_OPERATORS = ['gt', 'ge', 'lt', 'le'];

/** The type of a field; undefined where there is none. Names are case-sensitive. */
export function fieldType(field: string, fields: FilterFields): FieldType | undefined {
  if (Object.hasOwn(fields, field) && !field.endsWith('.*')) return fields[field];
  const dot = field.indexOf('.');
  const wildcard = dot > 0 ? `${field.slice(0, dot)}.*` : '';
  return Object.hasOwn(fields, wildcard) ? fields[wildcard] : undefined;
}

/**
 * Refuses what cannot be answered: unknown fields, operators that make no sense for a field's type, values of another
 * type. Throws `FilterError`; returns the filter itself, so that a checked one can be told by where it came from.
 */
export function checkFilter(filter: Filter, fields: FilterFields): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      for (const part of filter.parts) checkFilter(part, fields);
      return filter;
    case 'not':
      checkFilter(filter.part, fields);
      return filter;
    case 'present':
      typeOf(filter.field, filter.at, fields);
      return filter;
    case 'within':
      typeOf(filter.field, filter.at, fields);
      throw new FilterError(`"${filter.field}" is not a list`, filter.at);
    case 'compare':
      checkComparison(filter, typeOf(filter.field, filter.at, fields));
      return filter;
  }
}

function typeOf(field: string, at: number, fields: FilterFields): FieldType {
  const type = fieldType(field, fields);
  if (type) return type;
  throw new FilterError(`there is no field "${field.slice(0, 80)}"; fields are ${Object.keys(fields).join(', ')}`, at);
}

function checkComparison({ field, operator, value, at }: Comparison, type: FieldType): void {
  if (value === null) {
    if (operator === 'eq' || operator === 'ne') return;
    throw new FilterError(`"${field}" can be compared with null by eq and ne only`, at);
  }
  const wanted = type === 'any' ? anyOperand(operator) : OPERANDS[type];
  if (TEXT_OPERATORS.includes(operator) && type !== 'text' && type !== 'id' && type !== 'any') {
    throw new FilterError(`"${field}" is not text: ${operator} does not apply`, at);
  }
  if (ORDER_OPERATORS.includes(operator) && type === 'boolean') {
    throw new FilterError(`"${field}" is true or false: ${operator} does not apply`, at);
  }
  if (!wanted.includes(typeof value)) throw new FilterError(`"${field}" is compared with ${wanted.join(' or ')}`, at);
  if (type === 'instant' && !isInstant(String(value))) {
    throw new FilterError(`"${field}" is compared with an RFC 3339 time such as "2026-03-29T01:00:00Z"`, at);
  }
}

const OPERANDS: Record<Exclude<FieldType, 'any'>, string[]> = {
  text: ['string'],
  id: ['string'],
  number: ['number'],
  boolean: ['boolean'],
  instant: ['string'],
};

function anyOperand(operator: string): string[] {
  if (TEXT_OPERATORS.includes(operator)) return ['string'];
  return ORDER_OPERATORS.includes(operator) ? ['string', 'number'] : ['string', 'number', 'boolean'];
}

const isInstant = (text: string): boolean => INSTANT.test(text) && !Number.isNaN(Date.parse(text));

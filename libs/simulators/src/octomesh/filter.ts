import type { TrueValue } from '../kit/series-log.ts';
import type { AttributeType } from './construction-kit.ts';
import { validationError } from './vendor-error.ts';

/** As GraphQL hands it over: attribute -> operators, and AND/OR with lists. */
export type FilterTree = Readonly<Record<string, unknown>>;

/** How a filter or an order reads one item. Times are read as milliseconds. */
export interface Readable<T> {
  /** Undefined when there is no such attribute. */
  typeOf(attribute: string): AttributeType | undefined;
  read(item: T, attribute: string): TrueValue | undefined;
}

export type Predicate<T> = (item: T) => boolean;

type Comparable = string | number | boolean;

/** Throws VALIDATION_ERROR for a time that is none and for null as an operand. */
export function compileFilter<T>(tree: FilterTree, readable: Readable<T>): Predicate<T> {
  const conditions = Object.entries(tree)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => {
      if (key === 'AND') return allOf(value as FilterTree[], readable);
      if (key === 'OR') return anyOf(value as FilterTree[], readable);
      return condition(key, value as Record<string, unknown>, readable);
    });
  return (item) => conditions.every((holds) => holds(item));
}

function allOf<T>(trees: readonly FilterTree[], readable: Readable<T>): Predicate<T> {
  const parts = trees.map((tree) => compileFilter(tree, readable));
  return (item) => parts.every((holds) => holds(item));
}

/** One of none: nothing. */
function anyOf<T>(trees: readonly FilterTree[], readable: Readable<T>): Predicate<T> {
  const parts = trees.map((tree) => compileFilter(tree, readable));
  return (item) => parts.some((holds) => holds(item));
}

function condition<T>(attribute: string, operators: Record<string, unknown>, readable: Readable<T>): Predicate<T> {
  const type = readable.typeOf(attribute);
  const tests = Object.entries(operators).map(([operator, operand]) =>
    comparison(operator, operandOf(operand, { attribute, operator, type })),
  );
  return (item) => {
    const value = readable.read(item, attribute) ?? null;
    return tests.every((holds) => holds(value as Comparable | null));
  };
}

interface Place {
  attribute: string;
  operator: string;
  type: AttributeType | undefined;
}

function operandOf(operand: unknown, place: Place): Comparable | Comparable[] {
  const refuse = (why: string) =>
    validationError(`${place.attribute}: ${why}`, { attribute: place.attribute, operator: place.operator });
  if (Array.isArray(operand)) return operand.map((one) => operandOf(one, place) as Comparable);
  if (operand === null || operand === undefined) throw refuse('null cannot be compared');
  if (place.type !== 'dateTime') return operand as Comparable;
  const at = parseTime(String(operand));
  if (at === undefined) throw refuse(`${String(operand)} is not a time`);
  return at;
}

/** RFC 3339 with a zone; milliseconds since 1970. */
export function parseTime(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/i.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

type Test = (value: Comparable | null) => boolean;

/** What is not there equals nothing, differs from everything, and has no order and no text. */
function comparison(operator: string, operand: Comparable | Comparable[]): Test {
  const text = String(operand);
  const one = operand as Comparable;
  switch (operator) {
    case 'eq':
      return (value) => value === one;
    case 'neq':
      return (value) => value !== one;
    case 'gt':
      return (value) => value !== null && value > one;
    case 'gte':
      return (value) => value !== null && value >= one;
    case 'lt':
      return (value) => value !== null && value < one;
    case 'lte':
      return (value) => value !== null && value <= one;
    case 'contains':
      return (value) => typeof value === 'string' && value.includes(text);
    case 'startsWith':
      return (value) => typeof value === 'string' && value.startsWith(text);
    case 'endsWith':
      return (value) => typeof value === 'string' && value.endsWith(text);
    case 'in': {
      const members = new Set(operand as Comparable[]);
      return (value) => value !== null && members.has(value);
    }
    default:
      throw validationError(`there is no operator ${operator}`, { operator });
  }
}

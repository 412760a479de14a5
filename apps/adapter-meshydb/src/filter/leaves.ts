import type { Comparison } from '@tributary/contracts';
import { storedName } from '../names.ts';
import { isObjectId } from '../object-id.ts';
import { allOf, always, anyOf, type Expression, never, noneOf, type Test } from './expression.ts';

/**
 * What a part of a filter became: `over` lets through everything that the part does and perhaps more, `under` nothing
 * that it does not and perhaps less. Where both are one, the platform says exactly the same.
 */
export interface Bounds {
  over: Expression;
  under: Expression;
}

export const exactly = (expression: Expression): Bounds => ({ over: expression, under: expression });
/** The platform can say nothing about it. */
export const unknown: Bounds = { over: always, under: never };

const ATTRIBUTES = 'attributes.';
const test = (path: string, of: Test): Expression => ({ kind: 'field', path, test: of });
const isList = (path: string): Expression => test(path, { operator: '$type', value: 'array' });

/**
 * Where a field stands in a document; undefined where the platform reads the path otherwise than we do: a number is the
 * place in a list as well as a name there, and `length` a member that every list has with us.
 */
export function storedPath(field: string): string[] | undefined {
  if (!field.startsWith(ATTRIBUTES)) return undefined;
  const names = field.slice(ATTRIBUTES.length).split('.');
  if (names.some((name) => /^\d+$/.test(name) || name === 'length' || name === '' || !name.isWellFormed()))
    return undefined;
  // The id is not among the attributes.
  if (names[0] === '_id') return undefined;
  return names.map(storedName);
}

/** Quirk: the database looks into lists by itself; with us a path ends at one. So no list may stand on the way. */
const noListsBefore = (names: readonly string[]): Expression =>
  allOf(names.slice(0, -1).map((_, i) => noneOf(isList(names.slice(0, i + 1).join('.')))));

export function presentAt(names: readonly string[]): Expression {
  const path = names.join('.');
  // A list that holds null would pass for null.
  return allOf([noListsBefore(names), anyOf([isList(path), test(path, { operator: '$ne', value: null })])]);
}

/** Comparison with a value; `ne` is the negation of `eq` and null the absence: both are the caller's to turn round. */
export function comparedAt(names: readonly string[], { operator, value }: Comparison): Bounds {
  const path = names.join('.');
  const scalar = allOf([noListsBefore(names), noneOf(isList(path))]);
  const whole = (bounds: Bounds): Bounds => {
    const over = allOf([scalar, bounds.over]);
    return bounds.over === bounds.under ? exactly(over) : { over, under: allOf([scalar, bounds.under]) };
  };
  if (typeof value === 'boolean')
    return operator === 'eq' ? whole(exactly(test(path, { operator: '$eq', value }))) : exactly(never);
  if (typeof value === 'number') return whole(ofNumber(path, operator, value));
  return typeof value === 'string' && value.isWellFormed() ? whole(ofText(path, operator, value)) : unknown;
}

const ORDER = { gt: '$gt', ge: '$gte', lt: '$lt', le: '$lte' } as const;
type Order = keyof typeof ORDER;
const isOrder = (operator: string): operator is Order => Object.hasOwn(ORDER, operator);

/**
 * A whole number that a double cannot hold is text with us, so for numbers of that size the platform's answer is only
 * an upper bound.
 */
function ofNumber(path: string, operator: string, value: number): Bounds {
  if (!isOrder(operator) && operator !== 'eq') return exactly(never);
  const over = test(path, { operator: isOrder(operator) ? ORDER[operator] : '$eq', value });
  const safe = Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  if (operator === 'eq') return safe ? exactly(over) : { over, under: never };
  return { over, under: allOf([over, noneOf(tooLong(path))]) };
}

const tooLong = (path: string): Expression =>
  anyOf([
    test(path, { operator: '$gt', value: Number.MAX_SAFE_INTEGER }),
    test(path, { operator: '$lt', value: Number.MIN_SAFE_INTEGER }),
  ]);

/** Text is compared exactly, and ordered by code points, as the database does. */
function ofText(path: string, operator: string, value: string): Bounds {
  const under = textTest(path, operator, value);
  return mayBeDigits(operator, value) ? { over: anyOf([under, tooLong(path)]), under } : exactly(under);
}

function textTest(path: string, operator: string, value: string): Expression {
  if (isOrder(operator)) return test(path, { operator: ORDER[operator], value });
  if (operator === 'eq') return test(path, { operator: '$eq', value });
  if (value === '') return test(path, { operator: '$type', value: 'string' });
  return test(path, { operator: '$regex', value: pattern(operator, value) });
}

// `$` alone would fit before a line break at the end as well.
const AT_END = '(?![\\s\\S])';

function pattern(operator: string, value: string): string {
  const literal = value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  if (operator === 'sw') return `^${literal}`;
  return operator === 'ew' ? literal + AT_END : literal;
}

/** Could the digits of a whole number be what is asked for? */
function mayBeDigits(operator: string, value: string): boolean {
  if (operator === 'eq') return /^-?[1-9]\d{15,}$/.test(value);
  if (operator === 'sw') return /^-?\d*$/.test(value);
  if (operator === 'co' || operator === 'ew') return /^-?\d*$/.test(value);
  return true;
}

/** The document's own id, which is 24 lower-case hex digits and always there. */
export function comparedId({ operator, value }: Comparison): Bounds {
  if (value === null) return exactly(never);
  if (typeof value !== 'string') return exactly(never);
  if (operator === 'eq') return exactly(isObjectId(value) ? { kind: 'id', operator: '$eq', id: value } : never);
  if (isOrder(operator) && isObjectId(value)) return exactly({ kind: 'id', operator: ORDER[operator], id: value });
  return unknown;
}

import { type FieldType, type FilterFields, fieldType } from './fields.ts';
import type { CompareOperator, Filter, FilterValue } from './tree.ts';

/**
 * Does a record satisfy the filter? Two-valued: what is absent or null equals null and nothing else, differs from every
 * value, and is neither greater nor less. Fields that `fields` does not know are taken as `any`.
 */
export function matchesFilter(filter: Filter, record: unknown, fields: FilterFields = {}): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.parts.every((part) => matchesFilter(part, record, fields));
    case 'or':
      return filter.parts.some((part) => matchesFilter(part, record, fields));
    case 'not':
      return !matchesFilter(filter.part, record, fields);
    case 'present':
      return isPresent(valueAt(record, filter.field));
    case 'within': {
      const list = valueAt(record, filter.field);
      return Array.isArray(list) && list.some((element) => matchesFilter(filter.part, element));
    }
    case 'compare':
      return compare(
        valueAt(record, filter.field),
        filter.operator,
        filter.value,
        fieldType(filter.field, fields) ?? 'any',
      );
  }
}

/** The value at a dotted path; own members only. */
export function valueAt(record: unknown, field: string): unknown {
  let value = record;
  for (const name of field.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

const isPresent = (value: unknown): boolean => value !== undefined && value !== null;

function compare(actual: unknown, operator: CompareOperator, wanted: FilterValue, type: FieldType): boolean {
  if (operator === 'ne') return !compare(actual, 'eq', wanted, type);
  if (!isPresent(actual)) return operator === 'eq' && wanted === null;
  if (typeof actual !== typeof wanted) return false;
  if (typeof actual === 'string' && typeof wanted === 'string') return compareText(actual, operator, wanted, type);
  if (operator === 'eq') return actual === wanted;
  return typeof actual === 'number' && typeof wanted === 'number' && ordered(actual - wanted, operator);
}

function compareText(actual: string, operator: CompareOperator, wanted: string, type: FieldType): boolean {
  if (type === 'instant') return ordered(Date.parse(actual) - Date.parse(wanted), operator);
  const [left, right] = type === 'text' ? [actual.toLowerCase(), wanted.toLowerCase()] : [actual, wanted];
  if (operator === 'co') return left.includes(right);
  if (operator === 'sw') return left.startsWith(right);
  if (operator === 'ew') return left.endsWith(right);
  // By code points, as the database orders them; UTF-16 would put some characters elsewhere.
  return ordered(Buffer.compare(Buffer.from(left), Buffer.from(right)), operator);
}

function ordered(difference: number, operator: CompareOperator): boolean {
  if (operator === 'eq') return difference === 0;
  if (operator === 'gt') return difference > 0;
  if (operator === 'ge') return difference >= 0;
  if (operator === 'lt') return difference < 0;
  return operator === 'le' && difference <= 0;
}

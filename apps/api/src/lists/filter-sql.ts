import {
  type Comparison,
  checkFilter,
  type FieldType,
  type Filter,
  type FilterFields,
  fieldType,
} from '@tributary/contracts';
import type { Parameters } from './sql.ts';

/** A field that can be filtered by, and the SQL expression behind it. */
export interface FilterColumn {
  type: FieldType;
  /** Constant SQL; for a field that ends in `.*`, the jsonb column whose members are meant. */
  sql: string;
}

export type FilterColumns = Record<string, FilterColumn>;

export const fieldsOf = (columns: FilterColumns): FilterFields =>
  Object.fromEntries(Object.entries(columns).map(([field, column]) => [field, column.type]));

/**
 * A filter as a condition that is true or false and never null, with the meaning of `matchesFilter`. Throws
 * `FilterError` for what the columns cannot answer.
 */
export function filterToSql(filter: Filter, columns: FilterColumns, parameters: Parameters): string {
  checkFilter(filter, fieldsOf(columns));
  return condition(filter, columns, parameters);
}

function condition(filter: Filter, columns: FilterColumns, parameters: Parameters): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.parts.map((part) => condition(part, columns, parameters)).join(` ${filter.kind} `)})`;
    case 'not':
      return `(not ${condition(filter.part, columns, parameters)})`;
    case 'present':
      return `(${expression(filter.field, columns, parameters).present})`;
    case 'within':
      return 'false';
    case 'compare':
      return comparison(filter, columns, parameters);
  }
}

interface Expression {
  sql: string;
  type: FieldType;
  present: string;
}

/** checkFilter has let through known fields only. */
function expression(field: string, columns: FilterColumns, parameters: Parameters): Expression {
  const exact = Object.hasOwn(columns, field) ? columns[field] : undefined;
  if (exact) return { sql: exact.sql, type: exact.type, present: `(${exact.sql}) is not null` };
  const [head, ...path] = field.split('.');
  const column = columns[`${head}.*`];
  if (!column) throw new Error(`no column for a checked field of type ${fieldType(field, fieldsOf(columns))}`);
  const sql = `(${column.sql} #> ${parameters.add(path, 'text[]')})`;
  return { sql, type: 'any', present: `coalesce(jsonb_typeof(${sql}) <> 'null', false)` };
}

function comparison(filter: Comparison, columns: FilterColumns, parameters: Parameters): string {
  const { operator, value } = filter;
  // First of all: an expression that is made and not used would leave a parameter that no place stands for.
  if (operator === 'ne') return `(not ${comparison({ ...filter, operator: 'eq' }, columns, parameters)})`;
  const { sql, type, present } = expression(filter.field, columns, parameters);
  if (value === null) return `(not ${present})`;
  if (type === 'any') return compareAny(sql, filter, parameters);
  if (type === 'text') return truth(compareText(`lower(${sql})`, operator, `lower(${parameters.add(value, 'text')})`));
  if (type === 'id') return truth(compareText(`(${sql})`, operator, parameters.add(value, 'text')));
  const pgType = type === 'number' ? 'double precision' : type === 'boolean' ? 'boolean' : 'timestamptz';
  return truth(
    `(${sql})${type === 'number' ? '::double precision' : ''} ${SQL_OPERATORS[operator]} ${parameters.add(value, pgType)}`,
  );
}

/** A member that a vendor chose counts only when it has the type of the value it is compared with. */
function compareAny(sql: string, { operator, value }: Comparison, parameters: Parameters): string {
  if (operator === 'eq') return truth(`${sql} = ${parameters.add(JSON.stringify(value), 'jsonb')}`);
  const text = `(${sql} #>> '{}')`;
  if (typeof value === 'number') {
    const number = `case when jsonb_typeof(${sql}) = 'number' then ${text}::numeric end`;
    return truth(`(${number}) ${SQL_OPERATORS[operator]} ${parameters.add(String(value), 'numeric')}`);
  }
  const string = `case when jsonb_typeof(${sql}) = 'string' then ${text} end`;
  return truth(compareText(`(${string})`, operator, parameters.add(value, 'text')));
}

function compareText(left: string, operator: Comparison['operator'], right: string): string {
  if (operator === 'co') return `position(${right} in ${left}) > 0`;
  if (operator === 'sw') return `starts_with(${left}, ${right})`;
  if (operator === 'ew') return `right(${left}, length(${right})) = ${right}`;
  return `${left} collate "C" ${SQL_OPERATORS[operator]} ${right}`;
}

const truth = (sql: string): string => `coalesce(${sql}, false)`;

const SQL_OPERATORS: Record<Comparison['operator'], string> = {
  eq: '=',
  ne: '<>',
  gt: '>',
  ge: '>=',
  lt: '<',
  le: '<=',
  co: '',
  sw: '',
  ew: '',
};

/** What a field can be compared with. */
export type FilterValue = string | number | boolean | null;

export const compareOperators = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
/** equal, not equal, contains, starts with, ends with, greater, greater or equal, less, less or equal. */
export type CompareOperator = (typeof compareOperators)[number];

/** One comparison of a field with a value. `at` is where the field stands in the text, counted from 0. */
export interface Comparison {
  kind: 'compare';
  field: string;
  operator: CompareOperator;
  value: FilterValue;
  at: number;
}

/**
 * A filter as a tree; the same tree becomes SQL here and whatever a platform understands there. Fields are dotted
 * paths. `within` asks whether one element of a list satisfies all of an inner filter.
 */
export type Filter =
  | { kind: 'and' | 'or'; parts: Filter[] }
  | { kind: 'not'; part: Filter }
  | { kind: 'present'; field: string; at: number }
  | { kind: 'within'; field: string; part: Filter; at: number }
  | Comparison;

/** The text is not a filter, or asks for a field that does not exist. `position` counts characters from 0. */
export class FilterError extends Error {
  override readonly name = 'FilterError';

  constructor(
    message: string,
    readonly position: number,
  ) {
    super(message);
  }
}

export { checkFilter, type FieldType, type FilterFields, fieldType } from './fields.ts';
export { formatFilter } from './format.ts';
export { matchesFilter } from './match.ts';
export { FILTER_LIMITS, parseFilter } from './parse.ts';
export {
  type CompareOperator,
  type Comparison,
  compareOperators,
  type Filter,
  FilterError,
  type FilterValue,
} from './tree.ts';

import { checkFilter, type EntityType, type Filter, FilterError, formatFilter } from '@tributary/contracts';
import { parseSort, type SortField } from '../lists/sort.ts';

/** Paths into a record as it is answered. */
export const ENTITY_FIELDS = { nativeId: 'id', name: 'text', 'attributes.*': 'any' } as const;
const ATTRIBUTES = 'attributes.';

/**
 * Refuses fields that records of the type do not have: a misspelt one would match nothing, silently. Throws `FilterError`.
 * A schema that allows further members, or names none, lets every attribute through.
 */
export function checkEntityFilter(filter: Filter, type: EntityType): Filter {
  checkFilter(filter, ENTITY_FIELDS);
  const known = attributesOf(type);
  if (!known) return filter;
  for (const { field, at } of fieldsIn(filter)) {
    const name = field.startsWith(ATTRIBUTES) ? field.slice(ATTRIBUTES.length).split('.', 1)[0] : undefined;
    if (name === undefined || known.includes(name)) continue;
    throw new FilterError(`"${type.name}" has no attribute "${name.slice(0, 80)}"; it has ${known.join(', ')}`, at);
  }
  return filter;
}

/** Reads `-name,attributes.capacity`. Throws 400 for what records of the type do not have. */
export function entitySort(text: string | undefined, type: EntityType, pointer?: string): SortField[] {
  const known = attributesOf(type)?.map((name) => ATTRIBUTES + name);
  const asked = text?.split(',').map((field) => field.replace(/^-/, '')) ?? [];
  const attributes = known ?? asked.filter((field) => field.startsWith(ATTRIBUTES));
  return parseSort(text, ['nativeId', 'name', ...attributes], pointer);
}

/** What is left of a filter where the platform has evaluated all but `residual`; undefined where that is nothing. */
export function evaluatedThere(filter: Filter, residual: Filter | undefined): Filter | undefined {
  const here = new Set(residual ? conjuncts(residual).map(formatFilter) : []);
  const there = conjuncts(filter).filter((part) => !here.has(formatFilter(part)));
  return there.length > 1 ? { kind: 'and', parts: there } : there[0];
}

const conjuncts = (filter: Filter): Filter[] =>
  filter.kind === 'and' ? filter.parts.flatMap((part) => conjuncts(part)) : [filter];

/** Names of all attributes; undefined where there may be others. */
function attributesOf({ schema }: EntityType): string[] | undefined {
  const { properties, additionalProperties, patternProperties } = schema;
  const closed = additionalProperties === undefined || additionalProperties === false;
  if (!closed || patternProperties !== undefined) return undefined;
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : undefined;
}

function fieldsIn(filter: Filter): { field: string; at: number }[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.parts.flatMap(fieldsIn);
    case 'not':
      return fieldsIn(filter.part);
    default:
      return [filter];
  }
}

import type { Comparison, Filter } from '@tributary/contracts';
import type { Attribute, EntityModel } from '../schema/model.ts';
import { compileInstant } from './instants.ts';

/** A filter object of the vendor: attributes with operators, `AND` and `OR` with lists. */
export type VendorFilter = Record<string, unknown>;

export interface Compiled {
  /** Lets through everything that the filter does, and nothing more where `residual` is absent. */
  pushed?: VendorFilter;
  /** What of the filter is still to be done. */
  residual?: Filter;
}

/** What one part of the tree became; `exact` is false where more comes through than should. */
interface Part {
  where: VendorFilter;
  exact: boolean;
}

const ATTRIBUTES = 'attributes.';
/** Of the same attribute, as many comparisons with eq become one `in`. */
const MIN_IN = 2;

/**
 * Splits a filter in what OctoMesh evaluates exactly as this product does, and the rest. What stays here: `not`, `pr`,
 * null, `ne` on what may be absent, order of text, everything on `name` (compared without regard to case), and values
 * of another type than the attribute's. A comparison of times is pushed a little wider and done again here.
 */
export function compileFilter(filter: Filter, model: EntityModel): Compiled {
  const conjuncts = conjunctsOf(filter).map((part) => ({ part, made: compilePart(part, model) }));
  const pushed = conjuncts.flatMap(({ made }) => (made ? [made.where] : []));
  const left = conjuncts.filter(({ made }) => !made?.exact).map(({ part }) => part);
  return {
    ...(pushed.length > 0 ? { pushed: allOf(pushed) } : {}),
    ...(left.length > 0 ? { residual: joined('and', left) } : {}),
  };
}

/** The value that a conjunct demands `wellKnownName` to have, which has a question of its own. */
export function demandedWellKnownName(filter: Filter): string | undefined {
  for (const part of conjunctsOf(filter)) {
    if (part.kind !== 'compare' || part.field !== `${ATTRIBUTES}wellKnownName` || part.operator !== 'eq') continue;
    if (typeof part.value === 'string' && part.value !== '') return part.value;
  }
  return undefined;
}

/** Fields of a tree that name something. */
export function fieldsOf(filter: Filter): string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.parts.flatMap(fieldsOf);
    case 'not':
      return fieldsOf(filter.part);
    default:
      return [filter.field];
  }
}

export const allOf = (parts: readonly VendorFilter[]): VendorFilter => {
  const [only] = parts;
  return parts.length === 1 && only ? only : { AND: [...parts] };
};

const conjunctsOf = (filter: Filter): Filter[] =>
  filter.kind === 'and' ? filter.parts.flatMap(conjunctsOf) : [filter];

function joined(kind: 'and' | 'or', parts: Filter[]): Filter {
  const [only] = parts;
  return parts.length === 1 && only ? only : { kind, parts };
}

function compilePart(filter: Filter, model: EntityModel): Part | undefined {
  switch (filter.kind) {
    case 'and': {
      const { pushed, residual } = compileFilter(filter, model);
      return pushed && { where: pushed, exact: residual === undefined };
    }
    case 'or':
      return compileEither(filter.parts, model);
    case 'compare':
      return compileComparison(filter, model);
    default:
      return undefined;
  }
}

/** One part that cannot be pushed lets everything through, and with it the whole. */
function compileEither(parts: readonly Filter[], model: EntityModel): Part | undefined {
  const made = parts.map((part) => compilePart(part, model));
  if (made.some((part) => part === undefined)) return undefined;
  const all = made.flatMap((part) => part ?? []);
  const where = withMembership(
    all.map((part) => part.where),
    model,
  );
  const [only] = where;
  return { where: where.length === 1 && only ? only : { OR: where }, exact: all.every(({ exact }) => exact) };
}

/** `a eq 1 or a eq 2` as `a in [1, 2]`: the vendor reads one list faster than many parts. */
function withMembership(parts: readonly VendorFilter[], model: EntityModel): VendorFilter[] {
  const wanted = new Map<string, unknown[]>();
  for (const part of parts) {
    const found = equalityOf(part, model);
    if (found) wanted.set(found.name, [...(wanted.get(found.name) ?? []), found.value]);
  }
  const listed = new Map([...wanted].filter(([, values]) => values.length >= MIN_IN));
  const rest = parts.filter((part) => !listed.has(equalityOf(part, model)?.name ?? ''));
  return [...rest, ...[...listed].map(([name, values]) => ({ [name]: { in: values } }))];
}

function equalityOf(part: VendorFilter, model: EntityModel): { name: string; value: unknown } | undefined {
  const [entry, second] = Object.entries(part);
  if (!entry || second || !operatorsOf(entry[0], model).has('in')) return undefined;
  const operators = Object.entries(entry[1] as Record<string, unknown>);
  const [only] = operators;
  return operators.length === 1 && only?.[0] === 'eq' ? { name: entry[0], value: only[1] } : undefined;
}

const operatorsOf = (name: string, model: EntityModel): ReadonlySet<string> =>
  name === 'rtId'
    ? model.idOperators
    : (model.attributes.find((attribute) => attribute.name === name)?.operators ?? new Set());

function compileComparison(comparison: Comparison, model: EntityModel): Part | undefined {
  if (comparison.value === null) return undefined;
  if (comparison.field === 'nativeId') return onId(comparison, model);
  const name = comparison.field.startsWith(ATTRIBUTES) ? comparison.field.slice(ATTRIBUTES.length) : undefined;
  const attribute = model.attributes.find((candidate) => candidate.name === name);
  if (!attribute || attribute.list || !isWellFormed(comparison.value)) return undefined;
  return compileByKind[attribute.kind](comparison, attribute);
}

const isWellFormed = (value: unknown): boolean => typeof value !== 'string' || value.isWellFormed();

function onId({ operator, value }: Comparison, model: EntityModel): Part | undefined {
  if (typeof value !== 'string' || !isWellFormed(value)) return undefined;
  const vendor = operator === 'eq' ? 'eq' : operator === 'ne' ? 'neq' : undefined;
  if (vendor === undefined || !model.idOperators.has(vendor)) return undefined;
  return { where: { rtId: { [vendor]: value } }, exact: true };
}

type Compile = (comparison: Comparison, attribute: Attribute) => Part | undefined;

/** A part that is exact as long as the attribute's own operators say the same as ours. */
function plain(comparison: Comparison, { name, operators, nonNull }: Attribute): Part | undefined {
  const vendor = VENDOR_OPERATORS[comparison.operator];
  if (!operators.has(vendor)) return undefined;
  // What is absent differs from every value with us; the vendor's page does not say what it does there.
  if (comparison.operator === 'ne' && !nonNull) return undefined;
  return { where: { [name]: { [vendor]: comparison.value } }, exact: true };
}

const VENDOR_OPERATORS = {
  eq: 'eq',
  ne: 'neq',
  gt: 'gt',
  ge: 'gte',
  lt: 'lt',
  le: 'lte',
  co: 'contains',
  sw: 'startsWith',
  ew: 'endsWith',
} as const;

const EQUALITY = new Set(['eq', 'ne']);
const ORDER = new Set(['gt', 'ge', 'lt', 'le']);
const MAX_INT = 2 ** 31;

/** Text is ordered by code points here, and nobody knows how there; an empty operand is left out of the question. */
const text: Compile = (comparison, attribute) =>
  typeof comparison.value === 'string' && !ORDER.has(comparison.operator) && comparison.value !== ''
    ? plain(comparison, attribute)
    : undefined;

// Quirk: members of an enum are literals when written and strings in a filter (API Integration, "Filtering").
const member: Compile = (comparison, attribute) =>
  EQUALITY.has(comparison.operator) && attribute.enumValues?.includes(String(comparison.value))
    ? plain(comparison, attribute)
    : undefined;

const integer: Compile = (comparison, attribute) =>
  Number.isInteger(comparison.value) && Math.abs(Number(comparison.value)) < MAX_INT
    ? plain(comparison, attribute)
    : undefined;

const number: Compile = (comparison, attribute) =>
  typeof comparison.value === 'number' && Number.isFinite(comparison.value) ? plain(comparison, attribute) : undefined;

/** Whole numbers that a double cannot hold are text with us, so the comparison is done here once more. */
const long: Compile = (comparison, attribute) => {
  if (!Number.isSafeInteger(comparison.value) || comparison.operator === 'ne') return undefined;
  const part = plain(comparison, attribute);
  return part && { ...part, exact: false };
};

const boolean: Compile = (comparison, attribute) =>
  typeof comparison.value === 'boolean' ? plain(comparison, attribute) : undefined;

const instant: Compile = (comparison, attribute) => {
  const where = compileInstant(comparison, attribute);
  return where && { where: allOf(where), exact: false };
};

const id: Compile = (comparison, attribute) =>
  typeof comparison.value === 'string' && EQUALITY.has(comparison.operator) && comparison.value !== ''
    ? plain(comparison, attribute)
    : undefined;

const compileByKind: Record<Attribute['kind'], Compile> = {
  text,
  enum: member,
  integer,
  long,
  number,
  boolean,
  instant,
  id,
  other: () => undefined,
};

/** What a field is tested by. Values are scalars: they are data wherever they stand, never part of the expression. */
export type Test =
  | { operator: '$eq' | '$gt' | '$gte' | '$lt' | '$lte'; value: string | number | boolean }
  | { operator: '$ne'; value: null }
  | { operator: '$regex'; value: string }
  | { operator: '$type'; value: 'array' | 'string' };

/**
 * A MongoDB expression as a tree. `none` is the negation; `id` compares the document's own id. There is no node that
 * holds text of an expression, so nothing that a caller wrote can become one.
 */
export type Expression =
  | { kind: 'always' }
  | { kind: 'never' }
  | { kind: 'all' | 'any'; parts: readonly Expression[] }
  | { kind: 'none'; part: Expression }
  | { kind: 'field'; path: string; test: Test }
  | { kind: 'id'; operator: '$eq' | '$gt' | '$gte' | '$lt' | '$lte'; id: string };

export const always: Expression = { kind: 'always' };
export const never: Expression = { kind: 'never' };

/** Documents that satisfy all parts; simplified, so that `always` and `never` stand alone or not at all. */
export function allOf(parts: readonly Expression[]): Expression {
  const open = parts
    .flatMap((part) => (part.kind === 'all' ? part.parts : [part]))
    .filter(({ kind }) => kind !== 'always');
  if (open.some(({ kind }) => kind === 'never')) return never;
  const [only] = open;
  return only === undefined ? always : open.length === 1 ? only : { kind: 'all', parts: open };
}

export function anyOf(parts: readonly Expression[]): Expression {
  const open = parts
    .flatMap((part) => (part.kind === 'any' ? part.parts : [part]))
    .filter(({ kind }) => kind !== 'never');
  if (open.some(({ kind }) => kind === 'always')) return always;
  const [only] = open;
  return only === undefined ? never : open.length === 1 ? only : { kind: 'any', parts: open };
}

export function noneOf(part: Expression): Expression {
  if (part.kind === 'always') return never;
  if (part.kind === 'never') return always;
  return part.kind === 'none' ? part.part : { kind: 'none', part };
}

/** How ids are written: as the database's own, or as text for a server that takes them so. */
export type IdForm = 'oid' | 'text';

/** The expression in strict JSON. `never` has no text: nobody has to be asked. */
export function textOf(expression: Expression, idForm: IdForm): string {
  return JSON.stringify(plainOf(expression, idForm));
}

function plainOf(expression: Expression, idForm: IdForm): object {
  switch (expression.kind) {
    case 'always':
      return {};
    case 'never':
      return { _id: { $in: [] } };
    case 'all':
      return { $and: expression.parts.map((part) => plainOf(part, idForm)) };
    case 'any':
      return { $or: expression.parts.map((part) => plainOf(part, idForm)) };
    case 'none':
      return { $nor: [plainOf(expression.part, idForm)] };
    case 'field':
      return { [expression.path]: { [expression.test.operator]: expression.test.value } };
    case 'id':
      return { _id: { [expression.operator]: idForm === 'oid' ? { $oid: expression.id } : expression.id } };
  }
}

/** Whether it holds an id anywhere. */
export function hasIds(expression: Expression): boolean {
  if (expression.kind === 'all' || expression.kind === 'any') return expression.parts.some(hasIds);
  return expression.kind === 'id' || (expression.kind === 'none' && hasIds(expression.part));
}

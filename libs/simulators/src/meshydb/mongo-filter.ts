import { Query } from 'mingo';
import { MongoTextError, ObjectIdValue, parseMongoText, regExp } from './mongo-text.ts';
import { isObjectId } from './object-ids.ts';

type Members = Record<string, unknown>;

/** Stands for what no id can be equal to, and of another type than everything a document holds. */
class NoId {}

const NEVER: Members = { $in: [] };
const LOGICAL = new Set(['$and', '$or', '$nor']);
const NO_PLAIN_TYPES = ['binData', 'objectId', 'date', 'regex', 'timestamp', 'minKey', 'maxKey', 'javascript'];
const PLAIN_TYPES = ['double', 'string', 'object', 'array', 'bool', 'null', 'int', 'long', 'decimal', 'number'];
const TYPE_NUMBERS: Record<number, string> = {
  1: 'double',
  2: 'string',
  3: 'object',
  4: 'array',
  5: 'binData',
  7: 'objectId',
  8: 'bool',
  9: 'date',
  10: 'null',
  11: 'regex',
  13: 'javascript',
  16: 'int',
  17: 'timestamp',
  18: 'long',
  19: 'decimal',
};

export interface Filter {
  test(document: Members): boolean;
  /** Ids that a matching document can have, both ends included. */
  ids: { from?: string; to?: string };
}

/** A filter as it comes over the wire; empty or absent text fits everything. Throws MongoTextError. */
export function readFilter(text: string | undefined): Filter {
  if (text === undefined || text.trim() === '') return { test: () => true, ids: {} };
  const criteria = checkedCriteria(parseMongoText(text), true);
  const query = compiled(criteria);
  return { test: (document) => query.test(document), ids: idsOf(criteria) };
}

/** The same filter in the form that the evaluating library takes. Throws MongoTextError. */
export const strictCriteria = (value: unknown): Members => checkedCriteria(value, true);

function compiled(criteria: Members): Query {
  try {
    return new Query(criteria);
  } catch (error) {
    throw new MongoTextError('not a filter', { cause: error });
  }
}

export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** `root`: whether `_id` is the document's own, and not that of a part of it. */
function checkedCriteria(value: unknown, root: boolean): Members {
  if (!isMembers(value)) throw new MongoTextError('a filter is an object');
  return Object.fromEntries(
    Object.entries(value).map(([name, operand]) => {
      if (LOGICAL.has(name)) return [name, branches(name, operand, root)];
      if (name.startsWith('$')) throw new MongoTextError(`unknown operator ${name}`);
      return [name, checkedOperand(operand, root && name === '_id')];
    }),
  );
}

function branches(name: string, operand: unknown, root: boolean): Members[] {
  if (!Array.isArray(operand) || operand.length === 0) throw new MongoTextError(`${name} takes a list of filters`);
  return operand.map((one) => checkedCriteria(one, root));
}

function checkedOperand(operand: unknown, isId: boolean): unknown {
  return hasOperators(operand) ? checkedOperators(operand, isId) : plain(operand, isId);
}

const hasOperators = (value: unknown): value is Members =>
  isMembers(value) && Object.keys(value).some((name) => name.startsWith('$'));

function checkedOperators(operators: Members, isId: boolean): Members {
  const checked: Members = {};
  for (const [name, operand] of Object.entries(operators)) {
    const check = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
    if (!check) throw new MongoTextError(`unknown operator ${name}`);
    Object.assign(checked, check(operand, isId, operators));
  }
  return checked;
}

type Check = (operand: unknown, isId: boolean, siblings: Members) => Members;

const compares =
  (name: string): Check =>
  (operand, isId) => {
    if (operand instanceof RegExp) throw new MongoTextError(`${name} takes no regular expression`);
    return { [name]: plain(operand, isId) };
  };

const lists =
  (name: string): Check =>
  (operand, isId) => {
    if (!Array.isArray(operand)) throw new MongoTextError(`${name} takes a list`);
    return { [name]: operand.map((one) => plain(one, isId)) };
  };

const OPERATORS: Record<string, Check> = {
  $eq: compares('$eq'),
  $ne: compares('$ne'),
  $gt: compares('$gt'),
  $gte: compares('$gte'),
  $lt: compares('$lt'),
  $lte: compares('$lte'),
  $in: lists('$in'),
  $nin: lists('$nin'),
  $not: negated,
  $exists: (operand) => ({ $exists: Boolean(operand) }),
  $type: ofType,
  $regex: matching,
  $options: (_operand, _isId, siblings) => {
    if (!('$regex' in siblings)) throw new MongoTextError('$options needs $regex');
    return {};
  },
  $all: all,
  $size: (operand) => {
    if (!Number.isInteger(operand) || Number(operand) < 0) throw new MongoTextError('$size takes a whole number');
    return { $size: operand };
  },
  $elemMatch: (operand) => ({ $elemMatch: elementCriteria(operand) }),
  $mod: (operand) => {
    const fits = Array.isArray(operand) && operand.length === 2 && operand.every((one) => Number.isFinite(one));
    if (!fits || Math.trunc(Number(operand[0])) === 0) throw new MongoTextError('$mod takes divisor and remainder');
    return { $mod: operand.map(Math.trunc) };
  },
};

function negated(operand: unknown, isId: boolean): Members {
  if (operand instanceof RegExp) return { $not: isId ? NEVER : operand };
  const names = isMembers(operand) ? Object.keys(operand) : [];
  if (names.length === 0 || !hasOperators(operand)) throw new MongoTextError('$not takes operators');
  return { $not: checkedOperators(operand, isId) };
}

function matching(operand: unknown, isId: boolean, { $options = '' }: Members): Members {
  if (typeof $options !== 'string') throw new MongoTextError('$options is text');
  const [source, flags] = operand instanceof RegExp ? [operand.source, operand.flags] : [operand, ''];
  if (typeof source !== 'string') throw new MongoTextError('$regex takes text');
  if (flags && $options) throw new MongoTextError('options are given twice');
  const made = regExp(source, flags || $options);
  return isId ? NEVER : { $regex: made };
}

/** Documents are JSON: of the types that JSON does not have, only the id's own is ever met. */
function ofType(operand: unknown, isId: boolean): Members {
  const names = (Array.isArray(operand) ? operand : [operand]).map(typeName);
  if (names.length === 0) throw new MongoTextError('$type takes a type');
  if (isId) return names.includes('objectId') ? { $exists: true } : NEVER;
  const met = names.filter((name) => PLAIN_TYPES.includes(name));
  return met.length === 0 ? NEVER : { $type: met };
}

function typeName(given: unknown): string {
  const name = typeof given === 'number' ? TYPE_NUMBERS[given] : given;
  if (typeof name !== 'string' || ![...PLAIN_TYPES, ...NO_PLAIN_TYPES].includes(name))
    throw new MongoTextError(`unknown type ${String(given)}`);
  return name;
}

function all(operand: unknown, isId: boolean): Members {
  if (!Array.isArray(operand)) throw new MongoTextError('$all takes a list');
  const isElement = (one: unknown): one is Members => isMembers(one) && '$elemMatch' in one;
  return {
    $all: operand.map((one) =>
      isElement(one) && Object.keys(one).length === 1
        ? { $elemMatch: elementCriteria(one.$elemMatch) }
        : plain(one, isId),
    ),
  };
}

/** Either operators on the element itself, or a filter on its members. */
function elementCriteria(operand: unknown): Members {
  const onMembers =
    isMembers(operand) && Object.keys(operand).every((name) => LOGICAL.has(name) || !name.startsWith('$'));
  return hasOperators(operand) && !onMembers ? checkedOperators(operand, false) : checkedCriteria(operand, false);
}

/** A value as documents hold it. An id is text here, and in the filter may be both. */
function plain(value: unknown, isId: boolean): unknown {
  if (isId) return plainId(value);
  refuseOperators(value);
  return value;
}

function plainId(value: unknown): unknown {
  if (value instanceof ObjectIdValue) return value.hex;
  if (isObjectId(value)) return value.toLowerCase();
  refuseOperators(value);
  return value === null ? null : new NoId();
}

function refuseOperators(value: unknown): void {
  if (Array.isArray(value)) value.forEach(refuseOperators);
  else if (isMembers(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (name.startsWith('$')) throw new MongoTextError(`${name} has no place here`);
      refuseOperators(member);
    }
  }
}

/** What the criteria say of the id alone, so that a search need not look at every document. */
function idsOf(criteria: Members): Filter['ids'] {
  const parts = [criteria, ...(Array.isArray(criteria.$and) ? (criteria.$and as Members[]) : [])];
  const ids: Filter['ids'] = {};
  for (const { _id: operand } of parts) {
    const equal = typeof operand === 'string' ? operand : isMembers(operand) ? operand.$eq : undefined;
    const { $gt, $gte, $lt, $lte } = isMembers(operand) ? operand : ({} as Members);
    for (const from of [equal, $gt, $gte]) if (typeof from === 'string' && from > (ids.from ?? '')) ids.from = from;
    for (const to of [equal, $lt, $lte]) if (typeof to === 'string' && to < (ids.to ?? 'z')) ids.to = to;
  }
  return ids;
}

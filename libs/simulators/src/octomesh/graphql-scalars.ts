import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLError,
  GraphQLFloat,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLString,
  Kind,
} from 'graphql';

/** Scalars of the platform that GraphQL itself does not know. Whether an id or a time is a good one is not their matter. */
const textScalar = (name: string, description: string) =>
  new GraphQLScalarType<string, string>({
    name,
    description,
    coerceOutputValue: (value) => String(value),
    coerceInputValue: (value) => textOf(value, name),
    coerceInputLiteral: (node) => {
      if (node.kind !== Kind.STRING) throw new GraphQLError(`${name} must be a string`, { nodes: [node] });
      return node.value;
    },
  });

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new GraphQLError(`${name} must be a string`);
  return value;
}

const numberScalar = (name: string, description: string, accepts: (value: number) => boolean) =>
  new GraphQLScalarType<number, number>({
    name,
    description,
    coerceOutputValue: (value) => Number(value),
    coerceInputValue: (value) => numberOf(value, name, accepts),
    coerceInputLiteral: (node) => {
      const isNumber = node.kind === Kind.INT || (node.kind === Kind.FLOAT && accepts(0.5));
      if (!isNumber) throw new GraphQLError(`${name} must be a number`, { nodes: [node] });
      return numberOf(Number(node.value), name, accepts);
    },
  });

function numberOf(value: unknown, name: string, accepts: (value: number) => boolean): number {
  if (typeof value !== 'number' || !accepts(value)) throw new GraphQLError(`${name} cannot represent this value`);
  return value;
}

export const OctoObjectId = textScalar('OctoObjectId', 'Id of an entity: 24 hexadecimal digits');
export const DateTime = textScalar('DateTime', 'ISO-8601 time with a zone');
export const Long = numberScalar('Long', 'Whole number of 64 bits', Number.isSafeInteger);
export const Decimal = numberScalar('Decimal', 'Decimal number', Number.isFinite);

export const SortOrder = new GraphQLEnumType({ name: 'SortOrder', values: { ASC: {}, DESC: {} } });

export const PageInfo = new GraphQLObjectType({
  name: 'PageInfo',
  fields: {
    hasNextPage: { type: new GraphQLNonNull(GraphQLBoolean) },
    endCursor: { type: GraphQLString },
    totalCount: { type: GraphQLInt },
  },
});

const EQUALITY = ['eq', 'neq'];
const ORDER = ['gt', 'gte', 'lt', 'lte'];
const TEXT = ['contains', 'startsWith', 'endsWith'];

const operators = (name: string, type: GraphQLInputType, names: readonly string[]) =>
  new GraphQLInputObjectType({
    name,
    fields: {
      ...Object.fromEntries(names.map((operator) => [operator, { type }])),
      in: { type: new GraphQLList(new GraphQLNonNull(type as GraphQLScalarType)) },
    },
  });

/** Operators by what they are applied to. Enums are compared as the names of their members. */
export const FILTERS = {
  text: operators('StringFilter', GraphQLString, [...EQUALITY, ...ORDER, ...TEXT]),
  id: operators('OctoObjectIdFilter', OctoObjectId, [...EQUALITY, ...ORDER, ...TEXT]),
  int: operators('IntFilter', GraphQLInt, [...EQUALITY, ...ORDER]),
  long: operators('LongFilter', Long, [...EQUALITY, ...ORDER]),
  float: operators('FloatFilter', GraphQLFloat, [...EQUALITY, ...ORDER]),
  decimal: operators('DecimalFilter', Decimal, [...EQUALITY, ...ORDER]),
  time: operators('DateTimeFilter', DateTime, [...EQUALITY, ...ORDER]),
  boolean: operators('BooleanFilter', GraphQLBoolean, EQUALITY),
};

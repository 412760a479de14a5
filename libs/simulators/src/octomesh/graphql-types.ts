import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  type GraphQLInputFieldConfigMap,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLNullableInputType,
  type GraphQLNullableType,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLString,
} from 'graphql';
import type { TrueValue } from '../kit/series-log.ts';
import type { AttributeModel, EnumModel, RecordModel, TypeModel } from './ck-model.ts';
import { DateTime, Decimal, FILTERS, Long, OctoObjectId, PageInfo, SortOrder } from './graphql-scalars.ts';

const SCALARS = {
  string: { type: GraphQLString, filter: FILTERS.text },
  int: { type: GraphQLInt, filter: FILTERS.int },
  int64: { type: Long, filter: FILTERS.long },
  double: { type: GraphQLFloat, filter: FILTERS.float },
  decimal: { type: Decimal, filter: FILTERS.decimal },
  boolean: { type: GraphQLBoolean, filter: FILTERS.boolean },
  dateTime: { type: DateTime, filter: FILTERS.time },
} as const;

const isScalar = (type: string): type is keyof typeof SCALARS => type in SCALARS;

/** What an attribute is in answers, in mutations and in filters. Each enum and record is made once. */
export class AttributeTypes {
  readonly #enums = new Map<string, GraphQLEnumType>();
  readonly #records = new Map<string, GraphQLObjectType>();
  readonly #inputRecords = new Map<string, GraphQLInputObjectType>();

  output({ type, enum: ofEnum, record }: AttributeModel): GraphQLOutputType {
    if (ofEnum) return this.#enum(ofEnum);
    if (record) return type === 'recordArray' ? listOf(this.#record(record)) : this.#record(record);
    if (type === 'stringArray') return listOf(GraphQLString);
    if (type === 'intArray') return listOf(GraphQLInt);
    return isScalar(type) ? SCALARS[type].type : GraphQLString;
  }

  input({ type, enum: ofEnum, record }: AttributeModel): GraphQLNullableInputType {
    if (ofEnum) return this.#enum(ofEnum);
    if (record) return type === 'recordArray' ? listOf(this.#inputRecord(record)) : this.#inputRecord(record);
    if (type === 'stringArray') return listOf(GraphQLString);
    if (type === 'intArray') return listOf(GraphQLInt);
    return isScalar(type) ? SCALARS[type].type : GraphQLString;
  }

  /** Undefined for what cannot be filtered or sorted: lists and records. */
  filter({ type }: AttributeModel): GraphQLInputObjectType | undefined {
    if (type === 'enum') return FILTERS.text;
    return isScalar(type) ? SCALARS[type].filter : undefined;
  }

  #enum({ id, name, values }: EnumModel): GraphQLEnumType {
    return made(this.#enums, id, () => {
      return new GraphQLEnumType({ name, description: id, values: Object.fromEntries(values.map((one) => [one, {}])) });
    });
  }

  #record({ id, name, attributes }: RecordModel): GraphQLObjectType {
    return made(this.#records, id, () => {
      const fields = () => Object.fromEntries(attributes.map((one) => [one.name, { type: this.output(one) }]));
      return new GraphQLObjectType({ name, description: id, fields });
    });
  }

  #inputRecord({ id, name, attributes }: RecordModel): GraphQLInputObjectType {
    return made(this.#inputRecords, id, () => {
      const fields = () => Object.fromEntries(attributes.map((one) => [one.name, this.inputField(one, true)]));
      return new GraphQLInputObjectType({ name: `${name}Input`, description: id, fields });
    });
  }

  inputField(attribute: AttributeModel, create: boolean) {
    const type = this.input(attribute);
    const must = create && attribute.isRequired && attribute.defaultValue === undefined;
    return { type: must ? new GraphQLNonNull(type) : type, ...describedBy(attribute) };
  }
}

const listOf = <T extends GraphQLNullableType>(type: T) => new GraphQLList(new GraphQLNonNull(type));

export const describedBy = ({ description, unit }: AttributeModel) => {
  const text = [description, unit && `Unit: ${unit}`].filter(Boolean).join('. ');
  return text ? { description: text } : {};
};

function made<T>(kept: Map<string, T>, id: string, make: () => T): T {
  const found = kept.get(id) ?? make();
  kept.set(id, found);
  return found;
}

/** `{ items, pageInfo }` */
export const connectionOf = (item: GraphQLObjectType): GraphQLObjectType =>
  new GraphQLObjectType({
    name: `${item.name}Connection`,
    fields: {
      items: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(item))) },
      pageInfo: { type: new GraphQLNonNull(PageInfo) },
    },
  });

export const PAGE_ARGUMENTS = { first: { type: GraphQLInt }, after: { type: GraphQLString } };

/** Filter, order and page of a list; `system` are the members that every item has. */
export function listArguments(type: TypeModel, types: AttributeTypes, system: GraphQLInputFieldConfigMap) {
  const filterable: GraphQLInputFieldConfigMap = { ...system };
  for (const attribute of type.attributes) {
    const filter = types.filter(attribute);
    if (filter) filterable[attribute.name] = { type: filter };
  }
  const filter: GraphQLInputObjectType = new GraphQLInputObjectType({
    name: `${type.name}Filter`,
    fields: () => ({
      ...filterable,
      AND: { type: new GraphQLList(new GraphQLNonNull(filter)) },
      OR: { type: new GraphQLList(new GraphQLNonNull(filter)) },
    }),
  });
  const orderBy = new GraphQLInputObjectType({
    name: `${type.name}OrderBy`,
    fields: Object.fromEntries(Object.keys(filterable).map((name) => [name, { type: SortOrder }])),
  });
  return { ...PAGE_ARGUMENTS, filter: { type: filter }, orderBy: { type: orderBy } };
}

export const ID_ARGUMENT = { rtId: { type: new GraphQLNonNull(OctoObjectId) } };

export const attributeValue =
  (name: string) =>
  (source: { attributes: Record<string, TrueValue> }): TrueValue =>
    source.attributes[name] ?? null;

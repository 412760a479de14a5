import { isName } from '../dialect/names.ts';
import type { WireField } from '../wire.ts';
import type { Association, Attribute, EntityModel, Listing, SchemaModel, StreamModel } from './model.ts';
import { operatorsOf, readAttribute } from './read-attributes.ts';
import { argumentsOf, argumentType, type TypeMap, unwrap } from './type-map.ts';
import type { TypeNames } from './type-names.ts';

/** Members of every entity that are not attributes. */
const RECORD_KEYS = new Set(['rtId', 'ckTypeId']);
const ROW_KEYS = new Set(['rtId', 'timestamp', 'ckTypeId']);
const WELL_KNOWN_NAME = 'wellKnownName';
const PAGE_INFO = ['hasNextPage', 'endCursor', 'totalCount'];

export interface Roots {
  query: string;
  mutation?: string | undefined;
}

/** Reads the vendor's naming pattern out of an introspected schema; what does not follow it is passed over. */
export function buildModel(
  types: TypeMap,
  roots: Roots,
  names: TypeNames,
  libraries: SchemaModel['libraries'],
): SchemaModel {
  const runtime = below(types, roots.query, 'runtime');
  const streams = below(types, roots.query, 'streamData');
  const mutations = roots.mutation === undefined ? undefined : below(types, roots.mutation, 'runtime');
  const parts = { types, runtime, mutations, names };
  const entities = types.fields(runtime).flatMap((field) => entityModel(field, parts) ?? []);
  const streamModels = types.fields(streams).flatMap((field) => streamModel(field, types, names) ?? []);
  return {
    entities: new Map(entities.map((entity) => [entity.flat, entity])),
    streams: new Map(streamModels.map((stream) => [stream.flat, stream])),
    libraries,
  };
}

interface Parts {
  types: TypeMap;
  runtime: string;
  mutations: string | undefined;
  names: TypeNames;
}

function below(types: TypeMap, root: string, name: string): string {
  const field = types.field(root, name);
  return field ? unwrap(field.type).name : '';
}

/** Type of the items of a field that answers pages. */
function itemsOf(types: TypeMap, field: WireField): { type: string; kind: string } | undefined {
  const items = types.field(unwrap(field.type).name, 'items');
  if (!items) return undefined;
  const { name, kind } = unwrap(items.type);
  return kind === 'OBJECT' || kind === 'UNION' || kind === 'INTERFACE' ? { type: name, kind } : undefined;
}

function listingOf(types: TypeMap, field: WireField): Listing {
  return { field: field.name, args: argumentsOf(field), pageInfo: pageInfoOf(types, field) };
}

function pageInfoOf(types: TypeMap, field: WireField): string {
  const connection = unwrap(field.type).name;
  const info = types.field(connection, 'pageInfo');
  const members = info ? PAGE_INFO.filter((name) => types.field(unwrap(info.type).name, name)) : [];
  const beside = !members.includes('totalCount') && types.field(connection, 'totalCount') ? ' totalCount' : '';
  return members.length > 0 ? `pageInfo { ${members.join(' ')} }${beside}` : beside.trim();
}

function entityModel(field: WireField, parts: Parts): EntityModel | undefined {
  const { types, runtime, names } = parts;
  const items = itemsOf(types, field);
  if (!field.name.startsWith('rt') || items?.kind !== 'OBJECT' || !types.field(items.type, 'rtId')) return undefined;
  const flat = field.name.slice(2);
  const filterType = argumentType(field, 'filter');
  const orderType = argumentType(field, 'orderBy');
  const changes = mutationsOf(flat, parts);
  const inputs = { filterType, orderType, createType: changes.createType, updateType: changes.updateType };
  const fields = types.fields(items.type).filter(({ name }) => !RECORD_KEYS.has(name));
  const linked = fields.flatMap((member) => associationOf(member, types) ?? []);
  const byId = types.field(runtime, `${field.name}ById`);
  const byName = types.field(runtime, `${field.name}ByWellKnownName`);
  const description = types.get(items.type)?.description;
  return {
    name: names.nameOf(flat),
    flat,
    objectType: items.type,
    ...(description ? { description } : {}),
    attributes: fields.flatMap((member) => {
      const attribute = readAttribute(member, types, inputs);
      return attribute ? [withNameRule(attribute, changes.mayBeNamed)] : [];
    }),
    associations: linked.flatMap(({ association }) => association ?? []),
    readingTypes: linked.flatMap(({ readings }) => readings ?? []),
    listing: listingOf(types, field),
    idOperators: operatorsOf(filterType, 'rtId', types),
    sortableById: types.input(orderType, 'rtId') !== undefined,
    ...(byId ? { byId: argumentsOf(byId) } : {}),
    ...(byName ? { byWellKnownName: argumentsOf(byName) } : {}),
    ...changes.fields,
  };
}

/** The well-known name is written beside the attributes, and read like one of them. */
const withNameRule = (attribute: Attribute, mayBeNamed: boolean): Attribute =>
  attribute.name === WELL_KNOWN_NAME && mayBeNamed
    ? { ...attribute, write: { required: false, nullable: true, kind: 'text', list: false } }
    : attribute;

/** Pages of things with an id are an association; pages of readings only say that there is a stream. */
function associationOf(field: WireField, types: TypeMap): { association?: Association; readings?: string } | undefined {
  const items = itemsOf(types, field);
  if (!items) return undefined;
  const objectTypes = items.kind === 'OBJECT' ? [items.type] : types.possible(items.type).filter(isName);
  const withId = objectTypes.filter((type) => types.field(type, 'rtId'));
  const hasTime = objectTypes.some((type) => types.field(type, 'timestamp'));
  if (withId.length === 0 || (hasTime && items.kind === 'OBJECT'))
    return hasTime ? { readings: items.type } : undefined;
  return {
    association: {
      name: field.name,
      args: argumentsOf(field),
      pageInfo: pageInfoOf(types, field),
      objectTypes: withId,
      union: items.kind !== 'OBJECT',
    },
  };
}

function mutationsOf(flat: string, { types, mutations }: Parts) {
  const of = (prefix: string) => (mutations === undefined ? undefined : types.field(mutations, `${prefix}Rt${flat}`));
  const [create, update, remove, relate] = [of('create'), of('update'), of('delete'), of('addAssociation')];
  const attributesOf = (field: WireField | undefined) => {
    const member = types.input(argumentType(field, 'entity'), 'attributes');
    return member && unwrap(member.type).name;
  };
  const named = [create, update].some((field) => types.input(argumentType(field, 'entity'), WELL_KNOWN_NAME));
  return {
    mayBeNamed: named,
    createType: attributesOf(create),
    updateType: attributesOf(update),
    fields: {
      ...(create ? { create: argumentsOf(create) } : {}),
      ...(update ? { update: argumentsOf(update) } : {}),
      // Quirk: deleting answers a bare value, without a selection (API Integration, "Mutations").
      ...(remove
        ? { remove: { args: argumentsOf(remove), selection: types.isLeaf(unwrap(remove.type)) ? '' : '__typename' } }
        : {}),
      ...(relate ? { relate: argumentsOf(relate) } : {}),
    },
  };
}

function streamModel(field: WireField, types: TypeMap, names: TypeNames): StreamModel | undefined {
  const items = itemsOf(types, field);
  if (!field.name.startsWith('ts') || items?.kind !== 'OBJECT') return undefined;
  if (!types.field(items.type, 'rtId') || !types.field(items.type, 'timestamp')) return undefined;
  const flat = field.name.slice(2);
  const inputs = { filterType: argumentType(field, 'filter'), orderType: argumentType(field, 'orderBy') };
  const measured = types.fields(items.type).filter(({ name }) => !ROW_KEYS.has(name));
  return {
    name: names.nameOf(flat),
    flat,
    objectType: items.type,
    attributes: measured.flatMap((member) => readAttribute(member, types, inputs) ?? []),
    listing: listingOf(types, field),
  };
}

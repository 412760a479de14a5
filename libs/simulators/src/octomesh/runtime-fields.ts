import { type GraphQLFieldConfigMap, GraphQLNonNull, GraphQLObjectType, GraphQLString } from 'graphql';
import type { RoleModel, TypeModel } from './ck-model.ts';
import type { Entity } from './entity-store.ts';
import { compileFilter, type FilterTree, parseTime, type Readable } from './filter.ts';
import { type GraphqlContext, type Resolver, rootField, writtenSortKeys } from './graphql-context.ts';
import { FILTERS, OctoObjectId } from './graphql-scalars.ts';
import {
  type AttributeTypes,
  attributeValue,
  connectionOf,
  describedBy,
  ID_ARGUMENT,
  listArguments,
  PAGE_ARGUMENTS,
} from './graphql-types.ts';
import { comparator } from './ordering.ts';
import { type PageArguments, pageOf, type Sliceable } from './paging.ts';
import type { Row } from './stream-rows.ts';
import { entityNotFound } from './vendor-error.ts';

export type Fields = GraphQLFieldConfigMap<unknown, GraphqlContext>;

/** Object types of entities, with the connections that lead to them. */
export class EntityTypes {
  readonly #types: ReadonlyMap<string, TypeModel>;
  readonly #attributes: AttributeTypes;
  /** Object type of a stream's rows as an association shows them. */
  readonly #viewOf: (stream: string) => GraphQLObjectType;
  readonly #objects = new Map<string, GraphQLObjectType>();
  readonly #connections = new Map<string, GraphQLObjectType>();

  constructor(
    types: ReadonlyMap<string, TypeModel>,
    attributes: AttributeTypes,
    viewOf: (stream: string) => GraphQLObjectType,
  ) {
    this.#types = types;
    this.#attributes = attributes;
    this.#viewOf = viewOf;
  }

  object(id: string): GraphQLObjectType {
    const type = this.#types.get(id);
    if (!type) throw new RangeError(`no CK type is called ${id}`);
    const known = this.#objects.get(id);
    if (known) return known;
    const object = new GraphQLObjectType({
      name: type.name,
      description: type.id,
      fields: () => ({ ...SYSTEM_FIELDS, ...this.#attributeFields(type), ...this.#roleFields(type) }),
    });
    this.#objects.set(id, object);
    return object;
  }

  connection(id: string): GraphQLObjectType {
    const known = this.#connections.get(id);
    const isStream = this.#types.get(id)?.isStream ?? false;
    const connection = known ?? connectionOf(isStream ? this.#viewOf(id) : this.object(id));
    this.#connections.set(id, connection);
    return connection;
  }

  #attributeFields(type: TypeModel): Fields {
    return Object.fromEntries(
      type.attributes.map((attribute) => [
        attribute.name,
        {
          type: this.#attributes.output(attribute),
          resolve: attributeValue(attribute.name) as never,
          ...describedBy(attribute),
        },
      ]),
    );
  }

  #roleFields(type: TypeModel): Fields {
    return Object.fromEntries(
      type.roles.map((role) => [
        role.name,
        {
          type: this.connection(role.other),
          description: `${role.direction} association with ${role.other}`,
          args: PAGE_ARGUMENTS,
          resolve: (entity, args, { tenant }) => pageOf(othersOf(tenant, entity as Entity, role), args),
        },
      ]),
    );
  }
}

function othersOf(tenant: GraphqlContext['tenant'], entity: Entity, role: RoleModel): Sliceable<Entity | Row> {
  const stream = tenant.streams.get(role.other);
  if (!stream) return tenant.entities.linked(role.id, role.direction, entity.rtId);
  const everything = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, descending: false };
  return stream.select({ ...everything, rtIds: new Set([entity.rtId]) });
}

const SYSTEM_FIELDS: Fields = {
  rtId: { type: new GraphQLNonNull(OctoObjectId) },
  ckTypeId: { type: new GraphQLNonNull(GraphQLString) },
  wellKnownName: { type: GraphQLString },
};

const SYSTEM_FILTERS = {
  rtId: { type: FILTERS.id },
  ckTypeId: { type: FILTERS.text },
  wellKnownName: { type: FILTERS.text },
};

/** `rt{N}`, `rt{N}ById` and `rt{N}ByWellKnownName` of one type. */
export function runtimeQueries(type: TypeModel, objects: EntityTypes, attributes: AttributeTypes): Fields {
  const field = <A>(name: string, resolve: Resolver<A>) => ({ resolve: rootField(name, resolve) });
  const list = `rt${type.name}`;
  return {
    [list]: {
      type: objects.connection(type.id),
      args: listArguments(type, attributes, SYSTEM_FILTERS),
      description: `Entities of ${type.id}`,
      ...field<ListArguments>(list, (_source, args, context, info) => {
        const readable = readableEntities(type);
        const keys = writtenSortKeys(args.orderBy, context, info);
        const found = context.tenant.entitiesOf(type.id).filter(compileFilter(args.filter ?? {}, readable));
        return pageOf(keys.length > 0 ? found.sort(comparator(keys, readable)) : found, args);
      }),
    },
    [`${list}ById`]: {
      type: objects.object(type.id),
      args: ID_ARGUMENT,
      ...field<{ rtId: string }>(`${list}ById`, (_source, { rtId }, { tenant }) => existing(tenant, type, rtId)),
    },
    [`${list}ByWellKnownName`]: {
      type: objects.object(type.id),
      args: { wellKnownName: { type: GraphQLString } },
      ...field<{ wellKnownName?: string | null }>(`${list}ByWellKnownName`, (_source, args, { tenant }) => {
        const wellKnownName = args.wellKnownName ?? null;
        const found = tenant.entitiesOf(type.id).find((entity) => entity.wellKnownName === wellKnownName);
        if (!found || wellKnownName === null) throw entityNotFound({ wellKnownName });
        return found;
      }),
    },
  };
}

interface ListArguments extends PageArguments {
  filter?: FilterTree | null;
  orderBy?: Record<string, unknown> | null;
}

/** Throws ENTITY_NOT_FOUND, also for what is no id at all. */
export function existing(tenant: GraphqlContext['tenant'], type: TypeModel, rtId: string): Entity {
  const entity = tenant.entities.get(rtId);
  if (!entity || !tenant.model.isA(entity.ckTypeId, type.id)) throw entityNotFound({ rtId });
  return entity;
}

export function readableEntities(type: TypeModel): Readable<Entity> {
  const types = new Map(type.attributes.map((attribute) => [attribute.name, attribute.type]));
  return {
    typeOf: (attribute) => types.get(attribute) ?? 'string',
    read: (entity, attribute) => {
      if (attribute === 'rtId' || attribute === 'ckTypeId' || attribute === 'wellKnownName') return entity[attribute];
      const value = entity.attributes[attribute];
      return types.get(attribute) === 'dateTime' && typeof value === 'string' ? parseTime(value) : value;
    },
  };
}

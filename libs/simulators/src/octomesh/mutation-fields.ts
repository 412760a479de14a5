import { GraphQLBoolean, GraphQLInputObjectType, GraphQLList, GraphQLNonNull, GraphQLString } from 'graphql';
import type { TrueValue } from '../kit/series-log.ts';
import { checkAttributes, withDefaults } from './attribute-check.ts';
import type { RoleModel, TypeModel } from './ck-model.ts';
import { type GraphqlContext, type Resolver, rootField } from './graphql-context.ts';
import { OctoObjectId } from './graphql-scalars.ts';
import { type AttributeTypes, ID_ARGUMENT } from './graphql-types.ts';
import { type EntityTypes, existing, type Fields } from './runtime-fields.ts';
import type { Tenant } from './tenant.ts';
import { associationError, forbidden, validationError } from './vendor-error.ts';

interface Draft {
  wellKnownName?: string | null;
  attributes?: Record<string, TrueValue> | null;
}

interface AssociationArguments {
  rtId: string;
  association: string;
  targetRtIds: string[];
}

export interface MutationParts {
  type: TypeModel;
  objects: EntityTypes;
  attributes: AttributeTypes;
  /** Names of input types: short where that is unambiguous. */
  inputName: string;
  removesAssociations: boolean;
}

/** `createRt{N}`, `updateRt{N}`, `deleteRt{N}` and `addAssociationRt{N}` of one type. */
export function runtimeMutations({ type, objects, attributes, inputName, removesAssociations }: MutationParts): Fields {
  const object = objects.object(type.id);
  const entityArgument = (prefix: 'Create' | 'Update') => ({
    entity: { type: new GraphQLNonNull(draftInput(type, attributes, prefix, inputName)) },
  });
  const change =
    (link: boolean): Resolver<AssociationArguments> =>
    (_source, args, { tenant }) => {
      const entity = existing(tenant, type, args.rtId);
      changeLinks(tenant, type, args, link);
      return entity;
    };
  const removal = {
    [`removeAssociationRt${type.name}`]: {
      type: object,
      args: LINK_ARGUMENTS,
      ...writing(`removeAssociationRt${type.name}`, change(false)),
    },
  };
  return {
    [`createRt${type.name}`]: {
      type: object,
      args: entityArgument('Create'),
      ...writing<{ entity: Draft }>(`createRt${type.name}`, (_source, { entity }, { tenant }) => {
        const given = withDefaults(type, entity.attributes ?? {});
        checkAttributes(type, given, 'all');
        const wellKnownName = freeName(tenant, type, entity.wellKnownName, undefined);
        return tenant.create(type.id, given, wellKnownName);
      }),
    },
    [`updateRt${type.name}`]: {
      type: object,
      args: { ...ID_ARGUMENT, ...entityArgument('Update') },
      ...writing<{ rtId: string; entity: Draft }>(`updateRt${type.name}`, (_source, args, { tenant }) => {
        const entity = existing(tenant, type, args.rtId);
        const given = args.entity.attributes ?? {};
        checkAttributes(type, given, 'given');
        if (args.entity.wellKnownName !== undefined) {
          entity.wellKnownName = freeName(tenant, type, args.entity.wellKnownName, entity.rtId);
        }
        entity.attributes = { ...entity.attributes, ...given };
        return entity;
      }),
    },
    [`deleteRt${type.name}`]: {
      type: new GraphQLNonNull(GraphQLBoolean),
      args: ID_ARGUMENT,
      ...writing<{ rtId: string }>(`deleteRt${type.name}`, (_source, { rtId }, { tenant }) =>
        tenant.remove(existing(tenant, type, rtId).rtId),
      ),
    },
    [`addAssociationRt${type.name}`]: {
      type: object,
      args: LINK_ARGUMENTS,
      ...writing(`addAssociationRt${type.name}`, change(true)),
    },
    ...(removesAssociations ? removal : {}),
  };
}

const LINK_ARGUMENTS = {
  ...ID_ARGUMENT,
  association: { type: new GraphQLNonNull(GraphQLString) },
  targetRtIds: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(OctoObjectId))) },
};

/** The scope is looked at before anything else is. */
const writing = <A>(name: string, resolve: Resolver<A>) => ({
  resolve: rootField<A>(name, (source, args, context: GraphqlContext, info) => {
    if (!context.mayWrite) throw forbidden();
    return resolve(source, args, context, info);
  }),
});

function draftInput(type: TypeModel, attributes: AttributeTypes, prefix: 'Create' | 'Update', name: string) {
  const create = prefix === 'Create';
  const fields = Object.fromEntries(type.attributes.map((one) => [one.name, attributes.inputField(one, create)]));
  const hasAttributes = type.attributes.length > 0;
  const inner = hasAttributes && new GraphQLInputObjectType({ name: `${name}${prefix}Attributes`, fields });
  const must = create && Object.values(fields).some(({ type: one }) => one instanceof GraphQLNonNull);
  return new GraphQLInputObjectType({
    name: `${prefix}${name}Input`,
    fields: {
      wellKnownName: { type: GraphQLString },
      ...(inner ? { attributes: { type: must ? new GraphQLNonNull(inner) : inner } } : {}),
    },
  });
}

/** Throws VALIDATION_ERROR when another entity of the type has the name. */
function freeName(tenant: Tenant, type: TypeModel, name: string | null | undefined, own: string | undefined) {
  if (name === null || name === undefined) return undefined;
  if (name === '') throw validationError('wellKnownName must not be empty', { wellKnownName: name });
  const owner = tenant.entitiesOf(type.id).find((entity) => entity.wellKnownName === name);
  if (owner && owner.rtId !== own) throw validationError('wellKnownName is taken', { wellKnownName: name });
  return name;
}

/** All or nothing: every target is checked before the first link is made. */
function changeLinks(tenant: Tenant, type: TypeModel, args: AssociationArguments, add: boolean): void {
  const role = type.roles.find(({ name }) => name === args.association);
  if (!role || tenant.streams.has(role.other)) {
    throw associationError(`there is no association ${args.association}`, { association: args.association });
  }
  for (const target of args.targetRtIds) checkTarget(tenant, role, target);
  if (add) checkRoom(tenant, role, args);
  for (const target of args.targetRtIds) {
    const [origin, end] = role.direction === 'outbound' ? [args.rtId, target] : [target, args.rtId];
    if (add) tenant.entities.link(role.id, origin, end);
    else tenant.entities.unlink(role.id, origin, end);
  }
}

function checkTarget(tenant: Tenant, role: RoleModel, target: string): void {
  const details = { association: role.name, targetRtId: target };
  const entity = tenant.entities.get(target);
  if (!entity) throw associationError('the target does not exist', details);
  if (!tenant.model.isA(entity.ckTypeId, role.other)) {
    throw associationError(`the target must be a ${role.other}`, details);
  }
}

/** Both ends may take no more than one. */
function checkRoom(tenant: Tenant, role: RoleModel, { rtId, targetRtIds }: AssociationArguments): void {
  const there = tenant.entities.linked(role.id, role.direction, rtId).map((entity) => entity.rtId);
  const added = [...new Set(targetRtIds)].filter((target) => !there.includes(target));
  const [target] = added;
  if (role.single && target !== undefined && there.length + added.length > 1) {
    throw associationError(`${role.name} takes one target`, { association: role.name, targetRtId: target });
  }
  const taken = added.find((one) => tenant.isTaken(role, one));
  if (taken !== undefined) {
    throw associationError('the target has such an association already', { association: role.name, targetRtId: taken });
  }
}

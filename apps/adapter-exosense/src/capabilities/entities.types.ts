import type { EntityType, Json } from '@tributary/contracts';
import type { FoundMutation, RootField } from '../dialect.ts';
import type { Input, Offered } from '../schema.ts';

export const entityTypes = ['asset', 'group', 'device', 'product', 'user', 'role'] as const;
export type EntityTypeName = (typeof entityTypes)[number];

/** Root fields behind each type. */
export const fieldsOf: Record<
  EntityTypeName,
  { list: RootField; remove?: RootField; create?: RootField; update?: RootField }
> = {
  asset: { list: 'assets', remove: 'deleteAsset', create: 'createAsset', update: 'updateAsset' },
  group: { list: 'groups', remove: 'deleteGroup' },
  device: { list: 'devices', remove: 'deleteDevice' },
  product: { list: 'products' },
  user: { list: 'users', remove: 'deleteUser' },
  role: { list: 'roles' },
};

const descriptions: Record<EntityTypeName, string> = {
  asset: 'A machine or place that is watched, with its signals.',
  group: 'A node of the tree that owns assets, devices and people.',
  device: 'A device that feeds signals through its channels.',
  product: 'A connector that devices of one kind come in by.',
  user: 'Somebody who may use the instance, or an API token.',
  role: 'What a user or a token may do.',
};

const text = { type: 'string' };
const shown: Record<EntityTypeName, Record<string, Json>> = {
  asset: {
    name: text,
    description: text,
    locked: { type: 'boolean' },
    meta: {},
    groupId: text,
    groupName: text,
    templateId: text,
    templateName: text,
    type: text,
    location: {},
  },
  group: { name: text, parentId: text, typeId: text, customId: text, description: text },
  device: { identity: text, name: text, description: text, locked: { type: 'boolean' }, state: { type: 'object' } },
  product: { name: text, isSimulator: { type: 'boolean' }, settings: { type: 'object' } },
  user: {
    email: text,
    name: text,
    type: text,
    status: text,
    roleId: text,
    roleName: text,
    groupIds: { type: 'array' },
  },
  role: { name: text, permissions: { type: 'array' } },
};

/** The types that an instance shows, with what can be done to them there. */
export function typesOf(offered: Offered): EntityType[] {
  return entityTypes
    .filter((name) => offered.has(fieldsOf[name].list))
    .map((name) => {
      const { create, update, remove } = fieldsOf[name];
      const can = { create, update, remove };
      const operations = (['create', 'update', 'remove'] as const).filter((operation) => {
        const field = can[operation];
        return field !== undefined && offered.has(field);
      });
      return {
        name,
        description: descriptions[name],
        readOnly: operations.length === 0,
        operations,
        schema: { type: 'object', properties: { id: text, ...taken(offered, name), ...shown[name] } },
      };
    });
}

/** What may be given, where the schema names more than is shown. */
function taken(offered: Offered, name: EntityTypeName): Record<string, Json> {
  const { create, update } = fieldsOf[name];
  const inputs = [create, update].flatMap((field) => (field ? offered.inputs(field as FoundMutation) : []));
  return Object.fromEntries(
    inputs.filter((input) => input.name !== 'id').map((input) => [camel(input.name), kindOf(input)]),
  );
}

const camel = (name: string): string => name.replaceAll(/_([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());

const kinds: Readonly<Record<string, Json>> = {
  String: text,
  ID: text,
  Int: { type: 'integer' },
  Float: { type: 'number' },
  Boolean: { type: 'boolean' },
};
const kindOf = ({ type, list }: Input): Json =>
  list ? { type: 'array', items: kinds[type] ?? {} } : (kinds[type] ?? {});

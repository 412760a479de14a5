import { may, ROLES, type RoleName, rightsOf, type User } from './accounts.ts';
import { type Group, isWithin } from './groups.ts';
import { contains, type Execution, isAmong, type Paged, pageOf, resolver, rootField } from './resolver.ts';
import type { Resolvers } from './schema-dialect.ts';
import { FieldError, Forbidden, InputRefused, notFound } from './vendor-error.ts';

interface GroupsArgs extends Paged {
  filters?: {
    group_id?: string | null;
    group_type_id?: string | null;
    recurse?: boolean | null;
    text?: string | null;
  } | null;
}

interface UsersArgs extends Paged {
  filters?: { types?: Array<string | null> | null; text?: string | null } | null;
}

const presentedRole = (name: RoleName) => ({ id: name, name, permissions: rightsOf(name) });

export const accountFields: Resolvers = {
  Query: {
    groups: rootField<GroupsArgs>(({ filters, pagination }, execution) => {
      const wanted = filters?.group_id ? execution.state.groups.get(filters.group_id) : undefined;
      const found = visibleGroups(execution).filter(
        (group) =>
          (!filters?.group_id || group === wanted || (filters.recurse && wanted && isWithin(group, [wanted]))) &&
          (!filters?.group_type_id || group.node_type_id === filters.group_type_id) &&
          contains(filters?.text, group.name),
      );
      return counted(pageOf(found, pagination), execution);
    }),
    users: rootField<UsersArgs>(({ filters, pagination }, execution) => {
      const found = execution.state.accounts
        .users()
        .filter((user) => isAmong(filters?.types, user.type) && contains(filters?.text, user.name, user.email));
      return counted(pageOf(found, pagination), execution);
    }),
    roles: rootField<{ filters?: { text?: string | null } | null }>(({ filters }) =>
      ROLES.filter((name) => contains(filters?.text, name)).map(presentedRole),
    ),
    currentUser: rootField((_args, { caller }) => caller),
  },
  Mutation: {
    inviteUser: rootField<{ email: string; role_id: string; group_ids: string[] }>(invite),
    deleteUser: rootField<{ id: string }>(({ id }, { state }) => {
      const found = state.accounts.user(id);
      if (!found) throw notFound('User');
      state.accounts.remove(found);
      return found;
    }),
    deleteRole: rootField<{ id: string }>(({ id }) => {
      if (!ROLES.some((name) => name === id)) throw notFound('Role');
      throw new FieldError('Role is in use');
    }),
    deleteGroup: rootField<{ id: string }>(({ id }, execution) => {
      const { groups } = execution.state;
      const found = visibleGroups(execution).find((group) => group.id === id);
      if (!found) throw notFound('Group');
      if (groups.children(found).length > 0 || members(found, false, execution).assets.length > 0)
        throw new FieldError('Group is not empty');
      groups.remove(found);
      return found;
    }),
  },
  Group: {
    parent_id: resolver<Group>((group) => group.parent?.id ?? null),
    children: resolver<Group, Paged>((group, { pagination }, execution) =>
      counted(pageOf(execution.state.groups.children(group), pagination), execution),
    ),
    assets: resolver<Group, Paged>((group, { pagination }, execution) => {
      const page = pageOf(members(group, false, execution).assets, pagination);
      execution.meter.assets(page.length);
      return page;
    }),
    devices: resolver<Group, Paged>((group, { pagination }, execution) =>
      counted(pageOf(members(group, false, execution).devices, pagination), execution),
    ),
    users: resolver<Group, Paged>((group, { pagination }, execution) => {
      if (!may(execution.caller, 'manage-users')) throw new Forbidden();
      return counted(pageOf(members(group, false, execution).users, pagination), execution);
    }),
    roles: resolver<Group>((group, _args, execution) =>
      [...new Set(members(group, false, execution).users.map((user) => user.role))].map(presentedRole),
    ),
    totals: resolver<Group, { recurse?: boolean | null }>((group, { recurse }, execution) => {
      const { assets, devices, users, groups } = members(group, recurse ?? false, execution);
      return { assets: assets.length, devices: devices.length, users: users.length, groups: groups.length };
    }),
  },
  User: { role: resolver<User>((user) => presentedRole(user.role)) },
};

const visibleGroups = ({ state, caller }: Execution): Group[] =>
  state.groups.all().filter((group) => state.sees(caller, group));

function counted<T>(items: T[], { meter }: Execution): T[] {
  meter.items(items.length);
  return items;
}

/** What belongs to a group, and to those below it if that is asked for. */
function members(group: Group, recurse: boolean, { state }: Execution) {
  const isIn = (one: Group | undefined): boolean => one === group || (recurse && !!one && isWithin(one, [group]));
  return {
    assets: state.assets().filter((asset) => isIn(asset.group)),
    devices: [...state.devices.values()].filter((device) => isIn(device.group)),
    users: state.accounts.users().filter((user) => user.groups.some(isIn)),
    groups: state.groups.all().filter((one) => one !== group && (one.parent === group || isIn(one))),
  };
}

const EMAIL = /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/;

function invite({ email, role_id, group_ids }: { email: string; role_id: string; group_ids: string[] }, on: Execution) {
  const { state, caller } = on;
  if (!EMAIL.test(email)) throw new InputRefused(`not an e-mail address: ${email}`);
  const role = ROLES.find((name) => name === role_id);
  if (!role) throw notFound('Role');
  const groups = group_ids.map((id) => {
    const group = state.groups.get(id);
    if (!group || !state.sees(caller, group)) throw notFound('Group');
    return group;
  });
  if (state.accounts.users().some((user) => user.email === email)) throw new FieldError('User already exists');
  const invited: User = {
    id: state.newId(),
    email,
    name: '',
    type: 'user',
    status: 'invited',
    role,
    groups,
    revoked: false,
  };
  return state.accounts.add(invited);
}

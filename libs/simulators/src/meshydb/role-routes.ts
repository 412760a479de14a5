import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { need } from './access.ts';
import { pageOf, pageQuery, queryOf } from './paging.ts';
import { bodyOf } from './request-body.ts';
import { type Permission, permissibles, RIGHTS, type Right, type Role } from './roles.ts';
import type { MeshydbState } from './state.ts';
import type { User } from './users.ts';
import { badRequest, notFound } from './vendor-error.ts';

const text = z.string().nullish();
const roleBody = z.object({ name: text, description: text });

/** The vendor's own example gives them as text. */
const flag = z
  .union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')])
  .nullish()
  .transform((given) => given ?? false);
const permissionBody = z.object({ permissibleName: text, create: flag, update: flag, read: flag, delete: flag });
const membersBody = z.object({ users: z.array(z.object({ id: z.string() })) });

const ROLES = '/:account/roles';
const ROLE = `${ROLES}/:id`;

const operation = (id: string) => ({ config: { operation: id } });
const roleOf = (request: FastifyRequest): Role => request.place.tenant.roles.get((request.params as { id: string }).id);

export function roleRoutes(app: FastifyInstance, state: MeshydbState): void {
  aboutRoles(app);
  aboutPermissions(app);
  aboutMembers(app, state);
  app.get('/:account/permissibles', operation('MESHY-39'), async (request) => {
    need(request, 'roles', 'read');
    const query = queryOf(request);
    const found = permissibles(request.place.tenant.meshNames()).filter(({ name }) => isPart(query.name, name));
    return pageOf(found.map(shownPermissible), pageQuery(query));
  });
}

function aboutRoles(app: FastifyInstance): void {
  const shown = (request: FastifyRequest, { id, name, description }: Role) => ({
    id,
    name,
    description,
    numberOfUsers: request.place.tenant.users.all().filter((user) => user.roles.some((one) => one.name === name))
      .length,
  });
  app.get(ROLES, operation('MESHY-37'), async (request) => {
    need(request, 'roles', 'read');
    const query = queryOf(request);
    const found = request.place.tenant.roles.all().filter(({ name }) => isPart(query.name, name));
    return pageOf(
      found.map((role) => shown(request, role)),
      pageQuery(query),
    );
  });
  app.post(ROLES, operation('MESHY-37'), async (request, reply) => {
    need(request, 'roles', 'create');
    const { name, description } = bodyOf(request, roleBody);
    const role = request.place.tenant.roles.create(name ?? undefined, description ?? null);
    return reply.code(201).send(shown(request, role));
  });
  app.get(ROLE, operation('MESHY-37'), async (request) => {
    need(request, 'roles', 'read');
    return shown(request, roleOf(request));
  });
  app.put(ROLE, operation('MESHY-37'), async (request) => {
    need(request, 'roles', 'update');
    const role = roleOf(request);
    const { name, description } = bodyOf(request, roleBody);
    const before = role.name;
    request.place.tenant.roles.rename(role, name ?? undefined, description ?? null);
    for (const user of request.place.tenant.users.all())
      for (const held of user.roles) if (held.name === before) held.name = role.name;
    return shown(request, role);
  });
  app.delete(ROLE, operation('MESHY-37'), async (request, reply) => {
    need(request, 'roles', 'delete');
    const role = roleOf(request);
    request.place.tenant.roles.remove(role);
    for (const user of request.place.tenant.users.all()) withoutRole(user, role);
    return reply.code(204).send();
  });
}

function aboutPermissions(app: FastifyInstance): void {
  const ALL = `${ROLE}/permissions`;
  const ONE = `${ALL}/:permission`;
  const permissionOf = (request: FastifyRequest): Permission => {
    const { permission } = request.params as { permission: string };
    const found = roleOf(request).permissions.get(permission.toLowerCase());
    if (!found) throw notFound('Permission');
    return found;
  };
  const draftOf = (request: FastifyRequest) => {
    const { permissibleName, ...rights } = bodyOf(request, permissionBody);
    if (!permissibleName) throw badRequest('Permissible name is required.');
    return { permissibleName, ...rights };
  };
  app.get(ALL, operation('MESHY-38'), async (request) => {
    need(request, 'roles', 'read');
    const query = queryOf(request);
    const all = [...roleOf(request).permissions.values()];
    return pageOf(
      all.filter((one) => isPart(query.permissiblename, one.permissibleName)),
      pageQuery(query),
    );
  });
  app.post(ALL, operation('MESHY-38'), async (request, reply) => {
    need(request, 'roles', 'create');
    const { tenant } = request.place;
    return reply.code(201).send(tenant.roles.permit(roleOf(request), draftOf(request), tenant.meshNames()));
  });
  app.get(ONE, operation('MESHY-38'), async (request) => {
    need(request, 'roles', 'read');
    return permissionOf(request);
  });
  app.put(ONE, operation('MESHY-38'), async (request) => {
    need(request, 'roles', 'update');
    const { tenant } = request.place;
    return tenant.roles.permit(roleOf(request), draftOf(request), tenant.meshNames(), permissionOf(request));
  });
  app.delete(ONE, operation('MESHY-38'), async (request, reply) => {
    need(request, 'roles', 'delete');
    roleOf(request).permissions.delete(permissionOf(request).id);
    return reply.code(204).send();
  });
}

function aboutMembers(app: FastifyInstance, state: MeshydbState): void {
  const membersOf = (request: FastifyRequest): User[] =>
    bodyOf(request, membersBody).users.map(({ id }) => {
      const user = request.place.tenant.users.get(id);
      if (!user) throw notFound('User');
      return user;
    });
  app.post(`${ROLE}/users`, operation('MESHY-40'), async (request, reply) => {
    need(request, 'roles', 'update');
    const role = roleOf(request);
    const members = membersOf(request);
    if (members.some((user) => user.anonymous)) throw badRequest('Anonymous users cannot have roles.');
    const addedDate = new Date(state.clock.now()).toISOString();
    for (const user of members) {
      withoutRole(user, role);
      user.roles.push({ name: role.name, addedDate });
    }
    return reply.code(204).send();
  });
  app.delete(`${ROLE}/users`, operation('MESHY-40'), async (request, reply) => {
    need(request, 'roles', 'update');
    const role = roleOf(request);
    for (const user of membersOf(request)) withoutRole(user, role);
    return reply.code(204).send();
  });
}

function withoutRole(user: User, { name }: Role): void {
  user.roles = user.roles.filter((held) => held.name !== name);
}

const isPart = (part: string | undefined, name: string): boolean =>
  name.toLowerCase().includes((part ?? '').toLowerCase());

const can = (rights: readonly Right[]) => (right: Right) => rights.includes(right);

function shownPermissible({ name, rights }: { name: string; rights: readonly Right[] }) {
  const [canCreate, canUpdate, canRead, canDelete] = RIGHTS.map(can(rights));
  return { name, canCreate, canUpdate, canRead, canDelete };
}

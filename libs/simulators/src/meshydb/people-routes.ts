import type { FastifyInstance, FastifyRequest } from 'fastify';
import { find } from 'mingo';
import { z } from 'zod';
import { need } from './access.ts';
import { understood } from './mesh-request.ts';
import { readOrder } from './mongo-order.ts';
import { pageOf, pageQuery, queryOf } from './paging.ts';
import { bodyOf } from './request-body.ts';
import type { MeshydbState } from './state.ts';
import { changeProfile, checkedRegistration, profileBody, questionsBody, registrationBody } from './user-profile.ts';
import { shownUser, type User } from './users.ts';
import { badRequest, notFound } from './vendor-error.ts';

const operation = (id: string) => ({ config: { operation: id } });
const USER = '/:account/users/:id';
const ME = '/:account/users/me';

const creationBody = registrationBody.extend({
  verified: z.boolean().nullish(),
  isActive: z.boolean().nullish(),
  roles: z.array(z.object({ name: z.string(), addedDate: z.string().nullish() })).nullish(),
});
const passwordBody = z.object({ newPassword: z.string().nullish(), previousPassword: z.string().nullish() });

/** Users, as those see them who are logged in. */
export function peopleRoutes(app: FastifyInstance, state: MeshydbState): void {
  app.get('/:account/users', operation('MESHY-23'), async (request) => {
    need(request, 'users', 'read');
    return searched(request);
  });
  app.post('/:account/users', operation('MESHY-21'), async (request, reply) => {
    need(request, 'users', 'create');
    return reply.code(201).send(shownUser(created(request, state)));
  });
  app.get(USER, operation('MESHY-22'), async (request) => {
    need(request, 'users', 'read');
    return shownUser(userOf(request));
  });
  app.delete(USER, operation('MESHY-25'), async (request, reply) => {
    need(request, 'users', 'delete');
    const user = userOf(request);
    if (user === request.signedIn.user) throw badRequest('Unable to delete self.');
    request.place.tenant.users.remove(user);
    state.refresh.revokeAll(user.id);
    return reply.code(204).send();
  });
  app.put(USER, operation('MESHY-24'), async (request) => {
    need(request, 'users', 'update');
    return changed(request, userOf(request));
  });
  app.post(`${USER}/questions`, operation('MESHY-26'), async (request, reply) => {
    need(request, 'users', 'update');
    setQuestions(request, state, userOf(request));
    return reply.code(204).send();
  });
  ownRoutes(app, state);
}

function ownRoutes(app: FastifyInstance, state: MeshydbState): void {
  app.put(ME, operation('MESHY-24'), async (request) => changed(request, request.signedIn.user));
  app.post(`${ME}/questions`, operation('MESHY-26'), async (request, reply) => {
    setQuestions(request, state, request.signedIn.user);
    return reply.code(204).send();
  });
  app.post(`${ME}/password`, operation('MESHY-27'), async (request, reply) => {
    const { user } = request.signedIn;
    if (user.anonymous) throw badRequest('Anonymous user cannot change password.');
    const { newPassword, previousPassword } = bodyOf(request, passwordBody);
    if (!newPassword || !previousPassword) throw badRequest('New and previous password are required.');
    if (previousPassword !== user.password) throw badRequest('Previous password does not match.');
    user.password = newPassword;
    return reply.code(204).send();
  });
}

/** Throws 404. */
function userOf(request: FastifyRequest): User {
  const user = request.place.tenant.users.get((request.params as { id: string }).id);
  if (!user) throw notFound('User');
  return user;
}

function searched(request: FastifyRequest) {
  const { tenant } = request.place;
  const query = queryOf(request);
  const order = understood('Order by', () => readOrder(query.orderby));
  const part = (query.name ?? '').toLowerCase();
  const role = query.roleid ? tenant.roles.get(query.roleid) : undefined;
  const activeOnly = query.activeonly?.toLowerCase() !== 'false';
  const fits = (user: User) =>
    (user.isActive || !activeOnly) &&
    (!role || user.roles.some(({ name }) => name === role.name)) &&
    [user.username, user.firstName, user.lastName].some((name) => name?.toLowerCase().includes(part));
  const found = tenant.users.all().filter(fits).map(shownUser);
  return pageOf(order ? find<(typeof found)[number]>(found, {}).sort(order).all() : found, pageQuery(query));
}

function created(request: FastifyRequest, state: MeshydbState): User {
  const { account, tenant } = request.place;
  const given = bodyOf(request, creationBody);
  const draft = checkedRegistration(given, state.options.verification);
  const addedDate = new Date(state.clock.now()).toISOString();
  const roles = (given.roles ?? []).map(({ name }) => ({ name, addedDate }));
  for (const { name } of roles) {
    if (!tenant.roles.named(name)) throw badRequest('Role does not exist.');
    if (!request.signedIn.user.roles.some((held) => held.name === name)) need(request, 'roles', 'update');
  }
  account.needRoom();
  const flags = { verified: given.verified ?? false, isActive: given.isActive ?? true };
  return tenant.users.add({ ...draft, ...flags, roles, id: state.newId(), anonymous: false });
}

function changed(request: FastifyRequest, user: User) {
  changeProfile(user, bodyOf(request, profileBody));
  return shownUser(user);
}

function setQuestions(request: FastifyRequest, state: MeshydbState, user: User): void {
  if (state.options.verification !== 'question') throw badRequest('Question verification is not configured.');
  if (user.anonymous) throw badRequest('Anonymous user cannot have security questions.');
  const { securityQuestions } = bodyOf(request, questionsBody);
  if (!securityQuestions || securityQuestions.length === 0)
    throw badRequest('At least one security question is required.');
  user.securityQuestions = securityQuestions;
}

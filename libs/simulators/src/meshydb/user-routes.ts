import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { MeshydbState } from './state.ts';
import { shownUser } from './users.ts';
import { badRequest } from './vendor-error.ts';

const exists = { config: { operation: 'MESHY-01' } };
const anonymous = { config: { operation: 'MESHY-02' } };

/** What anybody may ask. */
export function openUserRoutes(app: FastifyInstance, state: MeshydbState): void {
  // Quirk: a question that is answered with 201 (REST page, "Checking Username Exists").
  app.get('/:account/users/:username/exists', exists, async (request, reply) => {
    const { username } = request.params as { username: string };
    if (username.trim() === '') throw badRequest('Username is required.');
    return reply.code(201).send({ exists: request.place.tenant.users.named(username) !== undefined });
  });
  app.post('/:account/users/register/anonymous', anonymous, async (request, reply) => {
    const { account, tenant } = request.place;
    const username = textMember(request, 'username');
    if (!username) throw badRequest('Username is a required field.');
    if (!state.anonymousRegistration) throw badRequest('Anonymous registration is not enabled.');
    account.needRoom();
    const user = tenant.users.add({ id: state.newId(), username, anonymous: true });
    return reply.code(201).send(shownUser(user));
  });
}

/** The caller's own. */
export function profileRoutes(app: FastifyInstance): void {
  app.get('/:account/users/me', { config: { operation: 'MESHY-05' } }, async (request) =>
    shownUser(request.signedIn.user),
  );
}

/** Member of a JSON body, without blanks around it; undefined when it is missing. Throws 400 when it is no text. */
export function textMember(request: FastifyRequest, name: string): string | undefined {
  const { body } = request;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badRequest('The body must be an object.');
  const value = (body as Record<string, unknown>)[name] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw badRequest(`${name} must be text.`);
  return value?.trim();
}

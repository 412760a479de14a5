import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { bodyOf } from './request-body.ts';
import type { MeshydbState } from './state.ts';
import { shownUser } from './users.ts';
import { badRequest } from './vendor-error.ts';

const exists = { config: { operation: 'MESHY-01' } };
const anonymousBody = z.object({ username: z.string().nullish() });
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
    const username = bodyOf(request, anonymousBody).username?.trim();
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

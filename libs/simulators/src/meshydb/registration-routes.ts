import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { bodyOf } from './request-body.ts';
import type { MeshydbState } from './state.ts';
import { checkedRegistration, registrationBody } from './user-profile.ts';
import type { User } from './users.ts';
import { badRequest, notFound } from './vendor-error.ts';

const operation = (id: string) => ({ config: { operation: id } });
const text = z.string().nullish();

const forgotten = z.object({ username: text, attempt: z.number().int().min(1).nullish() });
const shown = z.object({
  username: text,
  attempt: z.number().int().min(1).nullish(),
  hash: text,
  expires: text,
  verificationCode: z.union([z.string(), z.number().int()]).nullish(),
  newPassword: text,
});

/** Registering, verifying and a forgotten password: nobody is logged in yet. */
export function registrationRoutes(app: FastifyInstance, state: MeshydbState): void {
  const { verification } = state.options;
  app.post('/:account/users/register', operation('MESHY-20'), async (request, reply) => {
    const { account, tenant } = request.place;
    if (!state.publicRegistration) throw badRequest('Public registration is not enabled.');
    const draft = checkedRegistration(bodyOf(request, registrationBody), verification);
    account.needRoom();
    const verifies = verification === 'email' || verification === 'text';
    const user = tenant.users.add({ ...draft, id: state.newId(), anonymous: false, isActive: !verifies });
    return verifies ? reply.code(201).send(state.verifications.begin(user, 1)) : reply.code(204).send();
  });
  app.post('/:account/users/forgotpassword', operation('MESHY-28'), async (request) => {
    const { username, attempt } = bodyOf(request, forgotten);
    const user = userNamed(request, username);
    if (user.anonymous) throw badRequest('Anonymous user cannot recover password.');
    return state.verifications.begin(user, attempt ?? 1);
  });
  app.post('/:account/users/checkhash', operation('MESHY-29'), async (request, reply) => {
    const { user, verification: given } = verificationOf(request);
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(state.verifications.isRight(user, given)));
  });
  app.post('/:account/users/verify', operation('MESHY-30'), async (request, reply) => {
    const { user, verification: given } = verificationOf(request);
    if (user.anonymous) throw badRequest('Anonymous user cannot be verified.');
    if (user.verified) throw badRequest('User is already verified.');
    state.verifications.check(user, given);
    user.verified = true;
    user.isActive = true;
    return reply.code(204).send();
  });
  app.post('/:account/users/resetpassword', operation('MESHY-31'), async (request, reply) => {
    const { user, verification: given, newPassword } = verificationOf(request);
    if (user.anonymous) throw badRequest('Anonymous user cannot recover password.');
    if (!newPassword) throw badRequest('Password is a required field.');
    state.verifications.check(user, given);
    user.password = newPassword;
    return reply.code(204).send();
  });
}

/** Throws 400 for no name, 404 for an unknown one. */
function userNamed(request: FastifyRequest, username: string | null | undefined): User {
  if (!username?.trim()) throw badRequest('Username is required.');
  const user = request.place.tenant.users.named(username);
  if (!user) throw notFound('User');
  return user;
}

function verificationOf(request: FastifyRequest) {
  const { username, attempt, hash, expires, verificationCode, newPassword } = bodyOf(request, shown);
  const user = userNamed(request, username);
  if (!hash) throw badRequest('Hash is required.');
  if (!expires) throw badRequest('Expires is required.');
  if (verificationCode === undefined || verificationCode === null || verificationCode === '')
    throw badRequest('Verification code is required.');
  const code = String(verificationCode);
  return {
    user,
    verification: { username: user.username, attempt: attempt ?? 1, hash, expires, verificationCode: code },
    newPassword,
  };
}

import { platformUser, platformUserDraft } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { connectionParams } from '../http/path-params.ts';
import { cursor, limit, plainText } from '../http/query-types.ts';

const tag = 'Users';
const all = '/v1/connections/{connectionId}/users' as const;
const draftExample = { username: 'ada', email: 'ada@example.com', displayName: 'Ada Lovelace', attributes: {} };
const LACKS = 'A platform that has users may still lack this: then 422 `capability-unsupported`.';

export const listUsers = defineEndpoint({
  method: 'GET',
  path: all,
  scope: 'read',
  name: 'listUsers',
  tag,
  summary: 'Users of the platform, asked of it',
  description: LACKS,
  params: connectionParams,
  query: z.strictObject({ limit, cursor }),
  answers: {
    200: {
      description: 'A page of users.',
      schema: z.object({ items: z.array(platformUser), page: z.object({ nextCursor: z.string().optional() }) }),
    },
  },
});

export const getCurrentUser = defineEndpoint({
  method: 'GET',
  path: `${all}/current`,
  scope: 'read',
  name: 'getCurrentUser',
  tag,
  summary: 'Whoever the connection is logged in as',
  description: LACKS,
  params: connectionParams,
  answers: { 200: { description: 'The user.', schema: platformUser } },
});

export const findUser = defineEndpoint({
  method: 'GET',
  path: `${all}:exists`,
  scope: 'read',
  name: 'userExists',
  tag,
  summary: 'Is a user name taken?',
  description: LACKS,
  params: connectionParams,
  query: z.strictObject({ username: plainText(256) }),
  answers: { 200: { description: 'Whether it is.', schema: z.object({ exists: z.boolean() }) } },
});

const made = (path: `${typeof all}${'' | ':invite'}`, name: string, summary: string) =>
  defineEndpoint({
    method: 'POST',
    path,
    scope: 'write',
    name,
    tag,
    summary,
    description: `Which members a platform needs, it says; what it needs besides goes into \`attributes\`. ${LACKS}`,
    params: connectionParams,
    body: platformUserDraft,
    bodyExample: draftExample,
    secretBody: true,
    idempotency: 'optional',
    answers: { 201: { description: 'The user as the platform has it.', schema: platformUser } },
  });
export const registerUser = made(all, 'registerUser', 'Register a user on the platform');
export const inviteUser = made(`${all}:invite`, 'inviteUser', 'Have the platform invite somebody');

export const deleteUser = defineEndpoint({
  method: 'DELETE',
  path: `${all}/{nativeId}`,
  scope: 'write',
  name: 'deleteUser',
  tag,
  summary: 'Remove a user from the platform',
  description: LACKS,
  params: connectionParams.extend({ nativeId: plainText(512).describe('Native id, percent-encoded.') }),
  answers: { 204: { description: 'It is gone.' } },
});

import { apiKeyDraft, apiKeyId, apiKeyResource, apiKeyRotation, pageOf } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { listQuery } from '../http/query-types.ts';

const tag = 'API keys';
const keyParams = z.strictObject({ keyId: apiKeyId });
const keyWithSecret = apiKeyResource.extend({ key: z.string().optional().describe('What goes behind `Bearer`.') });

export const listKeys = defineEndpoint({
  method: 'GET',
  path: '/v1/api-keys',
  scope: 'admin',
  name: 'listApiKeys',
  tag,
  summary: 'API keys of the workspace, revoked ones too',
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of keys, without their secrets.', schema: pageOf(apiKeyResource) } },
});

export const createKey = defineEndpoint({
  method: 'POST',
  path: '/v1/api-keys',
  scope: 'admin',
  name: 'createApiKey',
  tag,
  summary: 'Make a key',
  description: 'It can have no scope that the key has not with which it is made.',
  body: apiKeyDraft,
  bodyExample: { name: 'Reporting', scopes: ['read'] },
  idempotency: 'optional',
  answers: {
    201: {
      description:
        'The key with its secret, which is shown this once. An answer that is replayed does not show it again.',
      schema: keyWithSecret,
    },
  },
});

export const getKey = defineEndpoint({
  method: 'GET',
  path: '/v1/api-keys/{keyId}',
  scope: 'admin',
  name: 'getApiKey',
  tag,
  summary: 'One key, without its secret',
  params: keyParams,
  conditional: true,
  answers: { 200: { description: 'The key.', schema: apiKeyResource } },
});

export const rotateKey = defineEndpoint({
  method: 'POST',
  path: '/v1/api-keys/{keyId}:rotate',
  scope: 'admin',
  name: 'rotateApiKey',
  tag,
  summary: 'Give a key a new secret',
  description:
    'Id, name and scopes stay. The secret of now works for the overlap, so that whoever uses it can change over; one that was replaced before it ends. Whoever rotates a key must have all its scopes.',
  params: keyParams,
  body: apiKeyRotation,
  bodyExample: { overlap: 'PT24H' },
  bodyOptional: true,
  idempotency: 'optional',
  answers: {
    200: {
      description:
        'The key with its new secret, which is shown this once. An answer that is replayed does not show it again.',
      schema: keyWithSecret,
    },
  },
});

export const revokeKey = defineEndpoint({
  method: 'DELETE',
  path: '/v1/api-keys/{keyId}',
  scope: 'admin',
  name: 'revokeApiKey',
  tag,
  summary: 'Revoke a key; it stops working within five seconds',
  params: keyParams,
  ifMatch: true,
  answers: { 204: { description: 'It is revoked.' } },
});

import {
  budgetAnswer,
  checkpointResource,
  connectionChange,
  connectionCheck,
  connectionDraft,
  connectionHealthAnswer,
  connectionPatch,
  connectionResource,
  pageOf,
} from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { connectionParams } from '../http/path-params.ts';
import { fields, listQuery } from '../http/query-types.ts';

const tag = 'Connections';
const base = '/v1/connections';
const one = `${base}/{connectionId}` as const;
const draftExample = {
  platform: 'acme',
  name: 'Head office',
  settings: { baseUrl: 'https://acme.example' },
  credentials: { user: 'reader', password: 'correct horse' },
};

export const listConnections = defineEndpoint({
  method: 'GET',
  path: base,
  scope: 'read',
  name: 'listConnections',
  tag,
  summary: 'Connections of the workspace',
  query: z.strictObject({ ...listQuery, fields }),
  answers: { 200: { description: 'A page of connections.', schema: pageOf(connectionResource) } },
});

export const createConnection = defineEndpoint({
  method: 'POST',
  path: base,
  scope: 'write',
  name: 'createConnection',
  tag,
  summary: 'Connect an account at a platform',
  description:
    "Settings and credentials are checked against the platform's own schemas; see GET /v1/platforms. Credentials are sealed and can never be read again.",
  body: connectionDraft,
  bodyExample: draftExample,
  idempotency: 'optional',
  answers: {
    201: { description: 'The connection; its adapter takes it up within seconds.', schema: connectionResource },
  },
});

export const testDraft = defineEndpoint({
  method: 'POST',
  path: `${base}:test`,
  scope: 'write',
  name: 'testConnectionDraft',
  cost: 10,
  tag,
  summary: 'Try settings and credentials without storing them',
  body: connectionDraft,
  bodyExample: draftExample,
  idempotency: 'optional',
  answers: { 200: { description: 'What was tried and how it went.', schema: connectionCheck } },
});

export const getConnection = defineEndpoint({
  method: 'GET',
  path: one,
  scope: 'read',
  name: 'getConnection',
  tag,
  summary: 'One connection',
  params: connectionParams,
  conditional: true,
  answers: { 200: { description: 'The connection.', schema: connectionResource } },
});

export const updateConnection = defineEndpoint({
  method: 'PATCH',
  path: one,
  scope: 'write',
  name: 'updateConnection',
  tag,
  summary: 'Change name, settings or credentials',
  description: 'A merge patch (RFC 7396). Credentials are replaced as a whole.',
  params: connectionParams,
  body: connectionPatch,
  bodyExample: { name: 'Head office, Vienna' },
  bodyTypes: ['application/merge-patch+json'],
  ifMatch: true,
  answers: { 200: { description: 'The connection as it is now.', schema: connectionResource } },
});

export const deleteConnection = defineEndpoint({
  method: 'DELETE',
  path: one,
  scope: 'write',
  name: 'deleteConnection',
  tag,
  summary: 'Remove a connection and hide its devices',
  params: connectionParams,
  ifMatch: true,
  answers: { 204: { description: 'It is gone.' } },
});

const action = (verb: string, name: string, summary: string, schema: z.ZodType, status = 200) =>
  defineEndpoint({
    method: 'POST',
    path: `${one}:${verb}`,
    scope: 'write',
    name,
    tag,
    summary,
    params: connectionParams,
    idempotency: 'optional',
    answers: { [status]: { description: 'Done.', schema } },
  });

export const testConnection = action(
  'test',
  'testConnection',
  'Try the stored settings and credentials',
  connectionCheck,
);
export const pauseConnection = action(
  'pause',
  'pauseConnection',
  'Stop polling, streams and commands',
  connectionResource,
);
export const resumeConnection = action('resume', 'resumeConnection', 'Go on after a pause', connectionResource);
export const discoverConnection = action(
  'discover',
  'discoverConnection',
  'Look for devices now',
  z.object({ started: z.boolean() }),
  202,
);

export const getHealth = defineEndpoint({
  method: 'GET',
  path: `${one}/health`,
  scope: 'read',
  name: 'getConnectionHealth',
  tag,
  summary: 'Owner, breakers, last success and last failure, and what led there',
  params: connectionParams,
  answers: {
    200: {
      description: 'The live state, or the last known one marked stale.',
      schema: connectionHealthAnswer,
    },
  },
});

export const listHealthHistory = defineEndpoint({
  method: 'GET',
  path: `${one}/health/history`,
  scope: 'read',
  name: 'listConnectionHealthHistory',
  tag,
  summary: 'What became of the connection and of its breakers, newest first',
  description:
    'Kept for 90 days. Filter by `kind`, `to`, `from`, `class`, `service`, `replica`, `code` and `at`; `kind eq "status"` shows how long the connection was how. The same turn of a breaker within ten minutes, and at most an hour, is one entry with `times`.',
  params: connectionParams,
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of changes.', schema: pageOf(connectionChange) } },
});

export const getBudget = defineEndpoint({
  method: 'GET',
  path: `${one}/budget`,
  scope: 'read',
  name: 'getConnectionBudget',
  tag,
  summary: 'What the platform allows, and what is spent',
  params: connectionParams,
  stale: true,
  answers: { 200: { description: 'Budgets of the connection.', schema: budgetAnswer } },
});

export const getCheckpoints = defineEndpoint({
  method: 'GET',
  path: `${one}/checkpoints`,
  scope: 'read',
  name: 'listCheckpoints',
  tag,
  summary: 'Where polls resume',
  params: connectionParams,
  answers: {
    200: {
      description: 'All checkpoints of the connection.',
      schema: z.object({ items: z.array(checkpointResource), page: z.object({}) }),
    },
  },
});

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { answerGraphql, type GraphqlRequest } from './graphql-answer.ts';
import { askedFields, chosenOperation, operationId } from './graphql-document.ts';
import { playgroundPage } from './login-page.ts';
import type { OctomeshState } from './state.ts';
import { badDocument, HttpRefusal } from './vendor-error.ts';

const PATH = '/tenants/:tenantId/graphql';

const record = z.record(z.string(), z.unknown());
const requestBody = z.object({
  query: z.string(),
  variables: record.nullish(),
  operationName: z.string().nullish(),
});
const requestQuery = requestBody.extend({
  variables: z
    .string()
    .optional()
    .transform((text, context) => {
      const variables = record.nullable().safeParse(jsonOf(text));
      if (variables.success) return variables.data;
      context.addIssue({ code: 'custom', message: 'variables are no JSON object' });
      return z.NEVER;
    }),
});

/** `app` is behind the token check. */
export function graphqlRoutes(app: FastifyInstance, state: OctomeshState): void {
  const nameOperation = async (request: FastifyRequest) => {
    request.simulated.operation = understood(state, request).operation;
  };
  const limit = async (request: FastifyRequest) => {
    const { kind, detail } = understood(state, request);
    const { clientId } = request.access.session;
    request.simulated.detail = `${clientId} ${detail}`;
    state.takeFromLimit(kind === 'mutation' ? 'mutations' : 'queries', clientId);
  };
  const options = { config: { operation: 'OCTO-04' }, preValidation: nameOperation, preHandler: limit };
  app.get(PATH, options, async (request, reply) => reply.type('application/json').send(await answer(state, request)));
  app.post(PATH, options, async (request, reply) => reply.type('application/json').send(await answer(state, request)));
}

/** A page for people; it asks for a token itself. */
export function playgroundRoute(app: FastifyInstance): void {
  app.get(`${PATH}/playground`, { config: { operation: 'OCTO-05' } }, (request, reply) =>
    reply.type('text/html').send(playgroundPage((request.params as { tenantId: string }).tenantId)),
  );
}

async function answer(state: OctomeshState, request: FastifyRequest): Promise<string> {
  const asked = readRequest(request);
  const { tenant, mayWrite } = request.access;
  const read = tenant.documents.read(asked.query);
  const operation = chosenOperation(read.document, asked.operationName);
  if (!operation) throw badDocument(read.errors.length > 0 ? read.errors : [{ message: 'Unknown operation.' }]);
  if (operation.operation === 'mutation' && request.method === 'GET') {
    throw new HttpRefusal(405, JSON.stringify({ errors: [{ message: 'Mutations need POST.' }] }), { allow: 'POST' });
  }
  const context = { tenant, mayWrite, variables: asked.variables, served: request.simulated.served };
  return answerGraphql(read, asked, operation, context, { partial: state.partialAnswers });
}

function readRequest(request: FastifyRequest): GraphqlRequest {
  const given = request.method === 'GET' ? requestQuery.safeParse(request.query) : requestBody.safeParse(request.body);
  if (!given.success) throw badDocument([{ message: z.prettifyError(given.error) }]);
  const { query, variables, operationName } = given.data;
  return { query, variables: variables ?? {}, operationName: operationName ?? null };
}

interface Understood {
  operation: string;
  kind: 'query' | 'mutation';
  detail: string;
}

/** What a request is about, before it is known whether it may be answered. What cannot be read counts as a query. */
function understood(state: OctomeshState, request: FastifyRequest): Understood {
  const source = (request.method === 'GET' ? request.query : request.body) as Partial<GraphqlRequest> | undefined;
  const tenant = state.tenant((request.params as { tenantId: string }).tenantId);
  const document =
    tenant && typeof source?.query === 'string' ? tenant.documents.read(source.query).document : undefined;
  const operation = chosenOperation(document, source?.operationName);
  if (!document || !operation) return { operation: 'OCTO-04', kind: 'query', detail: 'unreadable' };
  const fields = askedFields(document, operation);
  const names = fields.map(({ root, field }) => `${root}.${field}`).join(' ');
  const kind = operation.operation === 'mutation' ? 'mutation' : 'query';
  return { operation: operationId(fields), kind, detail: `${kind} ${names}`.trim().slice(0, 500) };
}

function jsonOf(text: string | undefined): unknown {
  if (text === undefined || text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

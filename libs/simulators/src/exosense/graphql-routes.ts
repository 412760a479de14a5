import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ExecutionResult, execute, type GraphQLSchema, OperationTypeNode } from 'graphql';
import { z } from 'zod';
import { may, type User } from './accounts.ts';
import { Documents, type Understood } from './documents.ts';
import { ExecutionMeter } from './execution-meter.ts';
import { costExtension, presentedErrors } from './graphql-answer.ts';
import { type Admission, isRefusal, type Refusal } from './rate-meter.ts';
import type { Execution } from './resolver.ts';
import { rightFor } from './rights.ts';
import type { ExosenseState } from './state.ts';
import { errorsBody, generalError, HTML_TIMEOUT, InputRefused } from './vendor-error.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Filled in once the token is known to be good. */
    exosense: { caller: User; admission?: Admission };
  }
}

const ENDPOINT = '/api/graphql';
const JSON_TYPE = 'application/json; charset=utf-8';
const REFUSED_MS = 1;

const requestBody = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});
type RequestBody = z.output<typeof requestBody>;

/** What is sent back. */
interface Answer {
  status: number;
  data?: ExecutionResult['data'];
  errors?: ReturnType<typeof presentedErrors>;
  timeMs: number;
}

/** The vendor's single endpoint. */
export function graphqlRoutes(app: FastifyInstance, state: ExosenseState, schema: GraphQLSchema): void {
  const documents = new Documents(schema);
  app.decorateRequest('exosense', null as unknown as FastifyRequest['exosense']);
  app.route({
    method: 'POST',
    url: ENDPOINT,
    config: { operation: 'EXO-01' },
    onRequest: async (request, reply) => requireToken(request, reply, state),
    preValidation: async (request, reply) => {
      describe(request, documents);
      return admit(request, reply, state);
    },
    handler: (request, reply) => serve(request, reply, { state, schema, documents }),
  });
  const refuseMethod = async (_request: FastifyRequest, reply: FastifyReply) =>
    reply.code(405).header('allow', 'POST').type(JSON_TYPE).send(errorsBody('Method Not Allowed'));
  app.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE'],
    url: ENDPOINT,
    onRequest: refuseMethod,
    handler: refuseMethod,
  });
}

/** `Authorization: Automation <token>` and nothing else. */
export function shownToken(request: FastifyRequest): string | undefined {
  const [scheme, token, ...rest] = (request.headers.authorization ?? '').split(' ');
  return scheme === 'Automation' && token && rest.length === 0 ? token : undefined;
}

function requireToken(request: FastifyRequest, reply: FastifyReply, state: ExosenseState): FastifyReply | undefined {
  const token = shownToken(request);
  const caller = token === undefined ? undefined : state.accounts.holder(token);
  if (!caller) return sendGeneral(reply, 401);
  request.exosense = { caller };
  return undefined;
}

export function sendGeneral(reply: FastifyReply, status: number): FastifyReply {
  const { contentType, body } = generalError(status);
  return reply.code(status).type(contentType).send(body);
}

/** The journal and the faults know an operation by what its document does. */
function describe(request: FastifyRequest, documents: Documents): void {
  const body = requestBody.safeParse(request.body);
  const understood = body.success ? documents.understand(asked(body.data)) : undefined;
  if (!understood || 'errors' in understood) return;
  request.simulated.operation = understood.id;
  request.simulated.detail = understood.fields.join(' ');
}

const asked = ({ query, operationName }: RequestBody) => ({ query, operationName: operationName ?? undefined });

/** A request counts from its start; one that is refused does not count. */
function admit(request: FastifyRequest, reply: FastifyReply, state: ExosenseState): FastifyReply | undefined {
  const outcome = state.rates.admit(request.exosense.caller.id);
  if (!isRefusal(outcome)) {
    request.exosense.admission = outcome;
    return undefined;
  }
  request.simulated.detail = outcome.error;
  return refuse(reply, outcome, state);
}

function refuse(reply: FastifyReply, { error, waitMs }: Refusal, { options }: ExosenseState): FastifyReply {
  const { limitStatus, limitRetryAfter } = options.answers;
  if (limitRetryAfter) reply.header('retry-after', String(Math.max(1, Math.ceil(waitMs / 1000))));
  return reply.code(limitStatus).type(JSON_TYPE).send(errorsBody(error));
}

interface Parts {
  state: ExosenseState;
  schema: GraphQLSchema;
  documents: Documents;
}

async function serve(request: FastifyRequest, reply: FastifyReply, parts: Parts): Promise<FastifyReply> {
  const { state } = parts;
  const { caller, admission } = request.exosense;
  const answer = await answerTo(request, parts);
  const { requestTimeMs } = state.options.limits;
  const timeMs = Math.min(answer.timeMs, requestTimeMs);
  const earlier = state.rates.usage(caller.id);
  if (state.options.execution.scale > 0) await state.clock.sleep(timeMs * state.options.execution.scale);
  if (admission) admission.timeMs = timeMs;
  if (answer.timeMs > requestTimeMs) return timeOut(request, reply, state);
  if (answer.status === 403) return sendGeneral(reply, 403);
  const { requests, timeMs: windowTimeMs } = state.rates.usage(caller.id);
  const shown = state.options.answers.rateTimeIncludesCurrent ? windowTimeMs : earlier.timeMs;
  const figures = { timeMs, windowRequests: requests, windowTimeMs: shown };
  const { data, errors } = answer;
  const body = {
    ...(data === undefined ? {} : { data }),
    extensions: costExtension(figures, state.options.limits),
    ...(errors === undefined ? {} : { errors }),
  };
  return reply.code(answer.status).type(JSON_TYPE).send(JSON.stringify(body));
}

/** The vendor gives up before its own limit error could be reached. */
function timeOut(request: FastifyRequest, reply: FastifyReply, { options }: ExosenseState): FastifyReply {
  request.simulated.detail = 'timeout';
  switch (options.answers.timeout) {
    case 'html':
      return reply.code(504).type('text/html').send(HTML_TIMEOUT);
    case 'empty':
      return reply.code(504).send('');
    case 'named':
      request.simulated.detail = 'ExceededMaximumTime';
      return reply.code(200).type(JSON_TYPE).send(errorsBody('ExceededMaximumTime'));
    case 'cut':
      reply.hijack();
      reply.raw.socket?.resetAndDestroy();
      return reply;
  }
}

const invalid = (errors: Answer['errors']): Answer => ({ status: 400, errors: errors ?? [], timeMs: REFUSED_MS });

async function answerTo(request: FastifyRequest, { state, schema, documents }: Parts): Promise<Answer> {
  const body = requestBody.safeParse(request.body);
  if (!body.success) {
    const [issue] = body.error.issues;
    return invalid([{ message: `Invalid request: ${issue?.path.join('.') || 'body'}: ${issue?.message ?? ''}` }]);
  }
  const understood = documents.understand(asked(body.data));
  if ('errors' in understood) return invalid(presentedErrors(understood.errors));
  const { caller } = request.exosense;
  const meter = new ExecutionMeter(state.options.execution, state.options.limits);
  if (understood.operation.operation === OperationTypeNode.MUTATION && isBarred(understood, caller, state))
    return { status: 403, timeMs: REFUSED_MS };
  const contextValue: Execution = { state, caller, meter, served: request.simulated.served };
  const result = await execute({
    schema,
    document: understood.document,
    operationName: understood.operation.name?.value,
    variableValues: body.data.variables ?? {},
    contextValue,
  });
  return readResult(result, understood.operation.operation, meter);
}

/** Where a forbidden mutation is refused as a whole. */
function isBarred(understood: Exclude<Understood, { errors: unknown }>, caller: User, state: ExosenseState): boolean {
  if (state.options.answers.forbidden !== 'http') return false;
  const { rename } = state.options.schema;
  return understood.fields.some((name) => {
    const right = rightFor(name, rename);
    return right !== undefined && !may(caller, right);
  });
}

/** What a mutation has done by then is not hidden behind a refusal of the whole. */
function readResult({ data, errors }: ExecutionResult, type: OperationTypeNode, meter: ExecutionMeter): Answer {
  const { timeMs } = meter;
  if (meter.tooMuchMemory) return { status: 200, errors: [{ message: 'Exceeded memory limit' }], timeMs };
  const isRefused =
    type === OperationTypeNode.QUERY && errors?.some((error) => error.originalError instanceof InputRefused);
  if (errors && (data === undefined || isRefused)) return invalid(presentedErrors(errors));
  return { status: 200, data, ...(errors ? { errors: presentedErrors(errors) } : {}), timeMs };
}

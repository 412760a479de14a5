import type { z } from 'zod';
import { type AnswerSpec, type EndpointSpec, successStatus } from '../http/endpoint-spec.ts';
import { problemStatuses } from '../http/problem-statuses.ts';
import type { JsonSchema } from './json-schema.ts';

/** JSON Schema of a part of an endpoint; what has a name goes into the components. */
export type Convert = (schema: z.ZodType, part: 'parameter' | 'body' | 'answer') => JsonSchema;

const RESPONSES = '#/components/responses/';

/** The operation object of one endpoint. */
export function operation(spec: EndpointSpec, convert: Convert): JsonSchema {
  const scope = spec.scope === 'public' ? 'Needs no key.' : `Needs the scope \`${spec.scope}\`.`;
  const cost = spec.cost === undefined ? '' : `Counts as ${spec.cost} requests.`;
  return {
    operationId: spec.name,
    tags: [spec.tag],
    summary: spec.summary,
    description: [spec.description, [scope, cost].filter(Boolean).join(' ')].filter(Boolean).join('\n\n'),
    ...(spec.scope === 'public' ? { security: [] } : { 'x-scope': spec.scope }),
    parameters: parameters(spec, convert),
    ...(spec.bodyStream ? { requestBody: FILE_BODY } : {}),
    ...(spec.body ? { requestBody: requestBody(spec, spec.body, convert) } : {}),
    responses: responses(spec, convert),
  };
}

const FILE_BODY: JsonSchema = {
  required: true,
  content: {
    'application/octet-stream': { schema: {} },
    'multipart/form-data': {
      schema: {
        type: 'object',
        properties: { file: { type: 'string', contentMediaType: 'application/octet-stream' } },
        required: ['file'],
      },
    },
  },
};

function parameters(spec: EndpointSpec, convert: Convert): JsonSchema[] {
  return [
    ...members(spec.params, 'path', convert),
    ...members(spec.query, 'query', convert),
    ...(spec.idempotency
      ? [
          header(
            'Idempotency-Key',
            'A key of your own making; the same one when you repeat the request.',
            spec.idempotency === 'required',
          ),
        ]
      : []),
    ...(spec.ifMatch ? [header('If-Match', 'The ETag that the resource had when you read it.', true)] : []),
    ...(spec.conditional ? [header('If-None-Match', 'An ETag you have: then 304 where nothing changed.', false)] : []),
    ...(spec.stale ? [header('Cache-Control', STALE_REQUEST, false)] : []),
  ];
}

const STALE_REQUEST =
  'How old an answer you take while the platform is away: `no-cache` for none, `max-age`, `max-stale` or `stale-if-error` with seconds; any by default.';

const header = (name: string, description: string, required: boolean): JsonSchema => ({
  name,
  in: 'header',
  description,
  required,
  schema: { type: 'string' },
});

function members(schema: z.ZodObject | undefined, where: 'path' | 'query', convert: Convert): JsonSchema[] {
  return Object.entries(schema?.shape ?? {}).map(([name, member]) => {
    const { description, ...body } = convert(member as z.ZodType, 'parameter');
    return {
      name,
      in: where,
      required: where === 'path' || !(member as z.ZodType).safeParse(undefined).success,
      ...(description ? { description } : {}),
      ...(body.type === 'array' ? { style: 'form', explode: false } : {}),
      schema: body,
    };
  });
}

function requestBody(spec: EndpointSpec, body: z.ZodType, convert: Convert): JsonSchema {
  const media = {
    schema: convert(body, 'body'),
    ...(spec.bodyExample === undefined ? {} : { example: spec.bodyExample }),
  };
  return {
    required: !spec.bodyOptional,
    content: Object.fromEntries((spec.bodyTypes ?? ['application/json']).map((type) => [type, media])),
  };
}

function responses(spec: EndpointSpec, convert: Convert): JsonSchema {
  const problems = problemStatuses(spec).map((status): [string, JsonSchema] => [String(status), problem(spec, status)]);
  const answers = Object.entries(spec.answers).map(([status, answer]): [string, JsonSchema] => [
    status,
    response(spec, Number(status), answer, convert),
  ]);
  const notModified: [string, JsonSchema][] = spec.conditional
    ? [['304', { description: 'Nothing has changed.', headers: { ETag: ETAG } }]]
    : [];
  // What a route says itself counts for more than what is true of all.
  return Object.fromEntries([...problems, ...answers, ...notModified, ['default', problem(spec)]]);
}

function problem(spec: EndpointSpec, status?: number): JsonSchema {
  if (spec.pages)
    return { description: 'What went wrong, as a problem document or a page.', content: problemContent(spec) };
  return { $ref: RESPONSES + (status === 429 ? 'TooManyRequests' : 'Problem') };
}

const problemContent = (spec: EndpointSpec): JsonSchema => ({
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
  ...(spec.pages ? { 'text/html': {} } : {}),
});

function response(spec: EndpointSpec, status: number, answer: AnswerSpec, convert: Convert): JsonSchema {
  const failed = status >= 400 && !answer.schema && !answer.mediaTypes;
  const content = failed ? problemContent(spec) : contentOf(answer, convert);
  return {
    description: answer.description,
    ...(Object.keys(content).length > 0 ? { content } : {}),
    ...answerHeaders(spec, status),
  };
}

function contentOf(answer: AnswerSpec, convert: Convert): JsonSchema {
  const json = answer.schema
    ? {
        'application/json': {
          schema: convert(answer.schema, 'answer'),
          ...(answer.example === undefined ? {} : { example: answer.example }),
        },
      }
    : {};
  return { ...json, ...Object.fromEntries((answer.mediaTypes ?? []).map((type) => [type, {}])) };
}

const text = (description: string, required: boolean): JsonSchema => ({
  description,
  ...(required ? { required } : {}),
  schema: { type: 'string' },
});

const ETAG = text('Version of the resource.', true);
const ETAG_IF_KNOWN = text('Version of the resource after the change, where the platform tells it at once.', false);

function answerHeaders(spec: EndpointSpec, status: number): JsonSchema {
  const good = status === successStatus(spec);
  const made = (status === 201 || status === 202) && !spec.bodyStream;
  const headers = {
    ...(spec.conditional && status === 200 ? { ETag: ETAG } : {}),
    ...(spec.ifMatch && status === 200 ? { ETag: ETAG_IF_KNOWN } : {}),
    ...(spec.stale && status === 200
      ? {
          Age: text('Seconds since it was so; only on the last answer of a platform that is away.', false),
          'Cache-Status': text('Why it is not the answer of now (RFC 9211); only together with `Age`.', false),
        }
      : {}),
    ...(made ? { Location: text('Address of what came into being, or where its progress is seen.', true) } : {}),
    ...(status === 302 ? { Location: text('Where to go on.', true) } : {}),
    ...(spec.query && 'cursor' in spec.query.shape && spec.method === 'GET' && good
      ? { Link: text('`rel="next"`: address of the next page, where there is one.', false) }
      : {}),
    ...(spec.idempotency && good
      ? { 'Idempotency-Replayed': text('`true` on an answer that was given before.', false) }
      : {}),
  };
  return Object.keys(headers).length > 0 ? { headers } : {};
}

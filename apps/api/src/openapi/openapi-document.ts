import { problem } from '@tributary/contracts';
import { z } from 'zod';
import { type EndpointSpec, successStatus } from '../http/endpoint-spec.ts';
import { hoistDefinitions, type JsonSchema, jsonSchemaOf } from './json-schema.ts';
import { schemaNames } from './schema-names.ts';

const COMPONENTS = '#/components/schemas/';

/** OpenAPI 3.1 of every endpoint that is mounted. */
export function openApiDocument(
  specs: readonly EndpointSpec[],
  options: { version: string; publicUrl?: string | undefined },
): JsonSchema {
  const schemas: Record<string, JsonSchema> = {};
  const convert = (schema: z.ZodType, io: 'input' | 'output') =>
    hoistDefinitions(jsonSchemaOf(schema, io, schemaNames), COMPONENTS, schemas);
  convert(z.object({ problem }), 'output');
  const paths: Record<string, Record<string, unknown>> = {};
  for (const spec of [...specs].sort(byPath)) {
    paths[spec.path] = { ...paths[spec.path], [spec.method.toLowerCase()]: operation(spec, convert) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Tributary',
      version: options.version,
      summary: 'One REST facade over every connected IoT platform',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: options.publicUrl ?? '/' }],
    security: [{ apiKey: [] }],
    tags: [...new Set(specs.map((spec) => spec.tag))].sort().map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key or, where configured, an OIDC token.' },
      },
      responses: {
        Problem: {
          description: 'What went wrong (RFC 9457).',
          content: { 'application/problem+json': { schema: { $ref: `${COMPONENTS}Problem` } } },
        },
      },
    },
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

type Convert = (schema: z.ZodType, io: 'input' | 'output') => JsonSchema;

const byPath = (a: EndpointSpec, b: EndpointSpec): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

function operation(spec: EndpointSpec, convert: Convert): JsonSchema {
  const scope = spec.scope === 'public' ? 'Needs no key.' : `Needs the scope \`${spec.scope}\`.`;
  return {
    operationId: spec.name,
    tags: [spec.tag],
    summary: spec.summary,
    description: [spec.description, scope].filter(Boolean).join('\n\n'),
    ...(spec.scope === 'public' ? { security: [] } : { 'x-scope': spec.scope }),
    parameters: parameters(spec, convert),
    ...(spec.bodyStream ? { requestBody: FILE_BODY } : {}),
    ...(spec.body ? { requestBody: requestBody(spec, spec.body, convert) } : {}),
    responses: responses(spec, convert),
  };
}

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
  ];
}

const header = (name: string, description: string, required: boolean): JsonSchema => ({
  name,
  in: 'header',
  description,
  required,
  schema: { type: 'string' },
});

function members(schema: z.ZodObject | undefined, where: 'path' | 'query', convert: Convert): JsonSchema[] {
  return Object.entries(schema?.shape ?? {}).map(([name, member]) => {
    const { description, ...body } = convert(member as z.ZodType, 'output');
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
    schema: convert(body, 'input'),
    ...(spec.bodyExample === undefined ? {} : { example: spec.bodyExample }),
  };
  return {
    required: !spec.bodyOptional,
    content: Object.fromEntries((spec.bodyTypes ?? ['application/json']).map((type) => [type, media])),
  };
}

function responses(spec: EndpointSpec, convert: Convert): JsonSchema {
  const answers = Object.entries(spec.answers).map(([status, answer]) => {
    const json = answer.schema
      ? {
          'application/json': {
            schema: convert(answer.schema, 'output'),
            ...(answer.example === undefined ? {} : { example: answer.example }),
          },
        }
      : {};
    const others = Object.fromEntries((answer.mediaTypes ?? []).map((type) => [type, {}]));
    const content = { ...json, ...others };
    return [
      status,
      {
        description: answer.description,
        ...(Object.keys(content).length > 0 ? { content } : {}),
        ...answerHeaders(spec, Number(status)),
      },
    ];
  });
  const notModified = spec.conditional ? [['304', { description: 'Nothing has changed.' }]] : [];
  return Object.fromEntries([...answers, ...notModified, ['default', { $ref: '#/components/responses/Problem' }]]);
}

function answerHeaders(spec: EndpointSpec, status: number): JsonSchema {
  const text = (description: string) => ({ description, schema: { type: 'string' } });
  const headers = {
    ...(spec.conditional && status === 200 ? { ETag: text('Version of the resource.') } : {}),
    ...((status === 201 || status === 202) && !spec.bodyStream
      ? { Location: text('Address of what came into being.') }
      : {}),
    ...(spec.idempotency && status === successStatus(spec)
      ? { 'Idempotency-Replayed': text('`true` on an answer that was given before.') }
      : {}),
  };
  return Object.keys(headers).length > 0 ? { headers } : {};
}

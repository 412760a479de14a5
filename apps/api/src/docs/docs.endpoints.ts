import { z } from 'zod';
import { defineEndpoint, type EndpointSpec } from '../http/endpoint-spec.ts';

const json = z.record(z.string(), z.unknown());
const page = (path: string, name: string, summary: string, answers: EndpointSpec['answers'], tag = 'About this API') =>
  defineEndpoint({ method: 'GET', path, scope: 'public', name, tag, summary, answers });

export const getOpenApi = page('/openapi.json', 'getOpenApi', 'This document', {
  200: { description: 'OpenAPI 3.1.', schema: json },
});
export const getAsyncApi = page('/asyncapi.json', 'getAsyncApi', 'Events on the broker', {
  200: { description: 'AsyncAPI 3.', schema: json },
});
export const getCatalog = page(
  '/.well-known/api-catalog',
  'getApiCatalog',
  'Where everything is described (RFC 9727)',
  {
    200: { description: 'A link set.', mediaTypes: ['application/linkset+json'] },
  },
);
export const getDocs = page('/docs', 'getDocs', 'Interactive reference', {
  200: { description: 'A page.', mediaTypes: ['text/html'] },
});
export const getDocsAsset = defineEndpoint({
  method: 'GET',
  path: '/docs/assets/{file}',
  scope: 'public',
  name: 'getDocsAsset',
  tag: 'About this API',
  summary: 'Parts of the interactive reference',
  params: z.strictObject({ file: z.string().regex(/^[a-z0-9.-]{1,60}$/) }),
  answers: { 200: { description: 'A script or style sheet.', mediaTypes: ['text/javascript', 'text/css'] } },
});
export const getProblemPage = defineEndpoint({
  method: 'GET',
  path: '/docs/problems/{code}',
  scope: 'public',
  name: 'getProblemPage',
  tag: 'About this API',
  summary: 'What a problem code means',
  params: z.strictObject({ code: z.string().regex(/^[a-z-]{1,60}$/) }),
  answers: {
    200: {
      description: 'The code.',
      schema: z.object({ code: z.string(), title: z.string(), status: z.number().int(), retryable: z.boolean() }),
    },
  },
});
const schema = (path: string, name: string, summary: string) =>
  defineEndpoint({
    method: 'GET',
    path,
    scope: 'public',
    name,
    tag: 'Events',
    summary,
    params: z.strictObject({ type: z.string().regex(/^[a-z0-9.-]{1,100}$/) }),
    answers: { 200: { description: 'JSON Schema 2020-12.', mediaTypes: ['application/schema+json'] } },
  });
export const getDataSchema = schema(
  '/v1/schemas/{type}',
  'getDataSchema',
  'JSON Schema of `data` of an event type; what `dataschema` of an event names',
);
export const getEventSchema = schema(
  '/v1/schemas/{type}/event',
  'getEventSchema',
  'JSON Schema of whole events of a type',
);
const state = (path: string, name: string, summary: string) =>
  page(
    path,
    name,
    summary,
    { 200: { description: 'It is.', schema: json }, 503: { description: 'It is not.', schema: json } },
    'Operations',
  );
export const getLivez = state('/livez', 'getLivez', 'Is the process alive?');
export const getReadyz = state('/readyz', 'getReadyz', 'Can it serve?');
export const getMetrics = page(
  '/metrics',
  'getMetrics',
  'Prometheus metrics',
  { 200: { description: 'Text.', mediaTypes: ['text/plain'] } },
  'Operations',
);

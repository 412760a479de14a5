import { problem } from '@tributary/contracts';
import { z } from 'zod';
import type { EndpointSpec } from '../http/endpoint-spec.ts';
import { hoistDefinitions, type JsonSchema, jsonSchemaOf } from './json-schema.ts';
import { type Convert, operation } from './openapi-operation.ts';
import { schemaExamples } from './schema-examples.ts';
import { schemaNames } from './schema-names.ts';

/** Version of the API, not of the software. */
export const API_VERSION = '1.0.0';

const COMPONENTS = '#/components/schemas/';
/** Answers only grow: whoever checks them against a document that was kept must let later members through. */
const OPEN = { open: true };

/**
 * OpenAPI 3.1 of every endpoint that is mounted. Throws where one name stands for two schemas, as it would for one that
 * is strict in a request and open in an answer.
 */
export function openApiDocument(
  specs: readonly EndpointSpec[],
  options: { version: string; publicUrl?: string | undefined },
): JsonSchema {
  const schemas: Record<string, JsonSchema> = {};
  const convert: Convert = (schema, part) => {
    const converted =
      part === 'body'
        ? jsonSchemaOf(schema, 'input', schemaNames)
        : jsonSchemaOf(schema, 'output', schemaNames, part === 'answer' ? OPEN : {});
    return hoistDefinitions(converted, COMPONENTS, schemas);
  };
  convert(z.object({ problem }), 'answer');
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
      description:
        'Contracts only grow: an answer may have more members than this document says, and what you do not know is to be passed over. With `fields=` the items of a list have the members that were asked for, and no others.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: options.publicUrl ?? '/' }],
    security: [{ apiKey: [] }],
    tags: [...new Set(specs.map((spec) => spec.tag))].sort().map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(withExample)),
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key or, where configured, an OIDC token.' },
      },
      responses: problemResponses,
    },
  };
}

const withExample = ([name, schema]: [string, JsonSchema]): [string, JsonSchema] => {
  const example = schemaExamples[name];
  return [name, example === undefined ? schema : { ...schema, examples: [example] }];
};

const byPath = (a: EndpointSpec, b: EndpointSpec): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

const problemContent = { 'application/problem+json': { schema: { $ref: `${COMPONENTS}Problem` } } };

const problemResponses: JsonSchema = {
  Problem: { description: 'What went wrong (RFC 9457).', content: problemContent },
  TooManyRequests: {
    description: 'The caller has used up what it may ask.',
    content: problemContent,
    headers: {
      'Retry-After': {
        description: 'Seconds to wait.',
        required: true,
        schema: { type: 'string', pattern: '^[1-9]\\d*$' },
      },
    },
  },
};

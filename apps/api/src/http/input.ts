import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type EndpointSpec, specOf } from './endpoint-spec.ts';
import { badRequest, type Fault, ProblemError, pointer } from './problem-error.ts';

type Part = 'path' | 'query' | 'body' | 'header';

/**
 * Validates a request against its specification and gives the parsed parts. Throws one problem that names every fault
 * of every part; values never appear in it.
 */
export function readInput(spec: EndpointSpec, request: FastifyRequest) {
  const faults: Fault[] = [];
  const read = (part: Part, schema: z.ZodType | undefined, value: unknown): unknown => {
    if (!schema) return undefined;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    faults.push(...faultsOf(parsed.error, part));
    return undefined;
  };
  const params = read('path', spec.params, request.params);
  const query = readQuery(spec, request.query, faults, read);
  const body = readBody(spec, request, faults, read);
  if (faults.length > 0) throw badRequest(faults);
  return { params, query, body };
}

type Read = (part: Part, schema: z.ZodType | undefined, value: unknown) => unknown;

function readQuery(spec: EndpointSpec, query: unknown, faults: Fault[], read: Read): unknown {
  if (spec.query) return read('query', spec.query, query);
  for (const name of Object.keys(query ?? {})) {
    faults.push({ pointer: pointer('query', name), detail: 'This route takes no such parameter.' });
  }
  return undefined;
}

function readBody(spec: EndpointSpec, request: FastifyRequest, faults: Fault[], read: Read): unknown {
  const { body } = request;
  if (spec.bodyStream) return undefined;
  if (!spec.body) {
    const empty = body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0);
    if (!empty) faults.push({ pointer: '/body', detail: 'This route takes no body.' });
    return undefined;
  }
  if (body === undefined) {
    if (spec.bodyOptional) return undefined;
    faults.push({ pointer: '/body', detail: 'A body is required.' });
    return undefined;
  }
  checkBodyType(spec, request);
  return read('body', spec.body, body);
}

function checkBodyType(spec: EndpointSpec, request: FastifyRequest): void {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const allowed = spec.bodyTypes ?? ['application/json'];
  if (!allowed.includes(type)) {
    throw new ProblemError('unsupported-media-type', `The body must be ${allowed.join(' or ')}.`, {
      headers: spec.method === 'PATCH' ? { 'accept-patch': allowed.join(', ') } : {},
    });
  }
}

/** Every problem with its JSON Pointer; each unknown member is named by itself. */
export function faultsOf(error: z.ZodError, part: Part): Fault[] {
  return error.issues.flatMap((issue): Fault[] => {
    const path = [part, ...issue.path.map(String)];
    if (issue.code !== 'unrecognized_keys') return [{ pointer: pointer(...path), detail: issue.message }];
    return issue.keys.map((key) => ({
      pointer: pointer(...path, key),
      detail: part === 'query' ? 'This route takes no such parameter.' : 'There is no such member.',
    }));
  });
}

/** The validated request of a handler: `@Input() input: InputOf<typeof spec>`. */
export const Input = createParamDecorator((_: unknown, context: ExecutionContext) =>
  readInput(specOf(context.getHandler()), context.switchToHttp().getRequest<FastifyRequest>()),
);

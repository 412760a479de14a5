import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { badRequest } from './vendor-error.ts';

/**
 * The JSON body as its schema reads it. Members may begin with a capital letter, as a public client library writes them.
 * Throws 400 that names the first member that does not fit.
 */
export function bodyOf<S extends z.ZodType>(request: FastifyRequest, schema: S): z.output<S> {
  const read = schema.safeParse(uncapitalized(request.body));
  if (read.success) return read.data;
  const [problem] = read.error.issues;
  const where = problem?.path.join('.');
  throw badRequest(where ? `${where} is invalid.` : 'The body must be an object.');
}

function uncapitalized(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]),
  );
}

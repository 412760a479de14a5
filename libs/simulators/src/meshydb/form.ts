import type { FastifyRequest } from 'fastify';
import { OauthError } from './vendor-error.ts';

export type Form = Readonly<Record<string, string>>;

/**
 * Fields without a value count as absent: a public client library sends all that it knows of, the unused ones empty.
 * Throws `invalid_request` for a field that is given twice.
 */
export function formOf(request: FastifyRequest): Form {
  const form: Record<string, string> = {};
  for (const [name, value] of Object.entries((request.body ?? {}) as Record<string, unknown>)) {
    if (typeof value !== 'string') throw new OauthError('invalid_request', `${name} is given twice`);
    if (value !== '') form[name] = value;
  }
  return form;
}

import type { FastifyRequest } from 'fastify';
import { MongoTextError } from './mongo-text.ts';
import { meshName } from './tenant.ts';
import { badRequest } from './vendor-error.ts';

/** Throws 400 for a name that is not letters alone. */
export const meshOf = (request: FastifyRequest): string => meshName((request.params as { mesh: string }).mesh);

/** Throws 400 when the text is no MongoDB expression. */
export function understood<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MongoTextError)) throw error;
    const refused = badRequest(`${what} is in an invalid format. It must be in a valid Mongo DB format.`);
    throw Object.assign(refused, { cause: error });
  }
}

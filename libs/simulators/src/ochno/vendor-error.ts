import type { FastifyReply } from 'fastify';

/** A refusal as the vendor says it: a status and `{message}`. */
export class VendorError extends Error {
  override readonly name = 'VendorError';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const badCredentials = () => new VendorError(401, 'Invalid email or password');
export const notAuthenticated = () => new VendorError(401, 'Unauthorized');
export const forbidden = () => new VendorError(403, 'Forbidden');
export const badRequest = (message: string) => new VendorError(400, message);
export const notFound = () => new VendorError(404, 'Not Found');

const WORDS: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
};

export const errorBody = (status: number, message = WORDS[status] ?? 'Internal Server Error'): string =>
  JSON.stringify({ message });

export function answerError(reply: FastifyReply, error: unknown): FastifyReply {
  const answer = (status: number, message?: string) =>
    reply.code(status).type('application/json').send(errorBody(status, message));
  if (error instanceof VendorError) return answer(error.status, error.message);
  const given = (error as { statusCode?: unknown }).statusCode;
  if (typeof given !== 'number' || given < 400 || given >= 500) return answer(500);
  // What is not JSON is a bad request, whatever it calls itself.
  return answer(given === 415 ? 400 : given);
}

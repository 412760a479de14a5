import type { FastifyReply } from 'fastify';

/** A refusal in the vendor's own form: `{status, message, errorCode, timestamp}`. */
export class VendorError extends Error {
  override readonly name = 'VendorError';

  constructor(
    readonly status: number,
    readonly errorCode: number,
    message: string,
  ) {
    super(message);
  }
}

export const badCredentials = () => new VendorError(401, 10, 'Invalid username or password');
export const inactiveUser = () => new VendorError(401, 10, 'User account is not active');
export const notAuthenticated = () => new VendorError(401, 10, 'Authentication failed');
export const tokenExpired = () => new VendorError(401, 11, 'Token has expired');
export const forbidden = () => new VendorError(403, 20, "You don't have permission to perform this operation!");
export const badRequest = (message: string) => new VendorError(400, 31, message);
export const invalidArgument = (message: string) => new VendorError(400, 30, message);
export const notFound = (what: string) => new VendorError(404, 32, `${what} not found`);
export const noConnection = () => new VendorError(409, 2, 'No active connection to the remote device!');
export const deviceTimeout = () => new VendorError(504, 2, 'Timeout to process RPC call');

export const errorBody = (status: number, errorCode: number, message: string, timestamp: number): string =>
  JSON.stringify({ status, message, errorCode, timestamp });

/** What the vendor says of a status that nothing in particular led to. */
export function generalError(status: number): { errorCode: number; message: string } {
  const known: Record<number, { errorCode: number; message: string }> = {
    400: { errorCode: 31, message: 'Invalid request parameters' },
    401: { errorCode: 10, message: 'Authentication failed' },
    403: { errorCode: 20, message: "You don't have permission to perform this operation!" },
    404: { errorCode: 32, message: "Requested item wasn't found!" },
    429: { errorCode: 33, message: 'Too many requests for current tenant!' },
  };
  return known[status] ?? { errorCode: 2, message: status >= 500 ? 'Internal server error' : 'Request failed' };
}

export function answerError(reply: FastifyReply, error: unknown, now: number): FastifyReply {
  if (error instanceof VendorError) {
    const body = errorBody(error.status, error.errorCode, error.message, now);
    return reply.code(error.status).type('application/json').send(body);
  }
  const given = (error as { statusCode?: unknown }).statusCode;
  const status = typeof given === 'number' && given >= 400 && given < 500 ? given : 500;
  const { errorCode, message } = generalError(status === 415 ? 400 : status);
  return reply
    .code(status)
    .type('application/json')
    .send(errorBody(status, errorCode, message, now));
}

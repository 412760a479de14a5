import type { FastifyReply } from 'fastify';

/** A refusal of the API host: a status and `{message}`; a 401 has no body. */
export class VendorError extends Error {
  override readonly name = 'VendorError';

  constructor(
    readonly status: number,
    message: string,
    /** Further members of the answer. */
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** A refusal of the auth host, in the form of RFC 6749. */
export class OauthError extends Error {
  override readonly name = 'OauthError';

  constructor(
    readonly error: string,
    description: string,
  ) {
    super(description);
  }
}

/** Both hosts answer it in their own form. */
export class TooManyRequests extends Error {
  override readonly name = 'TooManyRequests';

  constructor(readonly retryAfterSeconds?: number) {
    super(LIMIT_REACHED);
  }
}

const LIMIT_REACHED = 'You have either hit your API or Database limit. Please review your account.';

export const badRequest = (message: string) => new VendorError(400, message);
export const notAuthorized = () => new VendorError(401, '');
export const forbidden = () => new VendorError(403, 'Insufficient permission.');
export const notFound = (what: string) => new VendorError(404, `${what} was not found.`);

const WORDS: Record<number, string> = {
  400: 'Bad request',
  403: 'Insufficient permission.',
  404: 'Not Found',
  429: LIMIT_REACHED,
};

export const JSON_TYPE = 'application/json; charset=utf-8';
export const CHALLENGE = { 'www-authenticate': 'Bearer error="invalid_token"' };

/** The API host's own words for a status. */
export const apiVoice = (status: number): { contentType: string; body: string } =>
  status === 401 ? { contentType: JSON_TYPE, body: '' } : { contentType: JSON_TYPE, body: message(status) };

/** The auth host's. */
export const authVoice = (status: number): { contentType: string; body: string } => {
  if (status === 400) return { contentType: JSON_TYPE, body: oauthBody('invalid_request', 'Bad request') };
  return { contentType: JSON_TYPE, body: message(status) };
};

const message = (status: number): string => JSON.stringify({ message: WORDS[status] ?? 'Internal Server Error' });

const oauthBody = (error: string, description: string): string =>
  JSON.stringify({ error, error_description: description });

export function answerApiError(reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof TooManyRequests) return answerLimit(reply, error);
  if (!(error instanceof VendorError)) return answerPlain(reply, clientStatus(error), apiVoice);
  if (error.status === 401) return reply.code(401).headers(CHALLENGE).send();
  return reply
    .code(error.status)
    .type(JSON_TYPE)
    .send(JSON.stringify({ message: error.message, ...error.more }));
}

export function answerAuthError(reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof TooManyRequests) return answerLimit(reply, error);
  if (error instanceof OauthError) return reply.code(400).type(JSON_TYPE).send(oauthBody(error.error, error.message));
  return answerPlain(reply, error instanceof VendorError ? error.status : clientStatus(error), authVoice);
}

function answerLimit(reply: FastifyReply, { retryAfterSeconds }: TooManyRequests): FastifyReply {
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  return answerPlain(reply, 429, apiVoice);
}

function answerPlain(reply: FastifyReply, status: number, voice: typeof apiVoice): FastifyReply {
  const { contentType, body } = voice(status);
  return reply.code(status).type(contentType).send(body);
}

/** What the server could not even read. */
function clientStatus(error: unknown): number {
  const given = (error as { statusCode?: unknown }).statusCode;
  if (typeof given !== 'number' || given < 400 || given >= 500) return 500;
  return given === 415 ? 400 : given;
}

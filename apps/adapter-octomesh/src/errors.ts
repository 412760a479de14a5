import type { VendorAnswer } from '@tributary/adapter-kit';
import {
  AuthenticationError,
  InvalidRequestError,
  NotFoundError,
  PermissionDeniedError,
  type PlatformError,
  type PlatformErrorOptions,
  RateLimitedError,
} from '@tributary/contracts';
import { errorBody, type GraphqlError, graphqlError, restFailure } from './wire.ts';

/** Codes of the vendor's page, "Common Error Codes". */
export const CODES = {
  unauthorized: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  notFound: 'ENTITY_NOT_FOUND',
  invalid: 'VALIDATION_ERROR',
  unknownType: 'CK_TYPE_NOT_FOUND',
  association: 'ASSOCIATION_ERROR',
} as const;

const MAX_WORDS = 200;
/** What a 429 without `Retry-After` means: the vendor's window (API Integration, "Rate Limiting"). */
const WINDOW_MS = 60_000;
/** Callers that were refused together do not come back together. */
const SPREAD_MS = 2_000;

/** A refused GraphQL request whose errors the vendor told; kept as the cause for whoever passes them through. */
export class GraphqlFailure extends Error {
  constructor(readonly errors: readonly unknown[]) {
    super('the answer holds GraphQL errors');
  }
}

/**
 * The vendor's words for what a status means; what is absent here the kit decides by status alone (5xx). A token that is
 * refused inside a successful answer is refused all the same: it is told here, so that the kit renews it.
 */
export function classify(answer: VendorAnswer, random: () => number = Math.random): Error | undefined {
  if (answer.status < 400) return refusedInside(answer);
  const options: PlatformErrorOptions = { platformStatus: answer.status };
  const errors = errorsOf(answer.text);
  const [first] = errors.map(readError);
  if (first && answer.status < 500 && answer.status !== 429) {
    return failureOf(first, { ...options, cause: new GraphqlFailure(errors) }, answer.status);
  }
  const said = restWords(answer.text);
  switch (answer.status) {
    case 400:
    case 405:
    case 413:
    case 415:
      return new InvalidRequestError(`OctoMesh refused the request${said}`, options);
    case 401:
      return new AuthenticationError('OctoMesh refused the token', options);
    case 403:
      return new PermissionDeniedError(
        'OctoMesh refuses this: the scope or role does not allow it, or the token is of another tenant',
        options,
      );
    case 404:
      return new NotFoundError('OctoMesh knows no such tenant or address', options);
    case 429:
      return limited(answer, options, random);
    default:
      return undefined;
  }
}

/** What one error of a GraphQL answer means. */
export function failureOf(error: GraphqlError, options: PlatformErrorOptions = {}, status?: number): PlatformError {
  const code = error.extensions?.code;
  const words = error.message.slice(0, MAX_WORDS);
  const told = { ...options, ...(code === undefined ? {} : { platformCode: code }) };
  switch (code) {
    case CODES.unauthorized:
      return new AuthenticationError(`OctoMesh refused the token: ${words}`, told);
    case CODES.forbidden:
      return new PermissionDeniedError(`OctoMesh refuses this: ${words}`, told);
    case CODES.notFound:
      return new NotFoundError(`OctoMesh: ${words}`, told);
    case CODES.unknownType:
      return new NotFoundError(`OctoMesh has no such type: ${words}`, told);
  }
  if (status === 401) return new AuthenticationError(`OctoMesh refused the token: ${words}`, told);
  if (status === 403) return new PermissionDeniedError(`OctoMesh refuses this: ${words}`, told);
  // A code that the page does not know is taken as final for this request, unless the status says otherwise.
  return new InvalidRequestError(`OctoMesh refused the request: ${words}${detailsOf(error)}`, told);
}

export function readError(error: unknown): GraphqlError {
  const read = graphqlError.safeParse(error);
  return read.success ? read.data : { message: '', path: undefined, extensions: undefined };
}

/** Is it final for this request, whatever is tried again? */
export const isOfThisRequest = (error: PlatformError): boolean =>
  error.code === 'invalid-request' || error.code === 'not-found' || error.code === 'permission-denied';

function refusedInside(answer: VendorAnswer): Error | undefined {
  if (!answer.text.includes(CODES.unauthorized)) return undefined;
  const refused = errorsOf(answer.text)
    .map(readError)
    .find(({ extensions }) => extensions?.code === CODES.unauthorized);
  return refused && failureOf(refused, { platformStatus: answer.status });
}

function limited(answer: VendorAnswer, options: PlatformErrorOptions, random: () => number): RateLimitedError {
  const seconds = Number(answer.headers['retry-after']);
  const toldMs = Number.isFinite(seconds) && answer.headers['retry-after'] !== '' ? seconds * 1_000 : WINDOW_MS;
  const retryAfterMs = Math.ceil(Math.max(0, toldMs) + random() * SPREAD_MS);
  return new RateLimitedError('OctoMesh: the limit of requests is reached', { ...options, retryAfterMs });
}

/** Names of the fields that the vendor complains about, never their values. */
function detailsOf({ extensions }: GraphqlError): string {
  const { details } = extensions ?? {};
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return '';
  const names = Object.keys(details).slice(0, 5);
  return names.length > 0 ? ` (${names.join(', ').slice(0, MAX_WORDS)})` : '';
}

function errorsOf(text: string): readonly unknown[] {
  try {
    return errorBody.parse(JSON.parse(text)).errors ?? [];
  } catch {
    // Bodies may be empty, HTML or anything else.
    return [];
  }
}

function restWords(text: string): string {
  try {
    const { message, detail, title, error } = restFailure.parse(JSON.parse(text));
    const words = message ?? detail ?? title ?? error;
    return words === undefined ? '' : `: ${words.slice(0, MAX_WORDS)}`;
  } catch {
    return '';
  }
}

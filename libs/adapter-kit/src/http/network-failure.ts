import {
  InvalidRequestError,
  isPlatformError,
  MalformedResponseError,
  type PlatformError,
  TimeoutError,
  UnavailableError,
} from '@tributary/contracts';

/** `platformCode` of a failure that happened before a byte of the request left: sending it again is safe. */
export const NOT_SENT = 'not-sent';
/** `platformCode` of a failure after the request may have been acted upon. */
export const ANSWER_LOST = 'answer-lost';

const NEVER_LEFT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_PRX_CONN',
]);
const TOO_SLOW = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);
const UNREADABLE = new Set([
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_RES_EXCEEDED_MAX_SIZE',
  'Z_DATA_ERROR',
  'Z_BUF_ERROR',
]);
const OUR_MISTAKE = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'EREFUSEDADDRESS']);

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  // Happy-eyeballs wraps one failure per address.
  return error instanceof AggregateError ? codeOf(error.errors[0]) : '';
}

/** TLS failures come with many codes; all of them happen before the request is sent. */
const isTls = (code: string) =>
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH)/.test(code);

/**
 * What a failure of the network means. A request that may not be sent twice and whose answer is lost counts as timed
 * out: nobody knows whether it took effect. The cause is kept as its code only: messages may hold URLs.
 */
export function networkFailure(operation: string, error: unknown, idempotent: boolean): PlatformError {
  if (isPlatformError(error)) return error;
  const code = codeOf(error);
  if (NEVER_LEFT.has(code) || isTls(code)) {
    return new UnavailableError(`${operation}: the platform cannot be reached (${code})`, { platformCode: NOT_SENT });
  }
  if (code === 'EREFUSEDADDRESS') {
    return new InvalidRequestError(`${operation}: the platform's host resolves to an address that is not public`);
  }
  if (OUR_MISTAKE.has(code)) return new InvalidRequestError(`${operation}: the request cannot be sent (${code})`);
  if (TOO_SLOW.has(code)) {
    return new TimeoutError(`${operation}: no answer in time (${code})`, { platformCode: ANSWER_LOST });
  }
  if (UNREADABLE.has(code) || code.startsWith('HPE_') || code.startsWith('Z_') || code.startsWith('ERR__')) {
    return new MalformedResponseError(`${operation}: the answer cannot be read (${code})`);
  }
  const detail = code || (error instanceof Error ? error.name : 'unknown');
  return idempotent
    ? new UnavailableError(`${operation}: the connection was lost (${detail})`, { platformCode: ANSWER_LOST })
    : new TimeoutError(`${operation}: the answer was lost (${detail})`, { platformCode: ANSWER_LOST });
}

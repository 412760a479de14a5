import { ANSWER_LOST, type VendorAnswer } from '@tributary/adapter-kit';
import {
  AuthenticationError,
  InvalidRequestError,
  isPlatformError,
  NotFoundError,
  PermissionDeniedError,
  type PlatformError,
  type PlatformErrorOptions,
  RateLimitedError,
  UnavailableError,
} from '@tributary/contracts';
import { bodyOf, CUT_OFF_MS } from './answers.ts';

/** `platformCode` of a request that was too much for the platform: it must be cut, not repeated. */
export const TOO_MUCH = 'too-much';

/**
 * What an answer without data means. The vendor's message is the code; the HTTP status is asked only where there is
 * none. An answer that has data is no failure here, whatever errors stand beside the data.
 */
export function classify(answer: VendorAnswer): Error | undefined {
  const body = bodyOf(answer);
  const [first] = body?.data ? [] : (body?.errors ?? []);
  if (first) return failureOf(first.message, answer.status);
  const options = { platformStatus: answer.status };
  if (answer.status === 401) return new AuthenticationError('ExoSense refused the token', options);
  if (answer.status === 403) return new PermissionDeniedError('ExoSense does not allow this at all', options);
  return undefined;
}

/**
 * As `classify`, for requests that can be cut: what ran out of time is too much of it.
 *
 * Quirk: a request that takes longer than ten seconds ends in a gateway's time-out without a GraphQL body, not in the
 * error that the list of errors has for it (API page, "Limit Errors").
 */
export function classifyLarge(answer: VendorAnswer): Error | undefined {
  return classify(answer) ?? (answer.status === 504 ? tooMuch('the answer took too long', 504) : undefined);
}

/** What one of the vendor's messages means. */
export function failureOf(message: string, status?: number): PlatformError {
  const options: PlatformErrorOptions = status === undefined ? {} : { platformStatus: status };
  // Quirk: there is no code and no hint how long to wait; the message is the name of the limit (API page, "Limit Errors").
  if (/^ExceededRateLimit/.test(message)) {
    return new RateLimitedError('ExoSense counts too much for this token', { ...options, platformCode: message });
  }
  if (/^ExceededMaximum|memory/i.test(message)) return tooMuch(said('too much was asked for at once', message), status);
  if (/unauthori|not authenticated|invalid token/i.test(message)) {
    return new AuthenticationError('ExoSense refused the token', options);
  }
  if (/forbidden|permission|not allowed|access denied/i.test(message)) {
    return new PermissionDeniedError(said("the token's role does not allow this", message), options);
  }
  if (/not found|does not exist/i.test(message)) {
    return new NotFoundError(said('ExoSense does not know this', message), options);
  }
  // What has gone wrong there says nothing of what we asked.
  if (/internal|unavailable|unexpected error|timed? ?out|try again/i.test(message)) {
    return new UnavailableError(said('ExoSense could not answer', message), options);
  }
  return new InvalidRequestError(said('ExoSense refused the request', message), options);
}

/** Whether a request that took so long has failed because it was too much: then it is cut, not repeated. */
export function wasTooMuch(error: unknown, tookMs: number): error is PlatformError {
  if (!isPlatformError(error)) return false;
  // A connection that breaks when the vendor's time is up has been cut by the gateway before the vendor.
  const cutOff = error.platformCode === ANSWER_LOST && tookMs >= CUT_OFF_MS - CUT_OFF_EARLY_MS;
  return error.platformCode === TOO_MUCH || error.code === 'timeout' || cutOff;
}

const CUT_OFF_EARLY_MS = 500;

const tooMuch = (what: string, status?: number): InvalidRequestError =>
  new InvalidRequestError(what, {
    platformCode: TOO_MUCH,
    ...(status === undefined ? {} : { platformStatus: status }),
  });

const MAX_WORDS = 300;

const said = (what: string, message: string): string =>
  message === '' ? what : `${what}: ${message.slice(0, MAX_WORDS)}`;

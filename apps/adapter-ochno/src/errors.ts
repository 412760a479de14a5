import type { VendorAnswer } from '@tributary/adapter-kit';
import {
  AuthenticationError,
  InvalidRequestError,
  isPlatformError,
  NotFoundError,
  PermissionDeniedError,
  type PlatformError,
  type PlatformErrorOptions,
  UnavailableError,
} from '@tributary/contracts';
import { vendorFailure } from './wire.ts';

/** The vendor's words for what a status means; what is absent here the kit decides by status alone (429, 5xx). */
export function classify(answer: VendorAnswer): Error | undefined {
  if (answer.status < 400) return undefined;
  const options: PlatformErrorOptions = { platformStatus: answer.status };
  switch (answer.status) {
    case 400:
      return new InvalidRequestError(said('Ochno refused the request', answer), options);
    case 401:
      return new AuthenticationError(said('Ochno refused the log-in or token', answer), options);
    case 403:
      return new PermissionDeniedError(said('the user lacks a permission in Ochno', answer), options);
    case 404:
      return new NotFoundError(said('Ochno does not know this', answer), options);
    default:
      return undefined;
  }
}

/**
 * A handshake of the stream that was refused says nothing of the user's log-in: only that these credentials, which live
 * an hour, or the clock that signed with them are not taken.
 */
export function streamFailure(error: unknown): PlatformError | undefined {
  if (!isPlatformError(error)) return undefined;
  const refused = error.code === 'authentication' || error.code === 'permission-denied';
  if (!refused) return error;
  return new UnavailableError('OCHNO-08: the stream refused the credentials that Ochno gave for it', {
    cause: error,
    ...(error.platformStatus === undefined ? {} : { platformStatus: error.platformStatus }),
  });
}

/** What a user of this connection lacks, or the platform does not have: others may go on. */
export const isMissing = (error: unknown): error is PlatformError =>
  isPlatformError(error) && ['permission-denied', 'not-found'].includes(error.code);

const MAX_WORDS = 200;

/** Error bodies may be JSON, HTML or nothing at all. */
function said(what: string, { text }: VendorAnswer): string {
  try {
    const { message } = vendorFailure.parse(JSON.parse(text));
    return message === undefined ? what : `${what}: ${message.slice(0, MAX_WORDS)}`;
  } catch {
    return what;
  }
}

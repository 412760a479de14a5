import type { VendorAnswer } from '@tributary/adapter-kit';
import {
  AuthenticationError,
  InvalidRequestError,
  NotFoundError,
  PermissionDeniedError,
  type PlatformErrorOptions,
} from '@tributary/contracts';
import { vendorFailure } from './wire.ts';

/** Code of the vendor's error body that says: this record does not exist, as opposed to: this path does not exist. */
export const ITEM_NOT_FOUND = '32';

/** The vendor's words for what a status means; what is absent here the kit decides by status alone (429, 5xx). */
export function classify(answer: VendorAnswer): Error | undefined {
  if (answer.status < 400) return undefined;
  const failure = read(answer);
  const options: PlatformErrorOptions = { platformStatus: answer.status };
  if (failure.code !== undefined) options.platformCode = failure.code;
  switch (answer.status) {
    case 400:
    case 405:
    case 415:
      return new InvalidRequestError(said('optiCLOUD refused the request', failure), options);
    case 401:
      return new AuthenticationError(said('optiCLOUD refused the log-in or token', failure), options);
    case 403:
      return new PermissionDeniedError(said('the user lacks a permission in optiCLOUD', failure), options);
    case 404:
      return new NotFoundError(said('optiCLOUD does not know this', failure), options);
    // Quirk: the XML listing refuses an Accept header without XML, with or without a body (API page, "Retrieve the
    // complete file list"). We send one that has it, so a 406 means that something between us took it away.
    case 406:
      return new InvalidRequestError('optiCLOUD answered 406: the Accept header arrived without XML', options);
    default:
      return undefined;
  }
}

interface Failure {
  code?: string;
  message?: string;
}

/** Error bodies may be JSON, HTML or nothing at all. */
function read(answer: VendorAnswer): Failure {
  try {
    const { errorCode, message } = vendorFailure.parse(JSON.parse(answer.text));
    return {
      ...(errorCode === undefined ? {} : { code: String(errorCode) }),
      ...(message === undefined ? {} : { message }),
    };
  } catch {
    return {};
  }
}

const MAX_WORDS = 200;

const said = (what: string, { message }: Failure): string =>
  message === undefined ? what : `${what}: ${message.slice(0, MAX_WORDS)}`;

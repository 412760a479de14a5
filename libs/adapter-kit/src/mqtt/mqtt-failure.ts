import {
  AuthenticationError,
  InvalidRequestError,
  isPlatformError,
  type PlatformError,
  UnavailableError,
} from '@tributary/contracts';
import { DeadlineReached } from '../http/deadline.ts';
import { networkFailure } from '../http/network-failure.ts';

const OPERATION = 'mqtt';

/** What a CONNACK of MQTT 3.1.1 means; undefined for acceptance. */
export function connackFailure(returnCode: number): PlatformError | undefined {
  const platformCode = String(returnCode);
  switch (returnCode) {
    case 0:
      return undefined;
    case 2:
      return new InvalidRequestError('mqtt: the broker refuses the client id', { platformCode });
    case 4:
    case 5:
      return new AuthenticationError('mqtt: the broker refuses the credentials', { platformCode });
    default:
      return new UnavailableError('mqtt: the broker refuses the connection', { platformCode });
  }
}

/** Why a session could not be opened: refused credentials and wrong settings as such, everything else unavailable. */
export function openingFailure(error: unknown): PlatformError {
  if (isPlatformError(error)) return error;
  if (error instanceof DeadlineReached) return new UnavailableError('mqtt: the broker does not answer in time');
  const failure = networkFailure(OPERATION, error, true);
  if (failure.code === 'invalid-request') return failure;
  const { platformCode } = failure;
  return new UnavailableError(failure.message, { cause: error, ...(platformCode ? { platformCode } : {}) });
}

import { isPlatformError, type Link, type PlatformErrorCode } from '@tributary/contracts';
import { ANSWER_LOST } from '../http/network-failure.ts';
import { DOES_NOT_FIT } from '../http/parse-json.ts';
import { CIRCUIT_OPEN } from '../http/retrier.ts';

/** `silence`: no answer came; only what else was heard of the platform can tell who is to blame. */
export type Blame = Extract<Link, 'credential' | 'budget' | 'vendor' | 'network' | 'mapping'> | 'silence';

const byCode: Record<PlatformErrorCode, Blame> = {
  authentication: 'credential',
  'permission-denied': 'credential',
  // We ask for what the platform does not know: what we know of it does not fit any more.
  'not-found': 'mapping',
  'invalid-request': 'mapping',
  conflict: 'mapping',
  unsupported: 'mapping',
  'rate-limited': 'budget',
  unavailable: 'network',
  timeout: 'silence',
  'malformed-response': 'vendor',
};

/**
 * Which link a failure tells of. Undefined where it tells of none: a call that an open breaker has not made, an error of
 * our own. An answer with a status, however bad, came from the platform; a connection that was refused, reset or could
 * not be made did not.
 */
export function linkOfFailure(error: unknown): Blame | undefined {
  if (!isPlatformError(error) || error.platformCode === CIRCUIT_OPEN) return undefined;
  if (error.platformCode === DOES_NOT_FIT) return 'mapping';
  const blame = byCode[error.code];
  if (blame === 'network' && error.platformStatus !== undefined) return 'vendor';
  if (blame === 'silence' && error.platformStatus !== undefined) return 'vendor';
  // A reset, not a wait in vain.
  if (blame === 'silence' && error.platformCode === ANSWER_LOST && error.message.includes('lost')) return 'network';
  return blame;
}

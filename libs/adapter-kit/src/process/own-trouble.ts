import { isPlatformError } from '@tributary/contracts';
import { classifyDatabaseError } from '@tributary/database';

/** Names of errors that say how something ended, not what is away. */
const SAY_NOTHING = new Set(['AbortError', 'TimeoutError']);

/**
 * What of ours is away, for people, where that is why something failed: no fault of the adapter, and nothing that the
 * platform has said. Undefined for every other failure.
 */
export function ownTrouble(error: unknown): string | undefined {
  if (isPlatformError(error) || !(error instanceof Error) || SAY_NOTHING.has(error.name)) return undefined;
  const fault = classifyDatabaseError(error);
  return fault === 'environment' || fault === 'conflict' ? 'our database could not be written' : undefined;
}

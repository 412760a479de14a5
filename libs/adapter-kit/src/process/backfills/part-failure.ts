import { isPlatformError } from '@tributary/contracts';
import { ownTrouble } from '../own-trouble.ts';
import { askedToWaitMs, fullJitter } from '../scheduling/backoff.ts';

/** What becomes of a part after a failed attempt. */
export type PartFate =
  | { kind: 'lost'; reason: string }
  | { kind: 'later'; waitMs: number; refused: boolean; reason: string };

/** A range that is refused so often is given up for good. */
export const MOST_REFUSALS = 5;
const WEATHER = { baseMs: 2_000, capMs: 300_000 };
/** A right that is missing may be given, an answer that cannot be read may be mended: not within a minute. */
const REFUSED = { baseMs: 60_000, capMs: 3_600_000 };
const FOR_GOOD = new Set<string>(['invalid-request', 'not-found', 'unsupported']);
const REFUSALS = new Set<string>(['permission-denied', 'malformed-response', 'conflict']);

/**
 * `attempts`: made so far, this one included; `refusals`: refused before this one, in a row. A platform that is away or
 * busy, or a database of ours that is, is waited for however long that takes; what it says of the range itself is believed.
 */
export function fateOf(
  error: unknown,
  { attempts, refusals, random }: { attempts: number; refusals: number; random: () => number },
): PartFate {
  const away = ownTrouble(error);
  const reason = isPlatformError(error) ? error.message : (away ?? 'an unexpected error of the adapter');
  if (isPlatformError(error) && FOR_GOOD.has(error.code)) return { kind: 'lost', reason };
  // A fault of ours is tried again like a refusal, and given up like one: it must not go round for ever.
  const refused = isPlatformError(error) ? REFUSALS.has(error.code) : away === undefined;
  if (refused && refusals + 1 >= MOST_REFUSALS) return { kind: 'lost', reason };
  const jitter = fullJitter(refused ? refusals + 1 : attempts, { ...(refused ? REFUSED : WEATHER), random });
  const least = refused ? REFUSED.baseMs / 2 : WEATHER.baseMs / 4;
  return { kind: 'later', waitMs: Math.max(least, jitter, askedToWaitMs(error)), refused, reason };
}

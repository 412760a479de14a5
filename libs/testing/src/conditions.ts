import { setTimeout as delay } from 'node:timers/promises';

export interface EventuallyOptions {
  timeoutMs?: number;
  everyMs?: number;
}

/** A look that is dear is taken more seldom: at most this part of the time is spent on looking. */
const LOOKING = 1 / 6;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Asks until `check` gives something other than undefined, null or false; throws what it last threw, or says that the
 * condition never came true, after `timeoutMs` (default 30 s).
 */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  { timeoutMs = 30_000, everyMs = 50 }: EventuallyOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (let last: unknown; ; ) {
    const askedAt = performance.now();
    try {
      const value = await check();
      if (value !== undefined && value !== null && value !== false) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline)
      throw new Error(`never came true within ${timeoutMs} ms: ${what}`, { cause: last });
    const tookMs = performance.now() - askedAt;
    await delay(Math.max(everyMs, Math.min(tookMs / LOOKING - tookMs, LONGEST_PAUSE_MS)));
  }
}

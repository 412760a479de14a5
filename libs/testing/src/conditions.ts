import { setTimeout as delay } from 'node:timers/promises';

export interface EventuallyOptions {
  timeoutMs?: number;
  everyMs?: number;
}

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
    try {
      const value = await check();
      if (value !== undefined && value !== null && value !== false) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline)
      throw new Error(`never came true within ${timeoutMs} ms: ${what}`, { cause: last });
    await delay(everyMs);
  }
}

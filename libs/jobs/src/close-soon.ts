import type { Clock } from '@tributary/runtime';

const CLOSE_MS = 1_000;

/** BullMQ waits for a connection before it closes it; with Redis away that would be for ever. Resolves within a second. */
export async function closeSoon(closing: Promise<unknown>, clock: Clock): Promise<void> {
  const patience = new AbortController();
  await Promise.race([closing, clock.sleep(CLOSE_MS, patience.signal)]).finally(() => patience.abort());
}

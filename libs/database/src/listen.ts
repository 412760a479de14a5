import type { Clock, Logger } from '@tributary/runtime';
import type { Database } from './database.ts';

export interface ListenOptions {
  channel: string;
  /** With what NOTIFY carried; with undefined after each (re)connect, when something may have been missed. */
  onMessage: (payload: string | undefined) => void;
  log: Logger;
  clock: Clock;
  signal: AbortSignal;
}

const RETRY_MS = 1_000;

/** Listens on a connection of its own until `signal` aborts, and comes back whenever the connection breaks. */
export async function listen(db: Pick<Database, 'openClient'>, options: ListenOptions): Promise<void> {
  const { signal, clock, log, channel } = options;
  let down = false;
  while (!signal.aborted) {
    try {
      await listenOnce(db, options, () => {
        if (down) log.info({ channel }, 'listening again');
        down = false;
      });
    } catch (error) {
      if (!down) log.warn({ err: error, channel }, 'cannot listen for changes; looking now and then instead');
      down = true;
    }
    if (!signal.aborted) await clock.sleep(RETRY_MS, signal).catch(() => undefined);
  }
}

/** Ends when the connection does, or when the signal aborts. */
async function listenOnce(
  db: Pick<Database, 'openClient'>,
  options: ListenOptions,
  listening: () => void,
): Promise<void> {
  const client = await db.openClient();
  const ended = new Promise<void>((resolve) => {
    client.once('end', resolve);
    client.once('error', () => resolve());
    if (options.signal.aborted) resolve();
    options.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  client.on('notification', (message) => options.onMessage(message.payload ?? ''));
  try {
    await client.query(`listen ${client.escapeIdentifier(options.channel)}`);
    listening();
    options.onMessage(undefined);
    await ended;
  } finally {
    await client.end().catch(() => undefined);
  }
}

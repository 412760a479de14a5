import { parseEvent, type TributaryEvent } from '@tributary/contracts';
import {
  CONNECTIONS_CHANNEL,
  type Connection,
  Connections,
  credentialsMark,
  type Database,
  listen,
} from '@tributary/database';
import type { Clock, Logger } from '@tributary/runtime';
import { z } from 'zod';
import type { Ask, ConnectionRecord, ConnectionSource, ConnectionWatcher } from '../ports.ts';
import type { Status } from '../supervision/connection-status.ts';

/** Replicas of an adapter ask each other here. */
const ASKS_CHANNEL = 'tributary_adapter_asks';
const askSchema = z.object({ ask: z.enum(['discover', 'probe']), connectionId: z.string() });
const statuses: readonly Status[] = ['unknown', 'connected', 'degraded', 'unauthorized', 'paused', 'removed'];

/** Connections as the database has them. */
export class ConnectionStore implements ConnectionSource {
  readonly #db: Database;
  readonly #connections: Connections;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(db: Database, options: { clock: Clock; log: Logger }) {
    this.#db = db;
    this.#connections = new Connections(db);
    this.#clock = options.clock;
    this.#log = options.log;
  }

  async find(ids: readonly string[]): Promise<ConnectionRecord[]> {
    return ids.length === 0 ? [] : (await this.#connections.findAll(ids)).map(toRecord);
  }

  watch(watcher: ConnectionWatcher): { close(): Promise<void> } {
    const stop = new AbortController();
    const options = { clock: this.#clock, log: this.#log, signal: stop.signal };
    const changes = listen(this.#db, {
      ...options,
      channel: CONNECTIONS_CHANNEL,
      onMessage: (connectionId) => watcher.onChange(connectionId),
    });
    const asks = listen(this.#db, {
      ...options,
      channel: ASKS_CHANNEL,
      onMessage: (text) => text && this.#asked(text, watcher),
    });
    return {
      close: async () => {
        stop.abort();
        await Promise.all([changes, asks]);
      },
    };
  }

  async ask(ask: Ask, connectionId: string): Promise<void> {
    await this.#db.pool.query('select pg_notify($1, $2)', [ASKS_CHANNEL, JSON.stringify({ ask, connectionId })]);
  }

  #asked(text: string, watcher: ConnectionWatcher): void {
    try {
      const { ask, connectionId } = askSchema.parse(JSON.parse(text));
      watcher.onAsk(ask, connectionId);
    } catch (error) {
      this.#log.debug({ err: error }, 'a notification that is no ask');
    }
  }
}

const stateOf = ({ paused, removedAt }: Connection) => {
  if (removedAt !== null) return 'removed';
  return paused ? 'paused' : 'active';
};

const toRecord = (row: Connection): ConnectionRecord => ({
  id: row.id,
  workspace: row.workspace,
  platform: row.platform,
  settings: row.settings,
  sealed: row.sealed,
  credentialsMark: credentialsMark(row),
  state: stateOf(row),
  lastStatus: statuses.find((status) => status === row.status) ?? 'unknown',
  ...(row.statusReason === null ? {} : { lastReason: row.statusReason }),
  ...unsaidOf(row),
});

function unsaidOf({ unsaid }: Connection): { unsaid?: TributaryEvent } {
  const parsed = unsaid === null ? undefined : parseEvent(unsaid);
  return parsed?.ok && 'connectionid' in parsed.event ? { unsaid: parsed.event as TributaryEvent } : {};
}

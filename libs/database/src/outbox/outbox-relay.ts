import type { AnyEvent, RoutingParts } from '@tributary/contracts';
import { type Clock, failpoint, type Gauge, type Logger, type Metrics } from '@tributary/runtime';
import type pg from 'pg';
import type { Database } from '../database.ts';
import { listen } from '../listen.ts';
import { inTransaction } from '../transaction.ts';
import { OUTBOX_CHANNEL, type OutboxRow } from './outbox.ts';

/** Where messages go; resolves once the broker has confirmed. The publisher of the messaging package is one. */
export interface OutboxPublisher {
  publish(event: AnyEvent, routing: RoutingParts, signal?: AbortSignal): Promise<void>;
  send(
    queue: string,
    body: unknown,
    options: { messageId: string; expirationMs?: number },
    signal?: AbortSignal,
  ): Promise<void>;
}

export interface OutboxRelayOptions {
  publisher: OutboxPublisher;
  log: Logger;
  clock: Clock;
  metrics?: Metrics;
  /** How often to look without having been woken; default 1 s. */
  pollMs?: number;
  /** A broker that does not confirm within this is given up for the round; default 10 s, below the idle timeout. */
  publishTimeoutMs?: number;
}

const BATCH = 100;
/** First key of the advisory lock; the second is the lane. */
const RELAY_LOCK = 7_214_003;

/**
 * Publishes what transactions left in the outbox. Any number of relays in any number of processes may run: a lane is
 * worked on by one at a time, which keeps the order of each aggregate. A row is deleted after the broker confirmed it,
 * so a crash between publishes it again, with the same id: at least once, never lost.
 */
export class OutboxRelay {
  readonly #db: Pick<Database, 'pool' | 'openClient'>;
  readonly #options: OutboxRelayOptions;
  readonly #waiting: Gauge | undefined;
  readonly #age: Gauge | undefined;
  #wake: () => void = () => {};
  #woken = false;

  constructor(db: Pick<Database, 'pool' | 'openClient'>, options: OutboxRelayOptions) {
    this.#db = db;
    this.#options = options;
    this.#waiting = options.metrics?.gauge('outbox_messages', { help: 'Messages that wait to be published.' });
    this.#age = options.metrics?.gauge('outbox_oldest_seconds', { help: 'Age of the oldest message that waits.' });
  }

  /** Works until `signal` aborts; outlives outages of database and broker. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    const listening = listen(this.#db, { channel: OUTBOX_CHANNEL, onMessage: () => this.wake(), log, clock, signal });
    let failing = false;
    while (!signal.aborted) {
      this.#woken = false;
      try {
        while ((await this.drain(signal)) > 0 && !signal.aborted);
        if (failing) log.info('the outbox is published again');
        failing = false;
      } catch (error) {
        if (!failing && !signal.aborted) log.warn({ err: error }, 'the outbox cannot be published; trying again');
        failing = true;
        this.#woken = false;
      }
      await this.#rest(signal, failing);
    }
    await listening;
  }

  /** Looks at once instead of at the next poll. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /**
   * One round over all lanes that nobody else works on. Returns how many messages were published; throws the first
   * failure after the round, when what was confirmed has been deleted.
   */
  async drain(signal: AbortSignal): Promise<number> {
    const { rows } = await this.#db.pool.query<{ lane: number; messages: string; age: number }>(
      `select lane, count(*) as messages, extract(epoch from now() - min(created_at))::float8 as age
       from outbox group by lane order by lane`,
    );
    this.#waiting?.set(rows.reduce((sum, row) => sum + Number(row.messages), 0));
    this.#age?.set(Math.max(0, ...rows.map((row) => row.age)));
    let published = 0;
    const failures: unknown[] = [];
    for (const { lane } of rows) {
      if (signal.aborted) break;
      const result = await inTransaction(this.#db.pool, (tx) => this.#drainLane(tx, lane, signal));
      published += result.published;
      failures.push(...result.failures);
    }
    if (failures.length > 0 && !signal.aborted) throw failures[0];
    return published;
  }

  async #drainLane(tx: pg.PoolClient, lane: number, signal: AbortSignal) {
    const lock = await tx.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1, $2) as mine', [
      RELAY_LOCK,
      lane,
    ]);
    if (!lock.rows[0]?.mine) return { published: 0, failures: [] };
    const { rows } = await tx.query<OutboxRow>(
      `select seq, message_id as "messageId", aggregate, message from outbox where lane = $1 order by seq limit ${BATCH}`,
      [lane],
    );
    const limit = new AbortController();
    const cancel = this.#options.clock.after(this.#options.publishTimeoutMs ?? 10_000, () =>
      limit.abort(new Error('the broker did not confirm in time')),
    );
    const confirmed: string[] = [];
    const failures: unknown[] = [];
    const perAggregate = Map.groupBy(rows, (row) => row.aggregate);
    await Promise.all(
      [...perAggregate.values()].map(async (list) => {
        try {
          for (const row of list) {
            await this.#publish(row, AbortSignal.any([signal, limit.signal]));
            confirmed.push(row.seq);
          }
        } catch (error) {
          failures.push(error);
        }
      }),
    );
    cancel();
    if (confirmed.length > 0) await failpoint('relay-after-publish-before-delete');
    if (confirmed.length > 0) await tx.query('delete from outbox where seq = any($1)', [confirmed]);
    return { published: confirmed.length, failures };
  }

  async #publish(row: OutboxRow, signal: AbortSignal): Promise<void> {
    const { message } = row;
    signal.throwIfAborted();
    if (message.kind === 'event') return this.#options.publisher.publish(message.event, message.routing, signal);
    const leftMs = message.expiresAtMs === undefined ? undefined : message.expiresAtMs - this.#options.clock.now();
    // Nobody may act on it any more; that it was not sent is told by the deadline of the command.
    if (leftMs !== undefined && leftMs <= 0) return;
    await this.#options.publisher.send(
      message.queue,
      message.body,
      { messageId: row.messageId, ...(leftMs === undefined ? {} : { expirationMs: leftMs }) },
      signal,
    );
  }

  async #rest(signal: AbortSignal, failing: boolean): Promise<void> {
    if (signal.aborted || (this.#woken && !failing)) return;
    const woken = new AbortController();
    this.#wake = () => {
      if (!failing) woken.abort();
    };
    const either = AbortSignal.any([signal, woken.signal]);
    await this.#options.clock.sleep(this.#options.pollMs ?? 1_000, either).catch(() => undefined);
    this.#wake = () => {};
  }
}

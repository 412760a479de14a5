import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@tributary/runtime';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { inTransaction } from '../transaction.ts';
import { addToOutbox } from './outbox.ts';
import { type OutboxPublisher, OutboxRelay } from './outbox-relay.ts';

interface Sent {
  id: string;
  aggregate: string;
  n: number;
}

let db: ScratchDatabase;
beforeAll(async () => {
  db = await scratchDatabase();
});
afterAll(() => db.drop());
afterEach(() => db.pool.query('truncate outbox'));

/** A broker that confirms when and if the test says so. */
class Broker implements OutboxPublisher {
  readonly sent: Sent[] = [];
  confirm: (message: Sent) => Promise<void> = async () => {};

  publish(): Promise<void> {
    return Promise.reject(new Error('not in this test'));
  }

  async send(_queue: string, body: unknown, options: { messageId: string }): Promise<void> {
    const message = { id: options.messageId, ...(body as { aggregate: string; n: number }) };
    this.sent.push(message);
    await this.confirm(message);
  }
}

const relayTo = (broker: Broker, options: { publishTimeoutMs?: number } = {}) =>
  new OutboxRelay(db, { publisher: broker, log: silentLogger, clock: systemClock, pollMs: 20, ...options });
const add = (aggregate: string, n: number, expiresAtMs?: number) =>
  inTransaction(db.pool, (tx) =>
    addToOutbox(tx, aggregate, {
      kind: 'queue',
      queue: 'q',
      body: { aggregate, n },
      ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
    }),
  );
const waiting = async () => (await db.pool.query('select 1 from outbox')).rowCount;
const never = new AbortController().signal;
const order = (sent: Sent[], aggregate: string) => sent.filter((m) => m.aggregate === aggregate).map((m) => m.n);

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await systemClock.sleep(5);
}

describe('OutboxRelay', () => {
  it('publishes nothing of a transaction that was rolled back', async () => {
    const broker = new Broker();
    const failed = inTransaction(db.pool, async (tx) => {
      await addToOutbox(tx, 'a', { kind: 'queue', queue: 'q', body: { aggregate: 'a', n: 1 } });
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    await relayTo(broker).drain(never);
    expect(broker.sent).toEqual([]);
  });

  it('keeps the order of each aggregate with several relays at work', async () => {
    const broker = new Broker();
    broker.confirm = () => new Promise((resolve) => setImmediate(resolve));
    const stop = new AbortController();
    const relays = Array.from({ length: 3 }, () => relayTo(broker).run(stop.signal));
    const aggregates = Array.from({ length: 12 }, (_, n) => `aggregate-${n}`);
    await Promise.all(
      aggregates.map(async (aggregate) => {
        for (let n = 0; n < 10; n++) await add(aggregate, n);
      }),
    );
    await until(async () => (await waiting()) === 0);
    stop.abort();
    await Promise.all(relays);
    for (const aggregate of aggregates) expect(order(broker.sent, aggregate)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('publishes again with the same id after a crash between publish and delete: a duplicate, no loss', async () => {
    const broker = new Broker();
    await add('a', 1);
    await add('a', 2);
    // The session dies after the broker has it and before the row is deleted.
    broker.confirm = async () => {
      await db.pool.query(
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
         and database = (select oid from pg_database where datname = current_database())`,
      );
    };
    await expect(relayTo(broker).drain(never)).rejects.toThrow();
    expect(await waiting()).toBe(2);
    broker.confirm = async () => {};
    await relayTo(broker).drain(never);
    expect(await waiting()).toBe(0);
    const ids = broker.sent.map((m) => `${m.n} ${m.id}`);
    expect(order(broker.sent, 'a').slice(-2)).toEqual([1, 2]);
    expect(new Set(ids).size).toBe(2);
    expect(ids.length).toBeGreaterThan(2);
  });

  it('does not overtake a message that was not confirmed, nor hold up other aggregates', async () => {
    const broker = new Broker();
    for (const n of [1, 2, 3]) await add('stuck', n);
    await add('free', 1);
    broker.confirm = async (m) => {
      if (m.aggregate === 'stuck' && m.n === 2) throw new Error('nack');
    };
    await expect(relayTo(broker).drain(never)).rejects.toThrow('nack');
    expect(order(broker.sent, 'stuck')).toEqual([1, 2]);
    expect(order(broker.sent, 'free')).toEqual([1]);
    broker.confirm = async () => {};
    await relayTo(broker).drain(never);
    expect(order(broker.sent, 'stuck')).toEqual([1, 2, 2, 3]);
  });

  it('wakes by NOTIFY and goes on after the broker was away', async () => {
    const broker = new Broker();
    let up = false;
    broker.confirm = async () => {
      if (!up) throw new Error('away');
    };
    const stop = new AbortController();
    const relay = relayTo(broker).run(stop.signal);
    await add('a', 1);
    await until(() => broker.sent.length >= 2);
    up = true;
    await until(async () => (await waiting()) === 0);
    stop.abort();
    await relay;
    expect(new Set(broker.sent.map((m) => m.id)).size).toBe(1);
  });

  it('drops an order whose deadline has passed instead of sending it', async () => {
    const broker = new Broker();
    await add('a', 1, systemClock.now() - 1);
    await relayTo(broker).drain(never);
    expect([broker.sent, await waiting()]).toEqual([[], 0]);
  });
});

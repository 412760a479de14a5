import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TributaryEvent } from '@tributary/contracts';
import type { Broker } from '../broker.ts';
import { CursorGone, CursorInvalid, EventLogUnavailable } from '../errors.ts';
import type { EventPublisher } from '../publisher/confirmed-publisher.ts';
import { Rig, sample, until } from '../spec-support/rig.spec-support.ts';
import { EventLog, type EventLogOptions } from './event-log.ts';
import type { LoggedEvent } from './log-entry.ts';

const TIMEOUT_MS = 60_000;

describe('the event log on a real broker', () => {
  let rig: Rig;
  let broker: Broker;
  let publisher: EventPublisher;
  const logs: EventLog[] = [];

  beforeEach(async () => {
    rig = await Rig.start();
  });

  afterEach(async () => {
    await Promise.all(logs.splice(0).map((log) => log.close()));
    await rig.stop();
  });

  async function connect(retention?: { maxAgeMs: number; maxBytes: number; segmentBytes: number }): Promise<void> {
    broker = rig.broker(retention ? { retention } : {});
    await broker.ready();
    publisher = broker.publisher();
  }

  function open(options?: EventLogOptions): EventLog {
    const log = new EventLog(broker, options);
    logs.push(log);
    return log;
  }

  async function publish(count: number, workspace?: string): Promise<string[]> {
    const samples = Array.from({ length: count }, (_, value) => sample(value, workspace));
    await Promise.all(samples.map(({ event, routing }) => publisher.publish(event, routing)));
    return samples.map(({ event }) => event.id);
  }

  const ids = (events: LoggedEvent[]) => events.map(({ event }) => (event as TributaryEvent).id);

  async function readAll(log: EventLog, after: string, limit: number): Promise<string[]> {
    const found: string[] = [];
    for (let cursor = after; ; ) {
      const page = await log.read({ after: cursor, limit });
      if (page.events.length === 0) return found;
      found.push(...ids(page.events));
      cursor = page.nextCursor;
    }
  }

  /** Follows until `count` events came. */
  async function take(log: EventLog, after: string | Date, count: number): Promise<LoggedEvent[]> {
    const stop = new AbortController();
    const found: LoggedEvent[] = [];
    for await (const event of log.follow({ after, signal: stop.signal })) {
      found.push(event);
      if (found.length === count) stop.abort();
    }
    return found;
  }

  it(
    'pages from the first event to the last, whatever the memory holds, and ends promptly',
    async () => {
      await connect();
      const published = await publish(1_200);
      for (const recentEvents of [10, 5_000]) {
        const log = open({ recentEvents });
        const startedMs = performance.now();
        expect(await readAll(log, 'first', 170)).toEqual(published);
        expect((await log.read({ after: 'last', limit: 10 })).events).toEqual([]);
        expect(performance.now() - startedMs).toBeLessThan(4_000);
      }
    },
    TIMEOUT_MS,
  );

  it(
    'waits at the end of the log for the next event, and no longer than told',
    async () => {
      await connect();
      const log = open();
      const empty = await log.read({ after: 'first', limit: 10 });
      expect(empty.events).toEqual([]);
      const waiting = log.read({ after: empty.nextCursor, limit: 10, waitMs: 20_000 });
      const [first] = await publish(1);
      const page = await waiting;
      expect(ids(page.events)).toEqual([first]);
      const startedMs = performance.now();
      const none = await log.read({ after: page.nextCursor, limit: 10, waitMs: 200 });
      expect(none).toEqual({ events: [], nextCursor: page.nextCursor });
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(190);
      expect(performance.now() - startedMs).toBeLessThan(2_000);
    },
    TIMEOUT_MS,
  );

  it(
    'continues after the event of any cursor, also in another process',
    async () => {
      await connect();
      const published = await publish(300);
      const { events } = await open().read({ after: 'first', limit: 300 });
      const other = open({ recentEvents: 20 });
      for (const index of [0, 137, 285, 298]) {
        const page = await other.read({ after: events[index]?.cursor ?? '', limit: 1 });
        expect(ids(page.events)).toEqual([published[index + 1]]);
      }
      expect((await other.read({ after: events.at(-1)?.cursor ?? '', limit: 1 })).events).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'filters by routing key and moves the cursor past what it left out',
    async () => {
      await connect();
      await publish(50, 'acme');
      const wanted = await publish(3, 'other');
      await publish(50, 'acme');
      const log = open();
      const filter = (key: string) => key.startsWith('other.');
      const page = await log.read({ after: 'first', limit: 10, filter });
      expect(ids(page.events)).toEqual(wanted);
      expect((await log.read({ after: page.nextCursor, limit: 10 })).events).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'starts at a time',
    async () => {
      await connect();
      await publish(5);
      const second = Math.floor(Date.now() / 1000);
      await until(() => Math.floor(Date.now() / 1000) > second + 1);
      const from = new Date();
      const later = await publish(5);
      const log = open();
      expect(ids((await log.read({ after: from, limit: 100 })).events)).toEqual(later);
      expect((await log.read({ after: new Date(Date.now() + 3_600_000), limit: 100 })).events).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'tells a cursor that is too old, one of another log, and one that is none',
    async () => {
      await connect({ maxAgeMs: 86_400_000, maxBytes: 60_000, segmentBytes: 20_000 });
      const [old] = await publish(1);
      const log = open({ recentEvents: 5 });
      const { events } = await log.read({ after: 'first', limit: 1 });
      expect(ids(events)).toEqual([old]);
      const cursor = events[0]?.cursor ?? '';
      for (let round = 0; round < 30; round += 1) await publish(20);
      await expect(log.read({ after: cursor, limit: 10 })).rejects.toThrow(CursorGone);
      const newest = (await log.read({ after: 'first', limit: 1_000 })).events.at(-1)?.cursor ?? '';
      // The log is lost and made again: its offsets begin anew.
      await rig.channel.deleteQueue(rig.names.eventLog);
      rig.proxy.cut();
      await until(() => !broker.up);
      await broker.ready();
      await publish(3);
      await expect(open().read({ after: newest, limit: 10 })).rejects.toThrow(CursorGone);
      await expect(log.read({ after: 'no cursor', limit: 10 })).rejects.toThrow(CursorInvalid);
    },
    TIMEOUT_MS,
  );

  it(
    'serves many followers from one stream, near the end and far behind, without loss or twin',
    async () => {
      await connect();
      const before = await publish(600);
      const log = open({ recentEvents: 200 });
      const far = Array.from({ length: 20 }, () => take(log, 'first', 900));
      const near = Array.from({ length: 300 }, () => take(log, 'last', 300));
      // Published only when every follower that wants the new has its place.
      await until(async () => (await rig.metric('event_log_followers')) === 320);
      await until(async () => (await log.read({ after: 'last', limit: 1 })).events.length === 0);
      const after = await publish(300);
      for (const found of await Promise.all(near)) expect(ids(found)).toEqual(after);
      for (const found of await Promise.all(far)) expect(ids(found)).toEqual([...before, ...after]);
      expect(await rig.metric('event_log_followers')).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'follows on without loss or twin while connections are cut',
    async () => {
      await connect();
      const log = open({ recentEvents: 50 });
      const direct = rig.broker({ url: 'amqp://guest:guest@127.0.0.1:5672' });
      publisher = direct.publisher();
      const following = take(log, 'first', 1_000);
      const published: string[] = [];
      for (let round = 0; round < 10; round += 1) {
        published.push(...(await publish(100)));
        rig.proxy.cut();
      }
      expect(ids(await following)).toEqual(published);
    },
    TIMEOUT_MS,
  );

  it(
    'holds nothing back for a follower that does not read',
    async () => {
      await connect();
      const log = open({ recentEvents: 20 });
      const stop = new AbortController();
      const slow = log.follow({ after: 'first', signal: stop.signal });
      const published = await publish(10);
      expect(ids([(await slow.next()).value as LoggedEvent])).toEqual(published.slice(0, 1));
      published.push(...(await publish(500)));
      const found = published.slice(0, 1);
      while (found.length < published.length) found.push(...ids([(await slow.next()).value as LoggedEvent]));
      stop.abort();
      expect(await slow.next()).toEqual({ done: true, value: undefined });
      expect(found).toEqual(published);
    },
    TIMEOUT_MS,
  );

  it(
    'says so when the broker is away',
    async () => {
      await connect();
      const log = open();
      await log.read({ after: 'last', limit: 1 });
      rig.proxy.refuse(true);
      rig.proxy.cut();
      await until(() => !broker.up);
      await expect(log.read({ after: 'first', limit: 1 })).rejects.toThrow(EventLogUnavailable);
    },
    TIMEOUT_MS,
  );

  it(
    'ends waits and followers when closed',
    async () => {
      await connect();
      const log = open();
      const waiting = log.read({ after: 'last', limit: 1, waitMs: 30_000 });
      const following = take(log, 'last', 1);
      await until(async () => (await rig.metric('event_log_followers')) === 1);
      const ended = expect(waiting).rejects.toMatchObject({ code: 'closed' });
      await log.close();
      await ended;
      expect(await following).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventHeaders, parseEvent } from '@tributary/contracts';
import type { ConsumeMessage } from 'amqplib';
import { Rig, sample, until } from '../spec-support/rig.spec-support.ts';

const TIMEOUT_MS = 60_000;

describe('confirmed publishing on a real broker', () => {
  let rig: Rig;

  beforeEach(async () => {
    rig = await Rig.start();
  });

  afterEach(async () => {
    await rig.stop();
  });

  async function collect(queue: string): Promise<ConsumeMessage[]> {
    const got: ConsumeMessage[] = [];
    await rig.channel.consume(queue, (message) => message && got.push(message), { noAck: true });
    return got;
  }

  it(
    'delivers an event as a CloudEvent with its attributes as properties and headers',
    async () => {
      const broker = rig.broker();
      await broker.ready();
      const got = await collect(await rig.tap('acme.telemetry.#'));
      const { event, routing } = sample(12.5);
      await broker.publisher().publish(event, routing);
      await until(() => got.length === 1);
      const [message] = got;
      expect(parseEvent(JSON.parse(String(message?.content)))).toMatchObject({ ok: true, name: 'telemetry.observed' });
      expect(message?.properties).toMatchObject({
        messageId: event.id,
        type: event.type,
        contentType: 'application/cloudevents+json',
        deliveryMode: 2,
        headers: eventHeaders(event),
      });
    },
    TIMEOUT_MS,
  );

  it(
    'writes an event again with the same id when its confirm is lost with the connection',
    async () => {
      const broker = rig.broker();
      await broker.ready();
      const got = await collect(await rig.tap('#'));
      const publisher = broker.publisher();
      await publisher.publish(sample(1).event, sample(1).routing);
      // The next thing that the broker says is the confirm: it never arrives.
      rig.proxy.onReply = () => {
        rig.proxy.onReply = undefined;
        return false;
      };
      const { event, routing } = sample(2);
      await publisher.publish(event, routing);
      await until(() => got.length >= 3);
      const ids = got.slice(1).map((message) => message.properties.messageId);
      expect(ids).toEqual([event.id, event.id]);
    },
    TIMEOUT_MS,
  );

  it(
    'loses none of 5 000 events while its connections are cut',
    async () => {
      const broker = rig.broker();
      await broker.ready();
      const seen = new Set<string>();
      let deliveries = 0;
      const queue = await rig.tap('#');
      const publisher = broker.publisher();
      let confirmed = 0;
      let cuts = 0;
      const all = Array.from({ length: 5_000 }, (_, value) => sample(value));
      const done = all.map(async ({ event, routing }) => {
        await publisher.publish(event, routing);
        confirmed += 1;
        if (confirmed % 1_000 === 500) {
          cuts += 1;
          rig.proxy.cut();
        }
      });
      await Promise.all(done);
      await rig.channel.consume(
        queue,
        (message) => {
          deliveries += 1;
          if (message) seen.add(String(message.properties.messageId));
        },
        { noAck: true },
      );
      await until(() => seen.size === 5_000);
      expect(all.every(({ event }) => seen.has(event.id))).toBe(true);
      expect(cuts).toBeGreaterThan(2);
      expect(deliveries).toBeGreaterThanOrEqual(5_000);
      expect(await rig.metric('publish_channel_lost_total')).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it(
    'waits for a queue that is missing, and delivers once it is there',
    async () => {
      const broker = rig.broker();
      await broker.ready();
      const publisher = broker.publisher();
      const sent = publisher.send(rig.names.adapterCommands('later'), { order: 1 }, { messageId: 'cmd-1' });
      await until(async () => (await rig.metric('publish_returned_total')) > 0);
      expect(await rig.metric('publish_confirmed_total')).toBe(0);
      broker.assertPlatformQueues('later');
      await sent;
      const message = await rig.take(rig.names.adapterCommands('later'));
      expect(message?.properties.messageId).toBe('cmd-1');
      expect(JSON.parse(String(message?.content))).toEqual({ order: 1 });
      for (const queue of ['adapterCommands', 'adapterRequests'] as const) {
        await rig.channel.deleteQueue(rig.names[queue]('later'));
      }
    },
    TIMEOUT_MS,
  );

  it(
    'keeps what no binding wants in the queue of the unrouted',
    async () => {
      const broker = rig.broker();
      await broker.ready();
      await rig.channel.deleteQueue(rig.names.eventLog);
      await rig.channel.deleteQueue(rig.names.ingestTelemetry);
      const { event, routing } = sample(1);
      await broker.publisher().publish(event, routing);
      const message = await rig.take(rig.names.unrouted);
      expect(message?.properties.messageId).toBe(event.id);
    },
    TIMEOUT_MS,
  );

  it(
    'tries a refused event again until the queue has room',
    async () => {
      const broker = rig.broker();
      await broker.ready();
      const queue = await rig.tap('#', { 'x-max-length': 1, 'x-overflow': 'reject-publish' });
      const publisher = broker.publisher();
      const first = sample(1);
      const second = sample(2);
      await publisher.publish(first.event, first.routing);
      const refused = publisher.publish(second.event, second.routing);
      await until(async () => (await rig.metric('publish_nacked_total')) > 0);
      await rig.channel.purgeQueue(queue);
      await refused;
      const message = await rig.take(queue);
      expect(message?.properties.messageId).toBe(second.event.id);
    },
    TIMEOUT_MS,
  );

  it(
    'gives up a connection whose confirms do not come, and writes again on another',
    async () => {
      const broker = rig.broker();
      await broker.ready();
      const got = await collect(await rig.tap('#'));
      const publisher = broker.publisher({ confirmTimeoutMs: 300 });
      await publisher.publish(sample(0).event, sample(0).routing);
      await until(() => got.length === 1);
      got.pop();
      rig.proxy.swallowReplies(true);
      const { event, routing } = sample(1);
      const published = publisher.publish(event, routing);
      const connections = rig.proxy.accepted;
      await until(async () => (await rig.metric('publish_confirm_timeouts_total')) > 0);
      await until(() => rig.proxy.accepted > connections);
      rig.proxy.swallowReplies(false);
      await published;
      expect(new Set(got.map((message) => message.properties.messageId))).toEqual(new Set([event.id]));
      expect(got.length).toBeGreaterThan(1);
    },
    TIMEOUT_MS,
  );

  it(
    'writes nothing while the broker holds publishers back',
    async () => {
      const broker = rig.broker();
      await broker.ready();
      const publisher = broker.publisher({ confirmTimeoutMs: 100 });
      await publisher.publish(sample(0).event, sample(0).routing);
      const written = await rig.metric('publish_written_total');
      rig.proxy.inject(connectionMethod(60, 'low on memory'));
      await until(async () => (await rig.metric('broker_connection_blocked', { link: 'test.publish' })) === 1);
      const published = publisher.publish(sample(1).event, sample(1).routing);
      await until(async () => (await rig.metric('publish_unconfirmed_messages')) === 1);
      await rig.channel.checkQueue(rig.names.eventLog);
      expect(await rig.metric('publish_written_total')).toBe(written);
      rig.proxy.inject(connectionMethod(61));
      await published;
      expect(await rig.metric('publish_written_total')).toBe(written + 1);
      expect(await rig.metric('publish_confirm_timeouts_total')).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'holds callers back when the window is full, and lets go of those who abort',
    async () => {
      rig.proxy.refuse(true);
      const broker = rig.broker();
      const publisher = broker.publisher({ window: 2 });
      const abort = new AbortController();
      const given = Array.from({ length: 5 }, (_, value) => sample(value));
      const aborted = given.slice(0, 1).map(({ event, routing }) => publisher.publish(event, routing, abort.signal));
      const kept = given.slice(1).map(({ event, routing }) => publisher.publish(event, routing));
      const ended = expect(Promise.all(aborted)).rejects.toThrow('enough');
      expect(await rig.metric('publish_unconfirmed_messages')).toBe(2);
      expect(await rig.metric('publish_waiting_callers')).toBe(3);
      abort.abort(new Error('enough'));
      await ended;
      rig.proxy.refuse(false);
      await broker.ready();
      await Promise.all(kept);
      expect(await rig.metric('publish_unconfirmed_messages')).toBe(0);
      const { routing } = sample(0);
      await expect(publisher.publish(sample(0).event, { ...routing, subjectId: 'A B' })).rejects.toThrow(RangeError);
      await publisher.close();
      await expect(publisher.publish(sample(0).event, routing)).rejects.toMatchObject({ code: 'closed' });
    },
    TIMEOUT_MS,
  );

  it(
    'lets a service stop while the broker is silent',
    async () => {
      const broker = rig.broker();
      await broker.ready();
      const consumer = broker.consume(rig.names.ingestTelemetry, { prefetch: 1, name: 'silent' }, () => {});
      await broker.publisher().publish(sample(0).event, sample(0).routing);
      await until(async () => (await rig.metric('consume_held_messages')) === 1);
      rig.proxy.swallowReplies(true);
      const paused = consumer.pause();
      const startedMs = performance.now();
      await broker.close();
      expect(performance.now() - startedMs).toBeLessThan(15_000);
      rig.proxy.cut();
      await paused;
    },
    TIMEOUT_MS,
  );

  it(
    'lets a service stop while the broker is away: what is unconfirmed is rejected, not lost in silence',
    async () => {
      rig.proxy.refuse(true);
      const broker = rig.broker();
      const published = broker.publisher().publish(sample(1).event, sample(1).routing);
      const ended = expect(published).rejects.toMatchObject({ code: 'closed' });
      await broker.close();
      await ended;
      await expect(broker.ready()).rejects.toMatchObject({ code: 'closed' });
    },
    TIMEOUT_MS,
  );
});

/** A method frame of class `connection` on channel 0: 60 is `blocked`, 61 `unblocked`. */
function connectionMethod(method: number, text?: string): Buffer {
  const payload = Buffer.from([0, 10, 0, method, ...(text ? [text.length, ...Buffer.from(text)] : [])]);
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.from([0xce])]);
}

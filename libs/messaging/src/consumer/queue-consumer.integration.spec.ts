import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Broker } from '../broker.ts';
import type { EventPublisher } from '../publisher/confirmed-publisher.ts';
import { Rig, sample, until } from '../spec-support/rig.spec-support.ts';
import { DELIVERY_LIMIT } from '../topology.ts';
import type { Delivery } from './delivery.ts';

const TIMEOUT_MS = 60_000;

describe('consuming on a real broker', () => {
  let rig: Rig;
  let broker: Broker;
  let publisher: EventPublisher;

  beforeEach(async () => {
    rig = await Rig.start();
    broker = rig.broker();
    await broker.ready();
    // Past the proxy, so that cutting disturbs only who consumes.
    publisher = rig.broker({ url: 'amqp://guest:guest@127.0.0.1:5672' }).publisher();
  });

  afterEach(async () => {
    await rig.stop();
  });

  async function publish(count: number): Promise<string[]> {
    const samples = Array.from({ length: count }, (_, value) => sample(value));
    await Promise.all(samples.map(({ event, routing }) => publisher.publish(event, routing)));
    return samples.map(({ event }) => event.id);
  }

  function consume(handler: (delivery: Delivery) => void | Promise<void>, prefetch = 100) {
    return broker.consume(rig.names.ingestTelemetry, { prefetch, name: 'ingest' }, handler);
  }

  const left = async () => (await rig.channel.checkQueue(rig.names.ingestTelemetry)).messageCount;

  it(
    'acknowledges one, or all up to one, and no tag twice',
    async () => {
      const held: Delivery[] = [];
      const consumer = consume((delivery) => void held.push(delivery));
      const ids = await publish(10);
      await until(() => held.length === 10);
      expect(held.map((delivery) => delivery.messageId)).toEqual(ids);
      expect(held.map((delivery) => delivery.tag)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      held[2]?.ack();
      held[4]?.ackUpTo();
      held[4]?.ackUpTo();
      held[1]?.ack();
      held[3]?.reject(true);
      held[7]?.ack();
      held[8]?.ack();
      held[8]?.ackUpTo();
      expect(await rig.metric('consume_held_messages')).toBe(1);
      expect(consumer.generation).toBe(1);
      await consumer.close();
      await until(async () => (await left()) === 1);
      const message = await rig.take(rig.names.ingestTelemetry);
      expect(message?.properties.messageId).toBe(ids[9]);
    },
    TIMEOUT_MS,
  );

  it(
    'delivers what was held again after a lost connection, and ignores acknowledgements of the old channel',
    async () => {
      const held: Delivery[] = [];
      const generations: number[] = [];
      const consumer = consume((delivery) => void held.push(delivery));
      consumer.onGeneration((generation) => generations.push(generation));
      const ids = await publish(3);
      await until(() => held.length === 3);
      const old = held.splice(0);
      const before = consumer.generation;
      rig.proxy.cut();
      await until(() => held.length === 3);
      expect(consumer.generation).toBeGreaterThan(before);
      expect(generations.at(-1)).toBe(consumer.generation);
      for (const delivery of old) delivery.ack();
      old[2]?.ackUpTo();
      old[0]?.reject(false);
      expect(held.map(({ messageId }) => messageId).sort()).toEqual([...ids].sort());
      for (const delivery of held) {
        expect(delivery).toMatchObject({ redelivered: true, deliveryCount: 1, generation: consumer.generation });
      }
      expect(await rig.metric('consume_held_messages')).toBe(3);
      held.at(-1)?.ackUpTo();
      await consumer.close();
      expect(await left()).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'keeps what it holds while paused, also as acknowledgeable, and stays paused over a reconnect',
    async () => {
      const held: Delivery[] = [];
      const consumer = consume((delivery) => void held.push(delivery), 2);
      await publish(4);
      await until(() => held.length === 2);
      await consumer.pause();
      held[1]?.ackUpTo();
      await until(async () => (await left()) === 2);
      expect(held).toHaveLength(2);
      const before = consumer.generation;
      rig.proxy.cut();
      await until(() => consumer.generation > before);
      await consumer.resume();
      await until(() => held.length === 4);
      expect(held.slice(2).map(({ redelivered }) => redelivered)).toEqual([false, false]);
      await Promise.all([consumer.pause(), consumer.resume(), consumer.pause(), consumer.resume()]);
      held[3]?.ackUpTo();
      await publish(1);
      await until(() => held.length === 5);
    },
    TIMEOUT_MS,
  );

  it(
    'makes a deleted queue again and goes on',
    async () => {
      const held: Delivery[] = [];
      const consumer = consume((delivery) => {
        held.push(delivery);
        delivery.ack();
      });
      await publish(1);
      await until(() => held.length === 1);
      const before = consumer.generation;
      await rig.channel.deleteQueue(rig.names.ingestTelemetry);
      await until(() => consumer.generation > before);
      await publish(1);
      await until(() => held.length === 2);
    },
    TIMEOUT_MS,
  );

  it(
    'gives a message back when its handler fails, and the broker makes it a dead letter at the limit',
    async () => {
      const counts: number[] = [];
      consume(async (delivery) => {
        if (delivery.messageId !== poison) return delivery.ack();
        counts.push(delivery.deliveryCount);
        throw new Error('cannot digest');
      });
      const [poison] = await publish(1);
      await until(async () => (await rig.channel.checkQueue(rig.names.ingestDead)).messageCount === 1);
      expect(counts).toEqual(Array.from({ length: DELIVERY_LIMIT + 1 }, (_, index) => index));
      const dead = await rig.take(rig.names.ingestDead);
      expect(dead?.properties.messageId).toBe(poison);
      expect(dead?.properties.headers?.['x-death']).toMatchObject([
        { reason: 'delivery_limit', queue: rig.names.ingestTelemetry },
      ]);
      expect(await left()).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'puts a rejected message among the dead letters',
    async () => {
      consume((delivery) => delivery.reject(false));
      const [id] = await publish(1);
      await until(async () => (await rig.channel.checkQueue(rig.names.ingestDead)).messageCount === 1);
      const dead = await rig.take(rig.names.ingestDead);
      expect(dead?.properties.messageId).toBe(id);
    },
    TIMEOUT_MS,
  );

  it(
    'starts while the broker is away',
    async () => {
      rig.proxy.refuse(true);
      rig.proxy.cut();
      await until(() => !broker.up);
      const states: boolean[] = [];
      broker.onStateChange((up) => states.push(up));
      const held: Delivery[] = [];
      consume((delivery) => void held.push(delivery));
      await publish(2);
      rig.proxy.refuse(false);
      await until(() => held.length === 2);
      await broker.ready();
      expect(states).toEqual([false, true]);
    },
    TIMEOUT_MS,
  );

  it(
    'keeps a queue that stands with other settings',
    async () => {
      const other = await Rig.start();
      await other.channel.assertQueue(other.names.ingestTelemetry, { arguments: { 'x-queue-type': 'quorum' } });
      await other.broker().ready();
      await other.stop();
    },
    TIMEOUT_MS,
  );
});

import {
  CONTENT_TYPE,
  deviceId,
  eventHeaders,
  makeEvent,
  type RunNumbers,
  routingKey,
  type TributaryEvent,
} from '@tributary/contracts';
import { topologyNames } from '@tributary/messaging';
import { newEventId, newId } from '@tributary/runtime';
import amqp, { type ConfirmChannel } from 'amqplib';
import { deviceOf, measuredValue, nameOfDevice, nameOfSignal, timeOf, type Workload } from './workload.ts';

export const PLATFORM = 'bench';
const UNCONFIRMED = 500;

/** Publishes telemetry as an adapter does: CloudEvents, persistent, mandatory, confirmed. */
export class QueueFiller {
  readonly #channel: ConfirmChannel;
  readonly #exchange: string;
  readonly #queue: string;
  readonly #close: () => Promise<void>;
  #rev = BigInt(Date.now()) * 1_000_000n;
  readonly #run = newId('run');
  /** Of the next point, in the minute of the one before it. */
  #number = { minute: '', next: 0 };

  private constructor(channel: ConfirmChannel, namespace: string, close: () => Promise<void>) {
    this.#channel = channel;
    this.#exchange = topologyNames(namespace).events;
    this.#queue = topologyNames(namespace).ingestTelemetry;
    this.#close = close;
  }

  static async open(url: string, namespace: string): Promise<QueueFiller> {
    const connection = await amqp.connect(url);
    const channel = await connection.createConfirmChannel();
    return new QueueFiller(channel, namespace, () => connection.close());
  }

  /** Resolves once the broker has confirmed every message. */
  async fill(workload: Workload, connectionId: string): Promise<void> {
    for (let from = 0; from < workload.messages; from += UNCONFIRMED) {
      const to = Math.min(workload.messages, from + UNCONFIRMED);
      for (let message = from; message < to; message++) this.#publish(this.#event(workload, message, connectionId));
      await this.#channel.waitForConfirms();
    }
  }

  /** Messages that are ready in the queue. */
  async waiting(): Promise<number> {
    return (await this.#channel.checkQueue(this.#queue)).messageCount;
  }

  close(): Promise<void> {
    return this.#close();
  }

  #publish(event: TributaryEvent<'telemetry.observed'>): void {
    const key = routingKey({
      workspace: 'default',
      event: 'telemetry.observed',
      platform: event.platform,
      connectionId: event.connectionid,
      subjectId: event.subject,
    });
    this.#channel.publish(this.#exchange, key, Buffer.from(JSON.stringify(event)), {
      messageId: event.id,
      type: event.type,
      contentType: CONTENT_TYPE,
      headers: eventHeaders(event),
      persistent: true,
      mandatory: true,
    });
  }

  #event(workload: Workload, message: number, connectionId: string): TributaryEvent<'telemetry.observed'> {
    const device = deviceOf(workload, message);
    const nativeId = nameOfDevice(device);
    const id = deviceId(connectionId, nativeId);
    const points = [];
    for (let reading = 0; reading < workload.readings; reading++) {
      const tsMs = timeOf(workload, message, reading);
      const ts = new Date(tsMs).toISOString();
      for (let signal = 0; signal < workload.signals; signal++)
        points.push({ signal: nameOfSignal(signal), ts, value: measuredValue(device, signal, tsMs) });
    }
    this.#rev += 1n;
    const time = new Date().toISOString();
    const run = this.#numbered(time, points.length);
    return makeEvent({
      id: newEventId(),
      name: 'telemetry.observed',
      workspace: 'default',
      platform: PLATFORM,
      connectionId,
      subject: id,
      time,
      origin: 'poll',
      data: { deviceId: id, nativeId, rev: String(this.#rev), run, points },
    });
  }

  /** As an adapter numbers its points, so that the account is part of what is measured. */
  #numbered(time: string, points: number): RunNumbers {
    const minute = time.slice(0, 16);
    const first = this.#number.minute === minute ? this.#number.next : 0;
    this.#number = { minute, next: first + points };
    return { id: this.#run, first, confirmed: 0 };
  }
}

import { type EventName, eventNameOf, type TelemetryData, type TributaryEvent } from '@tributary/contracts';
import amqp, { type Channel, type ChannelModel } from 'amqplib';

interface SeenPoint {
  value: unknown;
  rev: bigint;
  /** Different values that were seen for this identity, in the order of their revs. */
  values: Map<bigint, string>;
}

export const pointKey = (device: string, signal: string, tsMs: number): string => `${device}|${signal}|${tsMs}`;

/** Everything an adapter puts on the bus, as a consumer of the public exchange sees it. */
export class BusRecorder {
  readonly #connection: ChannelModel;
  readonly #channel: Channel;
  readonly events: { name: EventName; routingKey: string; event: TributaryEvent }[] = [];
  readonly points = new Map<string, SeenPoint>();
  /** The same rev with two values for one identity: must stay empty. */
  readonly contradictions: string[] = [];

  private constructor(connection: ChannelModel, channel: Channel) {
    this.#connection = connection;
    this.#channel = channel;
  }

  static async start(rabbitmqUrl: string, exchange: string): Promise<BusRecorder> {
    const connection = await amqp.connect(rabbitmqUrl);
    const channel = await connection.createChannel();
    const recorder = new BusRecorder(connection, channel);
    // The adapter under test asserts the whole topology; the recorder may be there first.
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, exchange, '#');
    await channel.consume(
      queue,
      (message) => {
        if (message)
          recorder.#take(message.fields.routingKey, JSON.parse(message.content.toString()) as TributaryEvent);
      },
      { noAck: true },
    );
    return recorder;
  }

  named(name: EventName): TributaryEvent[] {
    return this.events.filter((e) => e.name === name).map((e) => e.event);
  }

  async stop(): Promise<void> {
    await this.#channel.close();
    await this.#connection.close();
  }

  #take(routingKey: string, event: TributaryEvent): void {
    const name = eventNameOf(event.type);
    if (!name) throw new Error(`an event of an unknown type: ${event.type}`);
    if (name === 'telemetry.observed') this.#takePoints(event.data as TelemetryData);
    else this.events.push({ name, routingKey, event });
  }

  #takePoints(data: TelemetryData): void {
    const rev = BigInt(data.rev);
    for (const { signal, ts, value } of data.points) {
      const key = pointKey(data.nativeId, signal, Date.parse(ts));
      const seen = this.points.get(key) ?? { value, rev, values: new Map() };
      const text = JSON.stringify(value);
      const before = seen.values.get(rev);
      if (before !== undefined && before !== text) this.contradictions.push(key);
      seen.values.set(rev, text);
      if (rev >= seen.rev) Object.assign(seen, { value, rev });
      this.points.set(key, seen);
    }
  }
}

import {
  type DeviceData,
  type EventName,
  eventNameOf,
  type PlatformEventData,
  type TelemetryData,
  type TributaryEvent,
} from '@tributary/contracts';
import amqp, { type Channel, type ChannelModel } from 'amqplib';

interface SeenPoint {
  value: unknown;
  rev: bigint;
  /** Different values that were seen for this identity, in the order of their revs. */
  values: Map<bigint, string>;
}

/** A time of which an adapter has said that telemetry is missing; milliseconds since 1970. */
export interface ToldGap {
  connection: string;
  /** Native ids; absent: every device, or every device in every space. */
  device?: string;
  space?: string;
  fromMs: number;
  toMs: number;
}

export const pointKey = (device: string, signal: string, tsMs: number): string => `${device}|${signal}|${tsMs}`;

/** Everything an adapter puts on the bus, as a consumer of the public exchange sees it. */
export class BusRecorder {
  readonly #connection: ChannelModel;
  readonly #channel: Channel;
  readonly events: { name: EventName; routingKey: string; event: TributaryEvent; receivedMs: number }[] = [];
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

  /** What an adapter has said to be missing. */
  gaps(): ToldGap[] {
    return this.named('platform-event.observed').flatMap(({ connectionid, data }) => {
      const { name, nativeId, details } = data as PlatformEventData;
      if (name !== 'telemetry.gap') return [];
      const { from, to, spaceNativeId: space } = details as { from: string; to: string; spaceNativeId?: string };
      const where = {
        ...(nativeId === undefined ? {} : { device: nativeId }),
        ...(space === undefined ? {} : { space }),
      };
      return [{ connection: connectionid, ...where, fromMs: Date.parse(from), toMs: Date.parse(to) }];
    });
  }

  /** Native ids of the spaces in which a device was last said to be. */
  spacesOf(device: string): string[] {
    const said = this.events.findLast(
      ({ name, event }) => name.startsWith('device.') && (event.data as DeviceData).nativeId === device,
    );
    return (said?.event.data as DeviceData | undefined)?.spaces.map(({ nativeId }) => nativeId) ?? [];
  }

  async stop(): Promise<void> {
    await this.#channel.close();
    await this.#connection.close();
  }

  #take(routingKey: string, event: TributaryEvent): void {
    const name = eventNameOf(event.type);
    if (!name) throw new Error(`an event of an unknown type: ${event.type}`);
    if (name === 'telemetry.observed') this.#takePoints(event.data as TelemetryData);
    else this.events.push({ name, routingKey, event, receivedMs: Date.now() });
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

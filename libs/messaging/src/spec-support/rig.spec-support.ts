import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { deviceId, makeEvent, type RoutingParts, type TributaryEvent } from '@tributary/contracts';
import { type Clock, Metrics, newEventId, newId, silentLogger, systemClock } from '@tributary/runtime';
import { type Channel, type ChannelModel, connect, type GetMessage } from 'amqplib';
import { Broker, type BrokerOptions } from '../broker.ts';
import { topologyNames } from '../topology-names.ts';
import { TcpProxy } from './tcp-proxy.spec-support.ts';

export const BROKER_PORT = 5672;
const DIRECT_URL = `amqp://guest:guest@127.0.0.1:${BROKER_PORT}`;

/** A namespace of its own on the real broker, a proxy in front, and a direct line for looking and for tidying up. */
export class Rig {
  readonly namespace = `t${randomBytes(6).toString('hex')}`;
  readonly names = topologyNames(this.namespace);
  readonly metrics = new Metrics('test');
  readonly proxy: TcpProxy;
  readonly direct: ChannelModel;
  readonly channel: Channel;
  readonly #brokers: Broker[] = [];
  readonly #extraQueues = new Set<string>();

  private constructor(proxy: TcpProxy, direct: ChannelModel, channel: Channel) {
    this.proxy = proxy;
    this.direct = direct;
    this.channel = channel;
  }

  static async start(): Promise<Rig> {
    const direct = await connect(DIRECT_URL);
    const channel = await direct.createChannel();
    return new Rig(await TcpProxy.start(BROKER_PORT), direct, channel);
  }

  get url(): string {
    return `amqp://guest:guest@127.0.0.1:${this.proxy.port}`;
  }

  get base(): BrokerOptions & { clock: Clock } {
    return {
      url: this.url,
      namespace: this.namespace,
      name: 'test',
      log: silentLogger,
      metrics: this.metrics,
      clock: systemClock,
    };
  }

  broker(options: Partial<BrokerOptions> = {}): Broker {
    const broker = Broker.connect({ ...this.base, ...options });
    this.#brokers.push(broker);
    return broker;
  }

  /** A plain queue bound to the events, deleted at the end. */
  async tap(pattern: string, queueArguments: Record<string, unknown> = {}): Promise<string> {
    const queue = `${this.namespace}.tap.${randomBytes(4).toString('hex')}`;
    this.#extraQueues.add(queue);
    await this.channel.assertQueue(queue, { arguments: queueArguments });
    await this.channel.bindQueue(queue, this.names.events, pattern);
    return queue;
  }

  /** The next message of a queue, taken out of it. */
  async take(queue: string): Promise<GetMessage | undefined> {
    return (await this.channel.get(queue, { noAck: true })) || undefined;
  }

  async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
    const metric = await this.metrics.registry.getSingleMetric(`tributary_${name}`)?.get();
    const matches = (metric?.values ?? []).filter((value) =>
      Object.entries(labels).every(([key, text]) => (value.labels as Record<string, unknown>)[key] === text),
    );
    return matches.reduce((sum, value) => sum + value.value, 0);
  }

  async stop(platforms: string[] = []): Promise<void> {
    this.proxy.refuse(false);
    this.proxy.swallowReplies(false);
    await Promise.all(this.#brokers.map((broker) => broker.close()));
    const { names } = this;
    // Deleting what is not there is no error, so every name is tried as both.
    const fixed = Object.values(names).filter((name): name is string => typeof name === 'string');
    const ofPlatforms = platforms.flatMap((p) => [names.adapterCommands(p), names.adapterRequests(p)]);
    for (const queue of [...fixed, ...ofPlatforms, ...this.#extraQueues]) await this.channel.deleteQueue(queue);
    for (const exchange of fixed) await this.channel.deleteExchange(exchange);
    await this.direct.close();
    await this.proxy.stop();
  }
}

const CONNECTION = newId('con');
const DEVICE = deviceId(CONNECTION, 'native-1');

export interface Sample {
  event: TributaryEvent;
  routing: RoutingParts;
}

/** A telemetry event with one point of the given value. */
export function sample(value: number, workspace = 'acme'): Sample {
  const id = newEventId();
  const event = makeEvent<'telemetry.observed'>({
    id,
    name: 'telemetry.observed',
    workspace,
    platform: 'testplatform',
    connectionId: CONNECTION,
    subject: DEVICE,
    time: new Date().toISOString(),
    origin: 'live',
    data: {
      deviceId: DEVICE,
      nativeId: 'native-1',
      rev: '1',
      points: [{ signal: 'power', ts: new Date().toISOString(), value }],
    },
  });
  const routing: RoutingParts = {
    workspace,
    event: 'telemetry.observed',
    platform: 'testplatform',
    connectionId: CONNECTION,
    subjectId: DEVICE,
  };
  return { event, routing };
}

/** Looks again and again until it is so; fails after `timeoutMs`. */
export async function until(what: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await what())) {
    if (performance.now() > endMs) throw new Error(`did not come true within ${timeoutMs} ms: ${what}`);
    await delay(10);
  }
}

import type { Client } from 'aedes';
import type { Device } from './device.ts';

const DEVICE_FILTERS = [
  /^v1\/devices\/me\/attributes$/,
  /^v1\/devices\/me\/attributes\/response\/(\+|\d+)$/,
  /^v1\/devices\/me\/rpc\/(request|response)\/(\+|\d+)$/,
];
const GATEWAY_FILTERS = [/^v1\/gateway\/(attributes|attributes\/response|rpc)$/];

/** One MQTT session of a device: what it has subscribed to, and the devices it speaks for as a gateway. */
export class MqttSession {
  readonly #subscriptions = new Map<string, 0 | 1>();
  /** Devices behind this gateway, by name. */
  readonly children = new Map<string, Device>();

  constructor(
    readonly client: Client,
    readonly device: Device,
    readonly credential: string,
    readonly onPush: (topic: string) => void,
  ) {}

  /** Granted quality of service, or undefined for topics that are nobody's, or somebody else's. */
  subscribe(filter: string, qos: number): 0 | 1 | undefined {
    const known = this.device.gateway ? [...DEVICE_FILTERS, ...GATEWAY_FILTERS] : DEVICE_FILTERS;
    if (!known.some((pattern) => pattern.test(filter))) return undefined;
    const granted = qos === 0 ? 0 : 1;
    this.#subscriptions.set(filter, granted);
    return granted;
  }

  unsubscribe(filter: string): void {
    this.#subscriptions.delete(filter);
  }

  /** Sends to this session alone, if it has subscribed to the topic. */
  push(topic: string, payload: unknown): boolean {
    const qos = this.#subscribed(topic);
    if (qos === undefined || this.client.closed) return false;
    this.client.publish(
      { cmd: 'publish', topic, payload: JSON.stringify(payload), qos, retain: false, dup: false },
      () => {},
    );
    this.onPush(topic);
    return true;
  }

  #subscribed(topic: string): 0 | 1 | undefined {
    const wildcard = topic.replace(/\/[^/]+$/, '/+');
    return this.#subscriptions.get(topic) ?? this.#subscriptions.get(wildcard);
  }
}

import { deviceId, problemsOf, type SetAsideItem, setAsideItem } from '@tributary/contracts';
import type { MessageToPark } from '@tributary/database';
import type { Broker, Consumer, Delivery } from '@tributary/messaging';
import type { Counter, Logger, Metrics } from '@tributary/runtime';
import type { StorageGate } from '../batches/storage-gate.ts';
import { readBody } from '../intake/message-body.ts';
import type { Parking } from './parking.ts';
import type { Fault } from './reasons.ts';

const PREFETCH = 64;
const MAX_PROBLEMS = 50;

export interface SetAsideItemsParts {
  broker: Broker;
  park(item: MessageToPark): Promise<unknown>;
  parking: Pick<Parking, 'park'>;
  gate: StorageGate;
  log: Logger;
  metrics: Metrics;
}

/**
 * What adapters could not publish becomes rows beside the messages that could not be stored. It is no sign that the
 * intake is wrong, so the intake's valve does not count it; adapters hold back what is too much of it.
 */
export class SetAsideItems {
  readonly #parts: SetAsideItemsParts;
  readonly #parked: Counter<'platform' | 'reason'>;
  readonly #life = new AbortController();
  #consumer: Consumer | undefined;

  constructor(parts: SetAsideItemsParts) {
    this.#parts = parts;
    this.#parked = parts.metrics.counter('ingest_parked_items_total', {
      help: 'Items that adapters could not publish, parked, by reason.',
      labels: ['platform', 'reason'],
    });
  }

  start(): void {
    const { broker } = this.#parts;
    const options = { prefetch: PREFETCH, name: 'set-aside items' };
    this.#consumer ??= broker.consume(broker.names.ingestItems, options, (delivery) => this.#take(delivery));
  }

  async stop(): Promise<void> {
    this.#life.abort(new Error('stopping'));
    await this.#consumer?.close();
  }

  async #take(delivery: Delivery): Promise<void> {
    const { signal } = this.#life;
    try {
      const read = readItem(delivery.body);
      if ('fault' in read) await this.#parkMessage(delivery, read.fault, signal);
      else await this.#parkItem(read.item, signal);
      delivery.ack();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #parkItem(item: SetAsideItem, signal: AbortSignal): Promise<void> {
    const { gate, park, broker } = this.#parts;
    await gate.run(() => park(rowOf(item, broker.names.ingestItems)), signal);
    this.#parked.inc({ platform: item.platform, reason: item.reason });
  }

  /** Not from an adapter of ours. */
  #parkMessage({ body, headers, routingKey }: Delivery, fault: Fault, signal: AbortSignal): Promise<void> {
    const queue = this.#parts.broker.names.ingestItems;
    return this.#parts.parking.park({ queue, routingKey, headers, body, fault }, signal);
  }
}

function readItem(body: Buffer): { item: SetAsideItem } | { fault: Fault } {
  const read = readBody(body);
  if (!read.ok) return { fault: read.fault };
  const parsed = setAsideItem.safeParse(read.json);
  if (parsed.success) return { item: parsed.data };
  return { fault: { reason: 'schema', problems: problemsOf(parsed.error).slice(0, MAX_PROBLEMS) } };
}

function rowOf(item: SetAsideItem, queue: string): MessageToPark {
  const { workspace, platform, connectionId, nativeId, what, reason, problems, shown, sealed, digest } = item;
  return {
    kind: 'item',
    workspace,
    queue,
    exchange: '',
    routingKey: '',
    headers: {},
    reason,
    problems,
    platform,
    area: what,
    connectionId,
    deviceId: nativeId === undefined ? undefined : deviceId(connectionId, nativeId),
    payload: Buffer.from(shown),
    sealed,
    digest: Buffer.from(digest, 'hex'),
  };
}

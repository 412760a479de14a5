import type { Metrics } from '@tributary/runtime';

/** Every bounded thing of one intake, with its bound. */
export class IntakeMetrics {
  readonly #name: string;
  readonly #metrics: Metrics;

  constructor(name: string, metrics: Metrics, bounds: { prefetch: number; bytes: number }) {
    this.#name = name;
    this.#metrics = metrics;
    this.#set('ingest_window_messages', 'Messages that may be held unacknowledged.', bounds.prefetch);
    this.#set('ingest_window_bytes', 'Bytes of held messages above which intake pauses.', bounds.bytes);
    this.suspended(false);
  }

  delivered(deliveryCount: number): void {
    this.#metrics
      .histogram('ingest_delivery_count', {
        help: 'How often a message came back before this delivery; the broker gives up at 20.',
        labels: ['intake'],
        buckets: [0, 1, 2, 3, 5, 10, 15, 19],
      })
      .observe({ intake: this.#name }, deliveryCount);
  }

  suspended(is: boolean): void {
    this.#set('ingest_suspended', '1 while nothing is taken in.', is ? 1 : 0);
  }

  holding(messages: number, bytes: number, oldestMs: number): void {
    this.#set('ingest_held_messages', 'Messages delivered and not acknowledged.', messages);
    this.#set('ingest_held_bytes', 'Bytes of messages delivered and not acknowledged.', bytes);
    this.#set('ingest_oldest_held_seconds', 'Age of the oldest message that is not settled.', oldestMs / 1_000);
  }

  sealing(points: number, batches: number): void {
    this.#set('ingest_unsealed_points', 'Points that wait for a batch.', points);
    this.#set('ingest_batches_under_way', 'Batches sealed and not settled.', batches);
  }

  #set(name: string, help: string, value: number): void {
    this.#metrics.gauge(name, { help, labels: ['intake'] }).set({ intake: this.#name }, value);
  }
}

import type { Logger, Metrics } from '@tributary/runtime';
import type { SetAsideReason } from './point-check.ts';

/**
 * What the adapter's metrics say of a connection: received = published + suppressed + set aside + in flight. What the
 * conservation account learns stands in the run's ledger.
 */
export class PublishAccount {
  readonly #count: ReturnType<typeof counters>;
  readonly #connection: string;
  readonly #log: Logger;
  readonly #warned = new Set<string>();
  readonly #onSetAside: (item: { what: string; problems: string; device?: string | undefined }) => void;
  setAsideCount = 0;

  constructor(options: {
    metrics: Metrics;
    connectionId: string;
    log: Logger;
    onSetAside?: ((item: { what: string; problems: string; device?: string | undefined }) => void) | undefined;
  }) {
    this.#onSetAside = options.onSetAside ?? (() => undefined);
    this.#count = counters(options.metrics);
    this.#connection = options.connectionId;
    this.#log = options.log;
  }

  received(points: number): void {
    this.#count.received.inc({ connection: this.#connection }, points);
  }

  published(points: number): void {
    this.#count.published.inc({ connection: this.#connection }, points);
  }

  /** Read again and already confirmed. */
  suppressed(points = 1): void {
    this.#count.suppressed.inc({ connection: this.#connection }, points);
  }

  suspect(): void {
    this.#count.suspect.inc({ connection: this.#connection });
  }

  event(name: string): void {
    this.#count.events.inc({ event: name });
  }

  /** The first of each reason is a warning; the value itself is never logged. */
  setAside(reason: SetAsideReason, what: { device?: string | undefined; name?: string | undefined }): void {
    this.setAsideCount += 1;
    this.#onSetAside({ what: what.name ?? 'item', problems: reason, device: what.device });
    this.#count.setAside.inc({ connection: this.#connection, reason });
    const first = !this.#warned.has(reason);
    this.#warned.add(reason);
    this.#log[first ? 'warn' : 'debug']({ reason, ...what }, 'set aside');
  }
}

const counters = (metrics: Metrics) => ({
  received: metrics.counter('adapter_points_received_total', {
    help: 'Points that a connection brought',
    labels: ['connection'],
  }),
  published: metrics.counter('adapter_points_published_total', {
    help: 'Points that the broker has confirmed',
    labels: ['connection'],
  }),
  suppressed: metrics.counter('adapter_points_suppressed_total', {
    help: 'Points read again with the value that is already confirmed',
    labels: ['connection'],
  }),
  suspect: metrics.counter('adapter_points_suspect_total', {
    help: 'Points whose time is more than five minutes ahead',
    labels: ['connection'],
  }),
  setAside: metrics.counter('adapter_set_aside_total', {
    help: 'Items that cannot be published, by rule',
    labels: ['connection', 'reason'],
  }),
  events: metrics.counter('adapter_events_published_total', {
    help: 'Events that the broker has confirmed',
    labels: ['event'],
  }),
});

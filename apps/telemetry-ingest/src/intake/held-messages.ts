import type { Delivery } from '@tributary/messaging';
import type { Clock } from '@tributary/runtime';
import { type Acks, AckWatermark } from './ack-watermark.ts';

/** The deliveries of the current channel that are not acknowledged yet, and the only place that acknowledges them. */
export class HeldMessages {
  readonly #watermark: AckWatermark;
  readonly #deliveries = new Map<number, Delivery>();
  #bytes = 0;
  #emptied: (() => void) | undefined;

  constructor(window: number, clock: Clock) {
    this.#watermark = new AckWatermark({ window, monotonicMs: () => clock.monotonicMs() });
  }

  get count(): number {
    return this.#deliveries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get oldestMs(): number {
    return this.#watermark.oldestMs;
  }

  get generation(): number {
    return this.#watermark.generation;
  }

  hold(delivery: Delivery): void {
    if (delivery.generation !== this.generation) this.forget(delivery.generation);
    this.#watermark.deliver(delivery.generation, delivery.tag);
    this.#deliveries.set(delivery.tag, delivery);
    this.#bytes += delivery.body.length;
  }

  /** Two things are to be done with it: its good points stored, itself parked. */
  addPart(delivery: Delivery): void {
    this.#watermark.addPart(delivery.generation, delivery.tag);
  }

  /** One part of each is committed or parked. */
  resolve(deliveries: Iterable<Delivery>): void {
    const tags: number[] = [];
    for (const delivery of deliveries) if (delivery.generation === this.generation) tags.push(delivery.tag);
    if (tags.length > 0) this.#acknowledge(this.#watermark.resolve(this.generation, tags));
  }

  sweep(): void {
    this.#acknowledge(this.#watermark.sweep());
  }

  /** The channel is gone: the broker delivers again what was not acknowledged. */
  forget(generation: number): void {
    this.#watermark.reset(generation);
    this.#deliveries.clear();
    this.#bytes = 0;
    this.#emptied?.();
  }

  /** Resolves once nothing is held. */
  async empty(): Promise<void> {
    if (this.count === 0) return;
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
  }

  #acknowledge({ upTo, singly }: Acks): void {
    if (upTo !== undefined) {
      this.#deliveries.get(upTo)?.ackUpTo();
      for (const [tag, delivery] of this.#deliveries) {
        if (tag > upTo) break;
        this.#let(delivery);
      }
    }
    for (const tag of singly) {
      const delivery = this.#deliveries.get(tag);
      delivery?.ack();
      if (delivery) this.#let(delivery);
    }
    if (this.count === 0) this.#emptied?.();
  }

  #let(delivery: Delivery): void {
    this.#deliveries.delete(delivery.tag);
    this.#bytes -= delivery.body.length;
  }
}

export interface AckWatermarkOptions {
  /** Number of deliveries that the broker hands out without acknowledgement: the prefetch. */
  window: number;
  /** A hole older than this no longer holds back what waits behind it. Milliseconds. */
  holeMs?: number;
  monotonicMs: () => number;
}

/** What to tell the broker: acknowledge everything up to `upTo`, and each of `singly` alone. */
export interface Acks {
  upTo?: number;
  singly: number[];
}

interface Entry {
  parts: number;
  acked: boolean;
  sinceMs: number;
}

const NOTHING: Acks = Object.freeze({ singly: [] });

/**
 * Decides what may be acknowledged on one channel. A tag counts as resolved once each of its parts is committed or
 * parked. One multiple acknowledgement moves over all resolved tags up to the first unresolved one, the hole; only where
 * a hole is old and more than half of the window waits behind it are tags acknowledged one by one, so that one slow batch
 * cannot use up the prefetch.
 *
 * Never names an unresolved tag, nor one that was named before: the broker closes a channel on which a tag is
 * acknowledged twice, and a multiple acknowledgement of an unknown tag counts as that.
 */
export class AckWatermark {
  /** In the order of delivery, which is the order of tags. */
  readonly #entries = new Map<number, Entry>();
  readonly #window: number;
  readonly #holeMs: number;
  readonly #monotonicMs: () => number;
  #generation = 0;
  /** Resolved tags behind the hole that are not acknowledged yet. */
  #waiting = 0;

  constructor(options: AckWatermarkOptions) {
    this.#window = options.window;
    this.#holeMs = options.holeMs ?? 10_000;
    this.#monotonicMs = options.monotonicMs;
  }

  /** Tags that are delivered and not resolved, or resolved and not acknowledged. */
  get held(): number {
    return this.#entries.size;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Milliseconds since the oldest tag that is still unresolved was delivered; 0 without one. */
  get oldestMs(): number {
    for (const entry of this.#entries.values()) if (entry.parts > 0) return this.#monotonicMs() - entry.sinceMs;
    return 0;
  }

  /** A delivery arrived. A tag of a newer channel makes everything of the older one void. */
  deliver(generation: number, tag: number, parts = 1): void {
    if (generation !== this.#generation) this.reset(generation);
    this.#entries.set(tag, { parts, acked: false, sinceMs: this.#monotonicMs() });
  }

  /** One more part of a tag that is not resolved yet. */
  addPart(generation: number, tag: number): void {
    const entry = generation === this.#generation ? this.#entries.get(tag) : undefined;
    if (entry && entry.parts > 0) entry.parts += 1;
  }

  /** The channel is gone: the broker delivers again what it was not told about. */
  reset(generation: number): void {
    this.#generation = generation;
    this.#entries.clear();
    this.#waiting = 0;
  }

  /** One part of each tag is done. Tags of an older channel are ignored. */
  resolve(generation: number, tags: Iterable<number>): Acks {
    if (generation !== this.#generation) return NOTHING;
    for (const tag of tags) {
      const entry = this.#entries.get(tag);
      if (!entry || entry.parts === 0) continue;
      entry.parts -= 1;
      if (entry.parts === 0) this.#waiting += 1;
    }
    return this.#advance();
  }

  /** To be called now and then: holes grow old without any delivery telling of it. */
  sweep(): Acks {
    return this.#advance();
  }

  #advance(): Acks {
    let upTo: number | undefined;
    for (const [tag, entry] of this.#entries) {
      if (entry.parts > 0) break;
      if (!entry.acked) {
        upTo = tag;
        this.#waiting -= 1;
      }
      this.#entries.delete(tag);
    }
    const singly = this.#passTheHole();
    return upTo === undefined ? { singly } : { upTo, singly };
  }

  #passTheHole(): number[] {
    if (this.#waiting * 2 <= this.#window || this.oldestMs <= this.#holeMs) return [];
    const tags: number[] = [];
    for (const [tag, entry] of this.#entries) {
      if (entry.parts > 0 || entry.acked) continue;
      entry.acked = true;
      tags.push(tag);
    }
    this.#waiting = 0;
    return tags;
  }
}

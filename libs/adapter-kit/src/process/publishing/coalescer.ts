import type { Origin } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import type { PreparedPoint } from './prepared-point.ts';

export interface CoalescerOptions {
  clock: Clock;
  /** Longest wait for company, milliseconds. */
  lingerMs: number;
  maxPoints: number;
  /** Bytes of one message's points as JSON. */
  maxBytes: number;
  /** Called in the order in which messages close; a message's place in time is taken then. Resolves once confirmed. */
  send: (device: string, origin: Origin, points: PreparedPoint[]) => Promise<void>;
  /** A point that the open message already holds, with the same value. */
  onDuplicate: () => void;
}

interface Parcel {
  device: string;
  origin: Origin;
  points: PreparedPoint[];
  bytes: number;
  /** Identity of each point -> what its value is: one message never holds two values of one identity. */
  held: Map<string, string>;
  confirmed: Promise<void>;
  settle: (result: Promise<void>) => void;
  cancelTimer: () => void;
}

/** Small inputs of one device travel together: up to `lingerMs`, `maxPoints` or `maxBytes`, whichever comes first. */
export class Coalescer {
  readonly #options: CoalescerOptions;
  readonly #open = new Map<string, Parcel>();

  constructor(options: CoalescerOptions) {
    this.#options = options;
  }

  /** Resolves once every one of these points is confirmed; rejects when one of their messages could not be. */
  async add(device: string, origin: Origin, points: readonly PreparedPoint[]): Promise<void> {
    const parcels = new Set<Parcel>();
    for (const point of points) parcels.add(this.#put(device, origin, point));
    await Promise.all([...parcels].map((parcel) => parcel.confirmed));
  }

  /** Closes every open message now. */
  flush(): void {
    for (const parcel of [...this.#open.values()]) this.#close(parcel);
  }

  #put(device: string, origin: Origin, prepared: PreparedPoint): Parcel {
    const { point, print, bytes } = prepared;
    const identity = `${point.signal}\u0000${point.ts}`;
    let parcel = this.#open.get(`${origin}\u0000${device}`);
    const held = parcel?.held.get(identity);
    if (parcel && held === print) {
      this.#options.onDuplicate();
      return parcel;
    }
    if (parcel && (held !== undefined || parcel.bytes + bytes > this.#options.maxBytes)) {
      this.#close(parcel);
      parcel = undefined;
    }
    parcel ??= this.#begin(device, origin);
    parcel.points.push(prepared);
    parcel.held.set(identity, print);
    parcel.bytes += bytes;
    if (parcel.points.length >= this.#options.maxPoints) this.#close(parcel);
    return parcel;
  }

  #begin(device: string, origin: Origin): Parcel {
    const { promise, resolve } = Promise.withResolvers<void>();
    // Somebody may have stopped waiting; whoever still does sees the rejection through `add`.
    promise.catch(() => undefined);
    const parcel: Parcel = {
      device,
      origin,
      points: [],
      bytes: 0,
      held: new Map(),
      confirmed: promise,
      settle: resolve,
      cancelTimer: this.#options.clock.after(this.#options.lingerMs, () => this.#close(parcel)),
    };
    this.#open.set(`${origin}\u0000${device}`, parcel);
    return parcel;
  }

  #close(parcel: Parcel): void {
    parcel.cancelTimer();
    this.#open.delete(`${parcel.origin}\u0000${parcel.device}`);
    parcel.settle(this.#options.send(parcel.device, parcel.origin, parcel.points));
  }
}

import type { Origin } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import type { DataSource } from '../../lineage/data-source.ts';
import type { PreparedPoint } from './prepared-point.ts';
import type { LedgerMinute } from './run-ledger.ts';

/** When points came in, and the minute of the account that they belong to. */
export interface Arrival {
  atMs: number;
  minute: LedgerMinute;
  via?: DataSource | undefined;
  /** Read again by a backfill: live data that brings the same is still news to whoever listens to live data alone. */
  again?: boolean;
}

export interface CoalescerOptions {
  clock: Clock;
  /** Longest wait for company, milliseconds. */
  lingerMs: number;
  maxPoints: number;
  /** Bytes of one message's points as JSON. */
  maxBytes: number;
  /** Called in the order in which messages close; a message's place in time is taken then. Resolves once confirmed. */
  send: (parcel: Parcel) => Promise<void>;
  /** A point that the open message already holds, with the same value. */
  onDuplicate: (arrival: Arrival) => void;
}

/** Points that travel as one message: of one device, of one origin, received in one minute. */
export interface Parcel {
  readonly device: string;
  readonly origin: Origin;
  readonly points: readonly PreparedPoint[];
  /** Of its first point. */
  readonly arrival: Arrival;
  /** What its points came from, each once. */
  readonly sources: ReadonlySet<DataSource>;
}

type Whither = Omit<Parcel, 'points' | 'sources'>;

interface OpenParcel extends Parcel {
  points: PreparedPoint[];
  sources: Set<DataSource>;
  bytes: number;
  /** Identity of each point -> what its value is: one message never holds two values of one identity. */
  held: Map<string, string>;
  confirmed: Promise<void>;
  settle: (result: Promise<void>) => void;
  cancelTimer: () => void;
}

/**
 * Small inputs of one device travel together: up to `lingerMs`, `maxPoints` or `maxBytes`, whichever comes first, and
 * never across the turn of a minute.
 */
export class Coalescer {
  readonly #options: CoalescerOptions;
  readonly #open = new Map<string, OpenParcel>();

  constructor(options: CoalescerOptions) {
    this.#options = options;
  }

  /** Resolves once every one of these points is confirmed; rejects when one of their messages could not be. */
  async add(device: string, origin: Origin, points: readonly PreparedPoint[], arrival: Arrival): Promise<void> {
    const parcels = new Set<OpenParcel>();
    for (const point of points) parcels.add(this.#put({ device, origin, arrival }, point));
    await Promise.all([...parcels].map((parcel) => parcel.confirmed));
  }

  /** Closes every open message now. */
  flush(): void {
    for (const parcel of [...this.#open.values()]) this.#close(parcel);
  }

  #put(to: Whither, prepared: PreparedPoint): OpenParcel {
    const { point, print, bytes } = prepared;
    const identity = `${point.signal}\u0000${point.ts}`;
    let parcel = this.#open.get(keyOf(to));
    const held = parcel?.held.get(identity);
    if (parcel && held === print) {
      this.#options.onDuplicate(to.arrival);
      return parcel;
    }
    const full = parcel && (held !== undefined || parcel.bytes + bytes > this.#options.maxBytes);
    if (parcel && (full || parcel.arrival.minute !== to.arrival.minute)) {
      this.#close(parcel);
      parcel = undefined;
    }
    parcel ??= this.#begin(to);
    parcel.points.push(prepared);
    if (to.arrival.via) parcel.sources.add(to.arrival.via);
    parcel.held.set(identity, print);
    parcel.bytes += bytes;
    if (parcel.points.length >= this.#options.maxPoints) this.#close(parcel);
    return parcel;
  }

  #begin(to: Whither): OpenParcel {
    const { promise, resolve } = Promise.withResolvers<void>();
    // Somebody may have stopped waiting; whoever still does sees the rejection through `add`.
    promise.catch(() => undefined);
    const parcel: OpenParcel = {
      ...to,
      points: [],
      sources: new Set(),
      bytes: 0,
      held: new Map(),
      confirmed: promise,
      settle: resolve,
      cancelTimer: this.#options.clock.after(this.#options.lingerMs, () => this.#close(parcel)),
    };
    this.#open.set(keyOf(parcel), parcel);
    return parcel;
  }

  #close(parcel: OpenParcel): void {
    parcel.cancelTimer();
    this.#open.delete(keyOf(parcel));
    parcel.settle(this.#options.send(parcel));
  }
}

const keyOf = ({ origin, device }: Pick<Parcel, 'origin' | 'device'>): string => `${origin}\u0000${device}`;

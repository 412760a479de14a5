import { fraction } from '../kit/seeded.ts';
import type { Production } from '../kit/simulator.ts';
import type { Meter } from './computed-history.ts';
import type { SignalSource } from './signals.ts';
import type { OctomeshState } from './state.ts';
import type { Row } from './stream-rows.ts';
import type { Tenant } from './tenant.ts';

/** Where the rows of a meter go, and what they hold. */
export interface MeterStream {
  tenant: Tenant;
  /** CK type of the stream. */
  stream: string;
  signals: readonly SignalSource[];
}

interface Snapshot extends Row {
  n: number;
}

interface Held {
  /** Number of the row after which it is written. */
  after: number;
  snapshot: Snapshot;
}

export const IRREGULARITIES = ['late', 'swapped', 'duplicate', 'corrected'] as const;
export type Irregularity = (typeof IRREGULARITIES)[number];

interface Source {
  meter: Meter;
  into: MeterStream;
  online: boolean;
  n: number;
  held: Held[];
  previous: Snapshot | undefined;
  /** What an offline meter could not send. */
  backlog: Snapshot[];
}

const MOST_SLOTS = 20;
const LONGEST_BACKLOG = 1_000;
const LATE_BY = 3;

/** Meters whose rows come late, twice, in the wrong order or wrong, as rows do. */
export class ReadingProduction implements Production {
  readonly #state: OctomeshState;
  readonly #sources = new Map<string, Source>();
  readonly #ordered: Source[] = [];
  #slots = 1;
  #slot = 0;
  #paused: boolean;

  constructor(state: OctomeshState) {
    this.#state = state;
    this.#paused = !state.options.producing;
  }

  /** `n` is the number of its next row: what was computed before ends there. */
  add(meter: Meter, into: MeterStream, n = 0): void {
    const source: Source = { meter, into, online: true, n, held: [], previous: undefined, backlog: [] };
    this.#sources.set(meter.rtId, source);
    this.#ordered.push(source);
  }

  remove(rtId: string): void {
    this.#sources.delete(rtId);
    const at = this.#ordered.findIndex(({ meter }) => meter.rtId === rtId);
    if (at >= 0) this.#ordered.splice(at, 1);
  }

  has(rtId: string): boolean {
    return this.#sources.has(rtId);
  }

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  /** Meters take turns, so that the load is even. */
  start(): void {
    this.#slots = Math.max(1, Math.min(MOST_SLOTS, Math.ceil(this.#ordered.length / 25)));
    this.#state.clock.every(this.#state.options.cadenceMs / this.#slots, () => {
      const now = this.#state.clock.now();
      for (let i = this.#slot; i < this.#ordered.length && !this.#paused; i += this.#slots) {
        const source = this.#ordered[i];
        if (source) this.#tick(source, now);
      }
      this.#slot = (this.#slot + 1) % this.#slots;
    });
  }

  isOnline(rtId: string): boolean {
    return this.#sources.get(rtId)?.online ?? false;
  }

  /** An offline meter goes on measuring; it sends what it has when it comes back, unless it forgets. */
  setOnline(rtId: string, online: boolean, forgets = false): void {
    const source = this.#found(rtId);
    source.online = online;
    if (!online) return;
    const backlog = source.backlog.splice(0);
    if (!forgets) for (const snapshot of backlog) this.#write(source, snapshot);
  }

  /** So many rows at once, `stepMs` apart, the last one now. */
  burst(rtId: string, count: number, stepMs: number): void {
    const source = this.#found(rtId);
    const now = this.#state.clock.now();
    for (let i = count - 1; i >= 0; i--) this.#tick(source, now - i * stepMs);
  }

  /** Makes a meter send in one of the ways that are not as they should be. */
  misbehave(rtId: string, way: Irregularity, lateMs: number): void {
    const source = this.#found(rtId);
    const now = this.#state.clock.now();
    if (way === 'late') this.#write(source, this.#measure(source, now - lateMs));
    else if (way === 'swapped') this.#writeSwapped(source, now);
    else this.#repeat(source, now, way);
  }

  /** Throws RangeError. */
  #found(rtId: string): Source {
    const source = this.#sources.get(rtId);
    if (!source) throw new RangeError(`no simulated meter is called ${rtId}`);
    return source;
  }

  #writeSwapped(source: Source, now: number): void {
    const first = this.#measure(source, now - 1_000);
    this.#write(source, this.#measure(source, now));
    this.#write(source, first);
  }

  #repeat(source: Source, now: number, way: 'duplicate' | 'corrected'): void {
    if (!source.previous) {
      source.previous = this.#measure(source, now);
      this.#write(source, source.previous);
    }
    if (way === 'duplicate') this.#write(source, source.previous);
    else this.#correct(source, source.previous);
  }

  #measure(source: Source, ts: number): Snapshot {
    const n = source.n++;
    const { rtId, index } = source.meter;
    return { rtId, ts, n, values: source.into.signals.map((signal) => signal.valueAt(index, n)) };
  }

  #tick(source: Source, ts: number): void {
    const snapshot = this.#measure(source, ts);
    if (!source.online) {
      source.backlog.push(snapshot);
      if (source.backlog.length > LONGEST_BACKLOG) source.backlog.shift();
      return;
    }
    this.#writeInItsOwnWay(source, snapshot);
    this.#writeHeld(source, snapshot.n);
  }

  #writeInItsOwnWay(source: Source, snapshot: Snapshot): void {
    const { late, swapped, duplicate, corrected } = this.#state.options.irregular;
    const dice = fraction(this.#state.options.seed, source.meter.index, snapshot.n, 77);
    if (dice < late) source.held.push({ after: snapshot.n + LATE_BY, snapshot });
    else if (dice < late + swapped) source.held.push({ after: snapshot.n + 1, snapshot });
    else this.#write(source, snapshot);
    if (dice >= 1 - duplicate) this.#write(source, snapshot);
    else if (dice >= 1 - duplicate - corrected && source.previous) this.#correct(source, source.previous);
    source.previous = snapshot;
  }

  /** One value of the row was wrong: the row is written again with another. */
  #correct(source: Source, snapshot: Snapshot): void {
    const { index } = source.meter;
    const { signals } = source.into;
    const wrong = (snapshot.n + index) % signals.length;
    const values = snapshot.values.map((value, i) =>
      i === wrong && value !== null ? (signals[i]?.correctedAt(index, snapshot.n) ?? value) : value,
    );
    this.#write(source, { ...snapshot, values });
  }

  #writeHeld(source: Source, n: number): void {
    if (source.held.length === 0) return;
    const due = source.held.filter((held) => held.after <= n);
    source.held = source.held.filter((held) => held.after > n);
    for (const { snapshot } of due) this.#write(source, snapshot);
  }

  #write(source: Source, { rtId, ts, values }: Snapshot): void {
    this.#state.writeRow(source.into.tenant, source.into.stream, { rtId, ts, values });
  }
}

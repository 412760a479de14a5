import { fraction } from '../kit/seeded.ts';
import type { TrueValue } from '../kit/series-log.ts';
import type { Production } from '../kit/simulator.ts';
import type { Asset, Signal } from './asset.ts';
import { rateOf } from './scenario-assets.ts';
import { corrected, measured } from './signals.ts';
import type { ExosenseState } from './state.ts';

interface Snapshot {
  ts: number;
  n: number;
  values: Map<Signal, TrueValue>;
}

interface Held {
  /** Number of the snapshot after which it is sent. */
  after: number;
  snapshot: Snapshot;
}

export const IRREGULARITIES = ['late', 'swapped', 'duplicate', 'corrected'] as const;
export type Irregularity = (typeof IRREGULARITIES)[number];

interface Source {
  asset: Asset;
  online: boolean;
  n: number;
  held: Held[];
  previous: Snapshot | undefined;
  /** What an offline device could not send. */
  backlog: Snapshot[];
}

const MOST_SLOTS = 20;
const LONGEST_BACKLOG = 1_000;
const LATE_BY = 3;

/** Devices that measure, and send late, twice, in the wrong order or wrongly, as devices do. */
export class TelemetryProduction implements Production {
  readonly #state: ExosenseState;
  readonly #sources = new Map<string, Source>();
  readonly #slots: number;
  #slot = 0;
  #paused: boolean;

  constructor(state: ExosenseState, assets: readonly Asset[]) {
    this.#state = state;
    this.#paused = !state.options.producing;
    for (const asset of assets) this.add(asset);
    this.#slots = Math.max(1, Math.min(MOST_SLOTS, Math.ceil(assets.length / 25)));
  }

  add(asset: Asset): void {
    this.#sources.set(asset.id, { asset, online: true, n: 0, held: [], previous: undefined, backlog: [] });
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

  /** What was measured before the simulator started. */
  seedHistory(): void {
    const { historyMs, cadenceMs } = this.#state.options;
    const steps = Math.floor(historyMs / cadenceMs);
    const start = this.#state.clock.now() - steps * cadenceMs;
    const sources = [...this.#sources.values()];
    for (let step = 0; step < steps; step++) {
      sources.forEach((source, i) => {
        const ts = start + step * cadenceMs + Math.floor((i / sources.length) * cadenceMs);
        this.#tick(source, ts, ts);
      });
    }
  }

  /** Assets take turns, so that the load is even. */
  start(): void {
    this.#state.clock.every(this.#state.options.cadenceMs / this.#slots, () => {
      const now = this.#state.clock.now();
      this.#dropRemoved();
      const sources = [...this.#sources.values()];
      for (let i = this.#slot; i < sources.length && !this.#paused; i += this.#slots) {
        const source = sources[i];
        if (source) this.#tick(source, now, now);
      }
      this.#slot = (this.#slot + 1) % this.#slots;
    });
  }

  isOnline(asset: Asset): boolean {
    return this.#sources.get(asset.id)?.online ?? false;
  }

  /** An offline device goes on measuring; it sends what it has when it comes back, unless it forgets. */
  setOnline(asset: Asset, online: boolean, forgets = false): void {
    const source = this.#sources.get(asset.id);
    if (!source) return;
    source.online = online;
    if (asset.device) asset.device.connected = online;
    if (!online) return;
    const backlog = source.backlog.splice(0);
    if (!forgets) for (const snapshot of backlog) this.#send(snapshot);
  }

  /** So many snapshots at once, `stepMs` apart, the last one now. */
  burst(asset: Asset, count: number, stepMs: number): void {
    const source = this.#sources.get(asset.id);
    const now = this.#state.clock.now();
    for (let i = count - 1; source && i >= 0; i--) this.#tick(source, now - i * stepMs, now);
  }

  /** Makes a device send in one of the ways that are not as they should be. */
  misbehave(asset: Asset, way: Irregularity, lateMs: number): void {
    const source = this.#sources.get(asset.id);
    const now = this.#state.clock.now();
    if (!source) return;
    if (way === 'late') this.#send(this.#measure(source, now - lateMs));
    else if (way === 'swapped') this.#sendSwapped(source, now);
    else this.#repeat(source, now, way);
  }

  #sendSwapped(source: Source, now: number): void {
    const first = this.#measure(source, now - 1_000);
    this.#send(this.#measure(source, now));
    this.#send(first);
  }

  #repeat(source: Source, now: number, way: 'duplicate' | 'corrected'): void {
    if (!source.previous) {
      source.previous = this.#measure(source, now);
      this.#send(source.previous);
    }
    if (way === 'duplicate') this.#send(source.previous);
    else this.#correct(source, source.previous);
  }

  #dropRemoved(): void {
    for (const id of this.#sources.keys()) if (!this.#state.asset(id)) this.#sources.delete(id);
  }

  /** The signals whose turn it is. */
  #measure(source: Source, ts: number): Snapshot {
    const { seed, rates } = this.#state.options;
    const n = source.n++;
    const { asset } = source;
    const due = asset.signals.filter((signal) => !signal.silent && n % rateOf(rates, signal.index) === 0);
    const values = due.map((signal) => [signal, signal.held ?? measured(seed, asset.index, signal.index, n)] as const);
    return { ts, n, values: new Map(values) };
  }

  #tick(source: Source, ts: number, receivedAt: number): void {
    if (source.online) this.#obey(source.asset);
    const snapshot = this.#measure(source, ts);
    if (!source.online) {
      source.backlog.push(snapshot);
      if (source.backlog.length > LONGEST_BACKLOG) source.backlog.shift();
      return;
    }
    this.#sendInItsOwnWay(source, snapshot, receivedAt);
    this.#sendHeld(source, snapshot.n, receivedAt);
  }

  /** The device does what it was told, and measures that from now on. */
  #obey({ device, signals }: Asset): void {
    if (!device?.obeys) return;
    for (const signal of signals) {
      if (signal.control && signal.channel !== undefined && signal.channel in device.dataOut)
        signal.held = device.dataOut[signal.channel];
    }
  }

  #sendInItsOwnWay(source: Source, snapshot: Snapshot, receivedAt: number): void {
    const { late, swapped, duplicate, corrected: wrong } = this.#state.options.irregular;
    const dice = fraction(this.#state.options.seed, source.asset.index, snapshot.n, 77);
    if (dice < late) source.held.push({ after: snapshot.n + LATE_BY, snapshot });
    else if (dice < late + swapped) source.held.push({ after: snapshot.n + 1, snapshot });
    else this.#send(snapshot, receivedAt);
    if (dice >= 1 - duplicate) this.#send(snapshot, receivedAt);
    else if (dice >= 1 - duplicate - wrong && source.previous) this.#correct(source, source.previous, receivedAt);
    source.previous = snapshot;
  }

  /** The device measured one signal wrongly and says so: another value for the same time. */
  #correct({ asset }: Source, { ts, n, values }: Snapshot, receivedAt?: number): void {
    const signals = [...values.keys()];
    const signal = signals[(n + asset.index) % signals.length];
    if (!signal) return;
    const value = corrected(this.#state.options.seed, asset.index, signal.index, n);
    this.#send({ ts, n, values: new Map([[signal, value]]) }, receivedAt);
  }

  #sendHeld(source: Source, n: number, receivedAt: number): void {
    if (source.held.length === 0) return;
    const due = source.held.filter((held) => held.after <= n);
    source.held = source.held.filter((held) => held.after > n);
    for (const { snapshot } of due) this.#send(snapshot, receivedAt);
  }

  #send({ ts, values }: Snapshot, receivedAt?: number): void {
    for (const [signal, value] of values) this.#state.write(signal, ts, value, receivedAt);
  }
}

import { fraction } from '../kit/seeded.ts';
import type { Production } from '../kit/simulator.ts';
import type { Device } from './device.ts';
import { type SignalSource, signalSources } from './signals.ts';
import type { OpticloudState } from './state.ts';
import type { TimedValues } from './telemetry-payload.ts';

interface Snapshot extends TimedValues {
  ts: number;
  n: number;
}

interface Held {
  /** Number of the snapshot after which it is sent. */
  after: number;
  snapshot: Snapshot;
}

export const IRREGULARITIES = ['late', 'swapped', 'duplicate', 'corrected'] as const;
export type Irregularity = (typeof IRREGULARITIES)[number];

interface Source {
  device: Device;
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
  readonly #state: OpticloudState;
  readonly #signals: SignalSource[];
  readonly #sources = new Map<string, Source>();
  readonly #ordered: Source[] = [];
  readonly #slots: number;
  #slot = 0;
  #paused: boolean;

  constructor(state: OpticloudState, devices: readonly Device[]) {
    this.#state = state;
    this.#signals = signalSources(state.options.signalsPerDevice, state.options.seed);
    this.#paused = !state.options.producing;
    for (const device of devices) this.add(device);
    this.#slots = Math.max(1, Math.min(MOST_SLOTS, Math.ceil(this.#ordered.length / 25)));
  }

  add(device: Device): void {
    const source: Source = { device, online: true, n: 0, held: [], previous: undefined, backlog: [] };
    this.#sources.set(device.id, source);
    this.#ordered.push(source);
  }

  remove(device: Device): void {
    this.#sources.delete(device.id);
    const at = this.#ordered.findIndex((source) => source.device === device);
    if (at >= 0) this.#ordered.splice(at, 1);
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
    for (let step = 0; step < steps; step++) {
      this.#ordered.forEach((source, i) => {
        this.#tick(source, start + step * cadenceMs + Math.floor((i / this.#ordered.length) * cadenceMs));
      });
    }
  }

  /** Devices take turns, so that the load is even. */
  start(): void {
    this.#state.clock.every(this.#state.options.cadenceMs / this.#slots, () => {
      const now = this.#state.clock.now();
      for (let i = this.#slot; i < this.#ordered.length && !this.#paused; i += this.#slots) {
        const source = this.#ordered[i];
        if (source) this.#tick(source, now);
      }
      this.#slot = (this.#slot + 1) % this.#slots;
    });
  }

  isOnline(device: Device): boolean {
    return this.#sources.get(device.id)?.online ?? false;
  }

  /** An offline device goes on measuring; it sends what it has when it comes back, unless it forgets. */
  setOnline(device: Device, online: boolean, forgets = false): void {
    const source = this.#sources.get(device.id);
    if (!source) return;
    source.online = online;
    if (!online) return;
    const backlog = source.backlog.splice(0);
    if (!forgets) for (const snapshot of backlog) this.#send(source, snapshot);
  }

  /** So many snapshots at once, `stepMs` apart, the last one now. */
  burst(device: Device, count: number, stepMs: number): void {
    const source = this.#sources.get(device.id);
    const now = this.#state.clock.now();
    for (let i = count - 1; source && i >= 0; i--) this.#tick(source, now - i * stepMs);
  }

  /** Makes a device send in one of the ways that are not as they should be. */
  misbehave(device: Device, way: Irregularity, lateMs: number): void {
    const source = this.#sources.get(device.id);
    const now = this.#state.clock.now();
    if (!source) return;
    if (way === 'late') this.#send(source, this.#measure(source, now - lateMs));
    else if (way === 'swapped') this.#sendSwapped(source, now);
    else this.#repeat(source, now, way);
  }

  #sendSwapped(source: Source, now: number): void {
    const first = this.#measure(source, now - 1_000);
    this.#send(source, this.#measure(source, now));
    this.#send(source, first);
  }

  #repeat(source: Source, now: number, way: 'duplicate' | 'corrected'): void {
    if (!source.previous) {
      source.previous = this.#measure(source, now);
      this.#send(source, source.previous);
    }
    if (way === 'duplicate') this.#send(source, source.previous);
    else this.#correct(source, source.previous);
  }

  #measure(source: Source, ts: number): Snapshot {
    const n = source.n++;
    const index = source.device.index;
    return { ts, n, values: new Map(this.#signals.map((signal) => [signal.key, signal.valueAt(index, n)])) };
  }

  #tick(source: Source, ts: number): void {
    const snapshot = this.#measure(source, ts);
    if (!source.online) {
      source.backlog.push(snapshot);
      if (source.backlog.length > LONGEST_BACKLOG) source.backlog.shift();
      return;
    }
    this.#sendInItsOwnWay(source, snapshot);
    this.#sendHeld(source, snapshot.n);
  }

  #sendInItsOwnWay(source: Source, snapshot: Snapshot): void {
    const { late, swapped, duplicate, corrected } = this.#state.options.irregular;
    const dice = fraction(this.#state.options.seed, source.device.index, snapshot.n, 77);
    if (dice < late) source.held.push({ after: snapshot.n + LATE_BY, snapshot });
    else if (dice < late + swapped) source.held.push({ after: snapshot.n + 1, snapshot });
    else this.#send(source, snapshot);
    if (dice >= 1 - duplicate) this.#send(source, snapshot);
    else if (dice >= 1 - duplicate - corrected && source.previous) this.#correct(source, source.previous);
    source.previous = snapshot;
  }

  /** The device measured one signal wrongly and says so: another value for the same time. */
  #correct(source: Source, snapshot: Snapshot): void {
    const index = source.device.index;
    const signal = this.#signals[(snapshot.n + index) % this.#signals.length];
    if (signal)
      this.#send(source, { ...snapshot, values: new Map([[signal.key, signal.correctedAt(index, snapshot.n)]]) });
  }

  #sendHeld(source: Source, n: number): void {
    if (source.held.length === 0) return;
    const due = source.held.filter((held) => held.after <= n);
    source.held = source.held.filter((held) => held.after > n);
    for (const { snapshot } of due) this.#send(source, snapshot);
  }

  #send(source: Source, snapshot: Snapshot): void {
    this.#state.writeTelemetry(source.device, [snapshot]);
  }
}

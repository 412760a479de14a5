import { fraction } from '../kit/seeded.ts';
import type { Production } from '../kit/simulator.ts';
import { correction, type Reading, type ReadingDevice, readingAt, readingDocument } from './readings.ts';
import type { MeshydbState } from './state.ts';

interface Held {
  /** Number of the reading after which it is sent. */
  after: number;
  reading: Reading;
}

export const IRREGULARITIES = ['late', 'swapped', 'duplicate', 'corrected'] as const;
export type Irregularity = (typeof IRREGULARITIES)[number];

interface Source {
  device: ReadingDevice;
  online: boolean;
  n: number;
  held: Held[];
  previous: Reading | undefined;
  /** What an offline device could not write. */
  backlog: Reading[];
}

const MOST_SLOTS = 20;
const LONGEST_BACKLOG = 1_000;
const LATE_BY = 3;
const DICE = 77;

/** Devices whose readings become documents: late, twice, in the wrong order or wrongly, as happens. */
export class ReadingProduction implements Production {
  readonly #state: MeshydbState;
  readonly #sources = new Map<string, Source>();
  readonly #slots: number;
  #slot = 0;
  #paused: boolean;

  constructor(state: MeshydbState, devices: readonly ReadingDevice[]) {
    this.#state = state;
    this.#paused = !state.options.producing;
    for (const device of devices) this.add(device);
    this.#slots = Math.max(1, Math.min(MOST_SLOTS, Math.ceil(devices.length / 25)));
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

  devices(): ReadingDevice[] {
    return [...this.#sources.values()].map(({ device }) => device);
  }

  add(device: ReadingDevice): void {
    this.#sources.set(device.id, { device, online: true, n: 0, held: [], previous: undefined, backlog: [] });
  }

  remove(device: ReadingDevice): void {
    this.#sources.delete(device.id);
  }

  /** What was written before the simulator started. */
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

  /** Devices take turns, so that the load is even. */
  start(): void {
    this.#state.clock.every(this.#state.options.cadenceMs / this.#slots, () => {
      const now = this.#state.clock.now();
      const sources = [...this.#sources.values()];
      for (let i = this.#slot; i < sources.length && !this.#paused; i += this.#slots) {
        const source = sources[i];
        if (source) this.#tick(source, now, now);
      }
      this.#slot = (this.#slot + 1) % this.#slots;
    });
  }

  isOnline(device: ReadingDevice): boolean {
    return this.#sources.get(device.id)?.online ?? false;
  }

  /** An offline device goes on measuring; it writes what it has when it comes back, unless it forgets. */
  setOnline(device: ReadingDevice, online: boolean, forgets = false): void {
    const source = this.#sources.get(device.id);
    if (!source) return;
    source.online = online;
    if (!online) return;
    const backlog = source.backlog.splice(0);
    if (!forgets) for (const reading of backlog) this.#write(source, reading);
  }

  /** So many readings at once, `stepMs` apart, the last one now. */
  burst(device: ReadingDevice, count: number, stepMs: number): void {
    const source = this.#sources.get(device.id);
    const now = this.#state.clock.now();
    for (let i = count - 1; source && i >= 0; i--) this.#tick(source, now - i * stepMs, now);
  }

  /** Makes a device write in one of the ways that are not as they should be. */
  misbehave(device: ReadingDevice, way: Irregularity, lateMs: number): void {
    const source = this.#sources.get(device.id);
    const now = this.#state.clock.now();
    if (!source) return;
    if (way === 'late') this.#write(source, this.#measure(source, now - lateMs));
    else if (way === 'swapped') this.#writeSwapped(source, now);
    else this.#repeat(source, now, way);
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
    this.#write(source, way === 'duplicate' ? source.previous : this.#corrected(source, source.previous));
  }

  #measure(source: Source, ts: number): Reading {
    const { seed, signalsPerDevice } = this.#state.options;
    return readingAt(seed, source.device.index, source.n++, ts, signalsPerDevice);
  }

  #corrected(source: Source, reading: Reading): Reading {
    return correction(this.#state.options.seed, source.device.index, reading);
  }

  #tick(source: Source, ts: number, writtenAt: number): void {
    const reading = this.#measure(source, ts);
    if (!source.online) {
      source.backlog.push(reading);
      if (source.backlog.length > LONGEST_BACKLOG) source.backlog.shift();
      return;
    }
    this.#writeInItsOwnWay(source, reading, writtenAt);
    this.#writeHeld(source, reading.n, writtenAt);
  }

  #writeInItsOwnWay(source: Source, reading: Reading, writtenAt: number): void {
    const { late, swapped, duplicate, corrected } = this.#state.options.irregular;
    const dice = fraction(this.#state.options.seed, source.device.index, reading.n, DICE);
    if (dice < late) source.held.push({ after: reading.n + LATE_BY, reading });
    else if (dice < late + swapped) source.held.push({ after: reading.n + 1, reading });
    else this.#write(source, reading, writtenAt);
    if (dice >= 1 - duplicate) this.#write(source, reading, writtenAt);
    else if (dice >= 1 - duplicate - corrected && source.previous)
      this.#write(source, this.#corrected(source, source.previous), writtenAt);
    source.previous = reading;
  }

  #writeHeld(source: Source, n: number, writtenAt: number): void {
    if (source.held.length === 0) return;
    const due = source.held.filter((held) => held.after <= n);
    source.held = source.held.filter((held) => held.after > n);
    for (const { reading } of due) this.#write(source, reading, writtenAt);
  }

  /** Always a further document: whoever wants the last word for a time goes by the order of ids. */
  #write({ device }: Source, reading: Reading, writtenAt = this.#state.clock.now()): void {
    const { demo, mapping } = this.#state;
    this.#state.insert(demo, mapping.mesh, readingDocument(device, reading, mapping, writtenAt), writtenAt);
  }
}

import { type Irregularity, Outbox } from './irregularities.ts';
import { PausableProduction } from './pausable-production.ts';
import type { ScenarioClock } from './scenario-clock.ts';
import { fraction } from './seeded.ts';
import type { SimulatorOptions } from './simulator-options.ts';

/** What measures, by whatever name the vendor has for it. */
export interface Measuring {
  readonly id: string;
  /** Its number in the scenario: what it measures, and how it misbehaves, depends on it. */
  readonly index: number;
}

/** What was measured at one time. */
export interface Snapshot<V> {
  /** Milliseconds since 1970 UTC. */
  ts: number;
  /** The how many-th of its source it is. */
  n: number;
  values: V;
}

export type TurnOptions = Pick<SimulatorOptions, 'cadenceMs' | 'historyMs' | 'producing' | 'seed' | 'irregular'>;

export interface Source<S, V> {
  readonly subject: S;
  readonly outbox: Outbox<Snapshot<V>>;
  online: boolean;
  /** Number of its next measurement. */
  n: number;
  /** What it could not send while it was offline. */
  readonly backlog: Array<Snapshot<V>>;
}

const MOST_SLOTS = 20;
const SOURCES_PER_SLOT = 25;
const LONGEST_BACKLOG = 1_000;
const DICE = 77;

/**
 * Sources that measure in turn, and send late, twice, in the wrong order or wrongly, as devices do. The vendor says
 * what they measure and where it goes.
 */
export abstract class TurnProduction<S extends Measuring, V> extends PausableProduction {
  readonly #clock: ScenarioClock;
  readonly #options: TurnOptions;
  readonly #sources = new Map<string, Source<S, V>>();
  readonly #ordered: Array<Source<S, V>> = [];
  #slots = 1;
  #slot = 0;

  constructor(clock: ScenarioClock, options: TurnOptions) {
    super(options.producing);
    this.#clock = clock;
    this.#options = options;
  }

  /** What a source measures at its n-th turn. */
  protected abstract measure(subject: S, n: number): V;

  /** What it says when it finds a snapshot wrong; undefined where it has nothing to put right. */
  protected abstract corrected(subject: S, snapshot: Snapshot<V>): V | undefined;

  /** The platform gets a snapshot at the time `at`. */
  protected abstract send(subject: S, snapshot: Snapshot<V>, at: number): void;

  /** `n` is the number of its next measurement: those before it were made some other way. */
  add(subject: S, n = 0): void {
    const source: Source<S, V> = { subject, outbox: new Outbox(), online: true, n, backlog: [] };
    this.#sources.set(subject.id, source);
    this.#ordered.push(source);
  }

  remove({ id }: Pick<S, 'id'>): void {
    this.#sources.delete(id);
    const at = this.#ordered.findIndex(({ subject }) => subject.id === id);
    if (at >= 0) this.#ordered.splice(at, 1);
  }

  find(id: string): S | undefined {
    return this.#sources.get(id)?.subject;
  }

  /** In the order in which they take turns. */
  subjects(): S[] {
    return this.#ordered.map(({ subject }) => subject);
  }

  /** What was measured before the simulator started. */
  seedHistory(): void {
    const { historyMs, cadenceMs } = this.#options;
    const steps = Math.floor(historyMs / cadenceMs);
    const start = this.#clock.now() - steps * cadenceMs;
    for (let step = 0; step < steps; step++) {
      this.#ordered.forEach((source, i) => {
        const ts = start + step * cadenceMs + Math.floor((i / this.#ordered.length) * cadenceMs);
        this.tick(source, ts, ts);
      });
    }
  }

  /** Sources take turns, so that the load is even. */
  start(): void {
    this.#slots = Math.max(1, Math.min(MOST_SLOTS, Math.ceil(this.#ordered.length / SOURCES_PER_SLOT)));
    this.#clock.every(this.#options.cadenceMs / this.#slots, () => this.takeTurns());
  }

  isOnline({ id }: Pick<S, 'id'>): boolean {
    return this.#sources.get(id)?.online ?? false;
  }

  /** An offline source goes on measuring; it sends what it has when it comes back, unless it forgets. */
  setOnline({ id }: Pick<S, 'id'>, online: boolean, forgets = false): void {
    const source = this.#sources.get(id);
    if (!source) return;
    source.online = online;
    if (!online) return;
    const backlog = source.backlog.splice(0);
    if (!forgets) this.#send(source, backlog);
  }

  /** So many snapshots at once, `stepMs` apart, the last one now. */
  burst({ id }: Pick<S, 'id'>, count: number, stepMs: number): void {
    const source = this.#sources.get(id);
    const now = this.#clock.now();
    for (let i = count - 1; source && i >= 0; i--) this.tick(source, now - i * stepMs, now);
  }

  /** Makes a source send in one of the ways that are not as they should be. */
  misbehave({ id }: Pick<S, 'id'>, way: Irregularity, lateMs: number): void {
    const source = this.#sources.get(id);
    const now = this.#clock.now();
    if (!source) return;
    if (way === 'late') this.#send(source, [this.#measure(source, now - lateMs)]);
    else if (way === 'swapped') {
      const first = this.#measure(source, now - 1_000);
      this.#send(source, [this.#measure(source, now), first]);
    } else this.#repeat(source, now, way);
  }

  /** One slot of the round: every so many-th source. */
  protected takeTurns(): void {
    const now = this.#clock.now();
    for (let i = this.#slot; i < this.#ordered.length && !this.paused; i += this.#slots) {
      const source = this.#ordered[i];
      if (source) this.tick(source, now, now);
    }
    this.#slot = (this.#slot + 1) % this.#slots;
  }

  /** A source measures, with `ts` as the time of it, and sends what is due; the platform gets that at `at`. */
  protected tick(source: Source<S, V>, ts: number, at: number): void {
    const snapshot = this.#measure(source, ts);
    if (!source.online) {
      source.backlog.push(snapshot);
      if (source.backlog.length > LONGEST_BACKLOG) source.backlog.shift();
      return;
    }
    const { seed, irregular } = this.#options;
    const dice = fraction(seed, source.subject.index, snapshot.n, DICE);
    const correctionOf = (wrong: Snapshot<V>) => this.#correctionOf(source, wrong);
    this.#send(source, source.outbox.pass(snapshot, snapshot.n, dice, irregular, correctionOf), at);
  }

  #repeat(source: Source<S, V>, now: number, way: 'duplicate' | 'corrected'): void {
    const { outbox } = source;
    if (!outbox.previous) {
      outbox.previous = this.#measure(source, now);
      this.#send(source, [outbox.previous]);
    }
    const again = way === 'duplicate' ? outbox.previous : this.#correctionOf(source, outbox.previous);
    if (again) this.#send(source, [again]);
  }

  #measure(source: Source<S, V>, ts: number): Snapshot<V> {
    const n = source.n++;
    return { ts, n, values: this.measure(source.subject, n) };
  }

  /** Other values for the same time. */
  #correctionOf({ subject }: Source<S, V>, snapshot: Snapshot<V>): Snapshot<V> | undefined {
    const values = this.corrected(subject, snapshot);
    return values === undefined ? undefined : { ...snapshot, values };
  }

  #send({ subject }: Source<S, V>, snapshots: ReadonlyArray<Snapshot<V>>, at = this.#clock.now()): void {
    for (const snapshot of snapshots) this.send(subject, snapshot, at);
  }
}

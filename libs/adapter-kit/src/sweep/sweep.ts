import { isPlatformError, type PlatformError } from '@tributary/contracts';
import type { ConnectionKit } from '../connection-kit.ts';
import type { Checkpoint, CoveredSpan, Lane, NativeId, Observation, Page, Poll } from '../contract.ts';
import { interleave } from '../interleave.ts';
import { SweptCover } from './swept-cover.ts';

/** How a call is made: whose turn it takes in the budget, and until when it is wanted. */
export interface Call {
  lane: Lane;
  signal: AbortSignal;
}

/** [from, to) in milliseconds since 1970. */
export interface Window {
  fromMs: number;
  toMs: number;
}

/** What a sweep does at each device. */
export interface Look {
  /**
   * Looks at one device for what happened in the window. Yields what it finds and returns whether anything of it was
   * new since the last visit: a device without news is visited less often.
   */
  visit(device: NativeId, window: Window, call: Call): AsyncGenerator<Observation, boolean, undefined>;
  /** Called when what was brought is not known to have arrived: memory of it must go. */
  forget?(): void;
  /** Signals of which a visit can bring the newest value alone, and why; asked after each visit. */
  newestOnly?(device: NativeId): { signals: readonly string[]; reason: string };
}

export interface SweepOptions {
  /** Key of the manifest's schedules, and the word for what is swept. */
  schedule: string;
  lane: Lane;
  look: Look;
  firstLookMs: number;
  lookBackMs: number;
  longestRestMs: number;
  sliceMs: number;
  concurrency: number;
  /**
   * Present where a visit brings telemetry: the sweep says what it has covered. Values younger than `lagMs` may still be
   * on their way to the platform when it is asked.
   */
  covers?: { lagMs: number };
}

/** Says that a device has been visited: an empty page tells the kit that the sweep is alive, however quiet the fleet. */
const VISITED = Symbol('visited');

interface Watch {
  /** Everything that the platform held up to here has been brought. */
  lookedUntilMs: number;
  restMs: number;
  dueAtMs: number;
  trouble?: PlatformError['code'];
}

const FIRST_REST_MS = 5_000;
/** A device whose answers cannot be read keeps the checkpoint back by no more than this. */
const LONGEST_HOLD_MS = 3_600_000;
/** Failures of one device, which must not stop the others. */
const ofOneDevice: readonly PlatformError['code'][] = [
  'not-found',
  'permission-denied',
  'invalid-request',
  'malformed-response',
];

/**
 * Visits every device of the connection, each from where it was last looked at, less the look-back. The checkpoint is
 * one time for all of them, whatever their number: up to `sweptUntil` everything has been brought, of every device.
 */
export class Sweep implements Poll {
  readonly schedule: string;
  readonly #watches = new Map<NativeId, Watch>();
  readonly #cover: SweptCover | undefined;
  /** Number of the last checkpoint handed out. */
  #sweep: number;

  constructor(
    private readonly kit: Pick<ConnectionKit, 'clock' | 'devices' | 'log'>,
    private readonly options: SweepOptions,
  ) {
    this.schedule = options.schedule;
    this.#cover = options.covers && new SweptCover(options.covers.lagMs);
    this.#sweep = kit.clock.now();
  }

  async *run(from: Checkpoint | undefined, signal: AbortSignal): AsyncGenerator<Page<Observation>, void, undefined> {
    const nowMs = this.kit.clock.now();
    // Before the first discovery there is nothing to sweep, and nothing may be called swept.
    if (this.kit.devices().length === 0) return;
    this.#recall(from, nowMs);
    for (let untilMs = this.#sweptUntil(nowMs); untilMs < nowMs; ) {
      untilMs = Math.min(nowMs, untilMs + this.options.sliceMs);
      yield* this.#slice(untilMs, nowMs, signal);
    }
  }

  /** What could not be swept, in words for the connection's health. */
  limitations(): string[] {
    const troubles = [...this.#watches.values()].flatMap(({ trouble }) => trouble ?? []);
    return ofOneDevice.flatMap((trouble) => {
      const devices = troubles.filter((one) => one === trouble).length;
      return devices === 0 ? [] : [`${this.schedule}: ${trouble} for ${devices} device(s)`];
    });
  }

  /**
   * Memory is good only if the checkpoint handed in is the one last handed out: then all that was brought has arrived.
   * Otherwise everything begins again at the checkpoint. A device that turns up later gets a first look of its own.
   */
  #recall(from: Checkpoint | undefined, nowMs: number): void {
    const sweptUntilMs = from?.sweptUntil;
    const known = from?.sweep === this.#sweep;
    if (!known) {
      this.#watches.clear();
      this.#cover?.forget();
      this.options.look.forget?.();
    }
    const firstLookMs = nowMs - this.options.firstLookMs;
    const startMs = known || typeof sweptUntilMs !== 'number' ? firstLookMs : Math.min(sweptUntilMs, nowMs);
    const devices = new Set(this.kit.devices());
    for (const device of this.#watches.keys()) if (!devices.has(device)) this.#watches.delete(device);
    for (const device of devices) {
      if (!this.#watches.has(device)) this.#watches.set(device, { lookedUntilMs: startMs, restMs: 0, dueAtMs: 0 });
    }
    this.#comeBack(nowMs);
  }

  /** A clock that went back: nobody has looked into what is to come, and nobody waits for it. */
  #comeBack(nowMs: number): void {
    const ahead = [...this.#watches.values()].filter(({ lookedUntilMs }) => lookedUntilMs > nowMs);
    if (ahead.length > 0) this.#cover?.forget();
    for (const watch of ahead) {
      watch.lookedUntilMs = nowMs - 1;
      watch.dueAtMs = Math.min(watch.dueAtMs, nowMs);
    }
  }

  async *#slice(
    untilMs: number,
    nowMs: number,
    signal: AbortSignal,
  ): AsyncGenerator<Page<Observation>, void, undefined> {
    const due = [...this.#watches].filter(([, watch]) => watch.dueAtMs <= nowMs && watch.lookedUntilMs < untilMs);
    const failures: PlatformError[] = [];
    this.#cover?.begin([...this.#watches]);
    // Counted before the first visit: a slice that does not come to its checkpoint leaves a memory not to be trusted.
    this.#sweep++;
    const visits = interleave(
      due,
      this.options.concurrency,
      (entry, stop) => this.#visit(entry, untilMs, stop, failures),
      signal,
    );
    for await (const found of visits) yield { items: found === VISITED ? [] : [found] };
    const [failure] = failures;
    // When no device can be read it is not the devices.
    if (failure?.code === 'malformed-response' && failures.length === due.length) throw failure;
    const checkpoint = { sweptUntil: this.#sweptUntil(nowMs), sweep: this.#sweep };
    yield { items: [], checkpoint, ...this.#covered() };
  }

  #covered(): { covers?: CoveredSpan[] } {
    return this.#cover ? { covers: this.#cover.end([...this.#watches]) } : {};
  }

  async *#visit(
    [device, watch]: [NativeId, Watch],
    untilMs: number,
    signal: AbortSignal,
    failures: PlatformError[],
  ): AsyncGenerator<Observation | typeof VISITED, void, undefined> {
    const window = { fromMs: watch.lookedUntilMs - this.options.lookBackMs, toMs: untilMs };
    try {
      const news = yield* this.options.look.visit(device, window, { lane: this.options.lane, signal });
      this.#cover?.read(
        device,
        { ...window, troubled: watch.trouble !== undefined },
        this.options.look.newestOnly?.(device),
      );
      watch.lookedUntilMs = untilMs;
      delete watch.trouble;
      this.#rest(watch, news);
    } catch (error) {
      if (!isPlatformError(error) || !ofOneDevice.includes(error.code)) throw error;
      failures.push(error);
      this.#setAside(device, watch, error);
    }
    yield VISITED;
  }

  #rest(watch: Watch, news: boolean): void {
    watch.restMs = news ? 0 : Math.min(Math.max(FIRST_REST_MS, watch.restMs * 2), this.options.longestRestMs);
    watch.dueAtMs = this.kit.clock.now() + watch.restMs;
  }

  #setAside(device: NativeId, watch: Watch, error: PlatformError): void {
    if (watch.trouble !== error.code) {
      this.kit.log.warn(
        { device, sweep: this.schedule, code: error.code },
        'a device cannot be read; the others go on',
      );
    }
    watch.trouble = error.code;
    this.#rest(watch, false);
  }

  #sweptUntil(nowMs: number): number {
    let least = nowMs;
    for (const { lookedUntilMs, trouble } of this.#watches.values()) {
      if (trouble === 'not-found' || trouble === 'permission-denied') continue;
      least = Math.min(least, trouble ? Math.max(lookedUntilMs, nowMs - LONGEST_HOLD_MS) : lookedUntilMs);
    }
    return least;
  }
}

import { type Clock, systemClock } from '@tributary/runtime';

export interface ScenarioClockOptions {
  /** Wall clock at the start, milliseconds since 1970 UTC; the real one when absent. */
  startAt?: number;
  /** Scenario seconds per real second; 0 is a clock that moves by `advance` alone. Default 1. */
  speed?: number;
  /** Where real time comes from. */
  base?: Clock;
}

export interface ClockReport {
  now: number;
  /** How far the scenario's wall clock is ahead of the real one. */
  offsetMs: number;
  speed: number;
}

interface Timer {
  at: number;
  order: number;
  fire: () => void;
}

/** The one time a simulator knows. It can run, run faster, be shifted, or stand still until a test moves it. */
export class ScenarioClock implements Clock {
  readonly #base: Clock;
  readonly #timers = new Set<Timer>();
  #speed: number;
  #wallMs: number;
  #elapsedMs = 0;
  #anchorMs: number;
  #order = 0;
  #disarm: (() => void) | undefined;

  constructor(options: ScenarioClockOptions = {}) {
    this.#base = options.base ?? systemClock;
    this.#speed = options.speed ?? 1;
    this.#wallMs = options.startAt ?? this.#base.now();
    this.#anchorMs = this.#base.monotonicMs();
  }

  now(): number {
    return Math.round(this.#wallMs + this.#sinceAnchor());
  }

  monotonicMs(): number {
    return this.#elapsedMs + this.#sinceAnchor();
  }

  get speed(): number {
    return this.#speed;
  }

  report(): ClockReport {
    return { now: this.now(), offsetMs: this.now() - Math.round(this.#base.now()), speed: this.#speed };
  }

  /** Moves the wall clock alone, as NTP or an operator would: tokens expire, timers do not notice. */
  shift(ms: number): void {
    this.#wallMs += ms;
  }

  /** Sets the wall clock so that it is `offsetMs` ahead of the real one. */
  setOffset(offsetMs: number): void {
    this.shift(this.#base.now() + offsetMs - this.now());
  }

  setSpeed(speed: number): void {
    this.#settle();
    this.#speed = speed;
    this.#arm();
  }

  /** Moves time by `ms`, firing what falls due in order, and lets promise callbacks run between timers. */
  async advance(ms: number): Promise<void> {
    this.#settle();
    const end = this.#elapsedMs + ms;
    for (let next = this.#earliest(); next && next.at <= end; next = this.#earliest()) {
      this.#timers.delete(next);
      this.#moveTo(Math.max(next.at, this.#elapsedMs));
      next.fire();
      await turn();
    }
    this.#moveTo(Math.max(end, this.#elapsedMs));
    await turn();
    this.#arm();
  }

  after(ms: number, fn: () => void): () => void {
    const timer: Timer = { at: this.monotonicMs() + Math.max(0, ms), order: this.#order++, fire: fn };
    this.#timers.add(timer);
    this.#arm();
    return () => this.#timers.delete(timer);
  }

  every(ms: number, fn: () => void): () => void {
    let due = this.monotonicMs();
    let cancel = () => {};
    const again = () => {
      due = Math.max(due + ms, this.monotonicMs() - ms);
      cancel = this.after(due - this.monotonicMs(), () => {
        again();
        fn();
      });
    };
    again();
    return () => cancel();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.after(ms, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Forgets every timer; the clock can still be read. */
  dispose(): void {
    this.#timers.clear();
    this.#disarm?.();
  }

  #sinceAnchor(): number {
    return (this.#base.monotonicMs() - this.#anchorMs) * this.#speed;
  }

  #settle(): void {
    const passed = this.#sinceAnchor();
    this.#anchorMs = this.#base.monotonicMs();
    this.#wallMs += passed;
    this.#elapsedMs += passed;
  }

  #moveTo(elapsedMs: number): void {
    this.#wallMs += elapsedMs - this.#elapsedMs;
    this.#elapsedMs = elapsedMs;
    this.#anchorMs = this.#base.monotonicMs();
  }

  #earliest(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    }
    return first;
  }

  #arm(): void {
    this.#disarm?.();
    this.#disarm = undefined;
    const next = this.#earliest();
    if (!next || this.#speed <= 0) return;
    const delayMs = Math.max(0, (next.at - this.monotonicMs()) / this.#speed);
    this.#disarm = this.#base.after(Math.min(delayMs, 60_000), () => this.#fireDue());
  }

  #fireDue(): void {
    for (let next = this.#earliest(); next && next.at <= this.monotonicMs() + 0.5; next = this.#earliest()) {
      this.#timers.delete(next);
      next.fire();
    }
    this.#arm();
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

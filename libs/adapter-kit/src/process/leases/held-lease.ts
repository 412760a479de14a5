import { UnavailableError } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import type { LeaseGrant } from '../ports.ts';
import { HybridClock, reservation } from '../publishing/hybrid-clock.ts';

/** Stopped before the store could give the connection to someone else. */
const SAFETY = 0.1;

/**
 * One connection, ours until its lease runs out. Validity is judged on the monotonic clock, counted from before the
 * store was asked: a process that was stopped and wakes finds it invalid before it does anything, however its timers
 * and sockets come back.
 */
export class HeldLease {
  readonly connectionId: string;
  readonly epoch: number;
  readonly revs: HybridClock;
  readonly #clock: Clock;
  readonly #lost = new AbortController();
  #validUntilMs = Number.NEGATIVE_INFINITY;
  #leasedUntilWallMs = 0;
  readonly #granted: bigint;
  #reserved: bigint;
  #cancelTimer = () => {};

  constructor(grant: LeaseGrant, clock: Clock) {
    this.connectionId = grant.connectionId;
    this.epoch = grant.epoch;
    this.#clock = clock;
    this.#granted = grant.revFloor;
    this.#reserved = grant.revFloor;
    this.revs = new HybridClock({
      now: () => clock.now(),
      floor: grant.revFloor,
      ceiling: grant.revFloor,
      epoch: grant.epoch,
    });
  }

  /** May revs be stamped under it yet? */
  get reserved(): boolean {
    return this.#reserved > this.#granted;
  }

  /** Aborts when the lease is lost, and when it is let go. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  get leasedUntilWallMs(): number {
    return this.#leasedUntilWallMs;
  }

  valid(): boolean {
    if (this.#lost.signal.aborted) return false;
    if (this.#clock.monotonicMs() < this.#validUntilMs) return true;
    this.lose('the lease has run out');
    return false;
  }

  /** Before everything that others will see. Throws when the connection is no longer ours. */
  check(): void {
    if (!this.valid()) throw this.#lost.signal.reason;
  }

  /** The floor to write with the next renewal: nothing above it is stamped before that has succeeded. */
  wantedFloor(ttlMs: number): bigint {
    const wanted = reservation({ nowMs: this.#clock.now(), floor: this.revs.last, aheadMs: 2 * ttlMs });
    if (wanted > this.#reserved) return wanted;
    return this.#reserved;
  }

  /** `askedAtMs`: monotonic time from before the store was asked. */
  renewed(askedAtMs: number, ttlMs: number, floor = this.#reserved): void {
    if (this.#lost.signal.aborted) return;
    this.#validUntilMs = askedAtMs + ttlMs * (1 - SAFETY);
    this.#leasedUntilWallMs = this.#clock.now() + ttlMs - (this.#clock.monotonicMs() - askedAtMs);
    this.#reserved = floor;
    this.revs.reserve(floor);
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(this.#validUntilMs - this.#clock.monotonicMs(), () => this.valid());
  }

  lose(reason: string): void {
    this.#cancelTimer();
    this.#lost.abort(new UnavailableError(`connection ${this.connectionId}: ${reason}`));
  }
}

import { REV_TIME_SHIFT } from '@tributary/contracts';

/** A rev is milliseconds, then a counter, then a few bits of the lease's epoch: 63 bits, so it fits Postgres' bigint. */
const OWNER_BITS = 5n;
const COUNTER_BITS = 16n;
const OWNER_MASK = (1n << OWNER_BITS) - 1n;

/** Smallest rev that belongs to this moment (milliseconds since 1970). */
export const revAt = (ms: number): bigint => BigInt(Math.max(0, Math.floor(ms))) << REV_TIME_SHIFT;

/** Stands above every rev that could have been handed out: no stamping before the lease reserved more. */
export class RevsUsedUp extends Error {
  override readonly name = 'RevsUsedUp';
}

export interface HybridClockOptions {
  /** Wall clock, milliseconds; may jump either way. */
  now: () => number;
  /** Every rev of an earlier owner is at most this. */
  floor: bigint;
  /** No rev above this is given out: the next owner starts there. */
  ceiling: bigint;
  epoch: number;
}

/**
 * Stamps revs: strictly increasing, close to the wall clock, above everything an earlier owner has stamped. An owner
 * reserves ahead (`ceiling`, written to the lease row before use), so the next one starts above whatever a paused
 * owner may yet stamp; the owner's bits keep two owners apart even so.
 */
export class HybridClock {
  readonly #now: () => number;
  readonly #owner: bigint;
  #base: bigint;
  #ceiling: bigint;

  constructor(options: HybridClockOptions) {
    this.#now = options.now;
    this.#owner = BigInt(options.epoch) & OWNER_MASK;
    this.#base = options.floor >> OWNER_BITS;
    this.#ceiling = options.ceiling;
  }

  /** Throws `RevsUsedUp` above the ceiling. */
  next(): bigint {
    const wall = revAt(this.#now()) >> OWNER_BITS;
    // A wall clock ahead of the reservation waits at its edge; the counter goes on from there.
    const edge = (this.#ceiling >> OWNER_BITS) - (1n << COUNTER_BITS);
    const base = greater(smaller(wall, edge), this.#base + 1n);
    const rev = (base << OWNER_BITS) | this.#owner;
    if (rev > this.#ceiling) throw new RevsUsedUp('the lease has not reserved more revs');
    this.#base = base;
    return rev;
  }

  /** The lease row now reserves up to here. Never lowers it. */
  reserve(ceiling: bigint): void {
    if (ceiling > this.#ceiling) this.#ceiling = ceiling;
  }

  /** Floor for whoever comes next after an orderly release: nothing above it was stamped. */
  get last(): bigint {
    return (this.#base << OWNER_BITS) | OWNER_MASK;
  }
}

/** How far to reserve: past what can be stamped until the next renewal, whatever the wall clock does meanwhile. */
export const reservation = (options: { nowMs: number; floor: bigint; aheadMs: number }): bigint => {
  return greater(revAt(options.nowMs + options.aheadMs), options.floor + revAt(1_000));
};

// Math.max and Math.min take no bigint.
function greater(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

function smaller(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

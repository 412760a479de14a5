import type { Soundings } from '@tributary/database';
import type { Clock, Logger } from '@tributary/runtime';

export interface SoundingParts {
  replica: string;
  soundings: Pick<Soundings, 'now' | 'report' | 'certify' | 'sound' | 'leave'>;
  /** Messages that wait in the queues in which points can be. Rejects while the broker is away. */
  waiting(): Promise<number>;
  /** For how long this process has held its oldest message; 0 without one. Milliseconds. */
  heldMs(): number;
  /** How long ago it gave something back to the queue, if it ever did. Milliseconds. */
  returnedMs(): number | undefined;
  everyMs: number;
  clock: Clock;
  log: Logger;
}

/** A replica that has not been heard of for this many rounds is gone, and what it held is with the queue again. */
const ROUNDS_TO_LIVE = 12;

/**
 * Tells, from time to time, what this replica holds, and looks whether the queues are empty: so the account learns until
 * when everything that was handed over has been dealt with. Between the broker's "delivered" and our "held" a message is
 * on its way, and so it is for a moment after it was given back: one round is left for that.
 */
export class Sounding {
  readonly #parts: SoundingParts;

  constructor(parts: SoundingParts) {
    this.#parts = parts;
  }

  /** One round. To be called before anything is consumed, and then again and again. Rejects when the database is away. */
  async round(): Promise<void> {
    const { soundings } = this.#parts;
    await this.#report();
    await soundings.certify();
    const at = await soundings.now();
    if (await this.#allEmpty()) await soundings.sound(at);
  }

  /** To be called when nothing is consumed any more. */
  async leave(): Promise<void> {
    const { soundings, replica, log } = this.#parts;
    try {
      await soundings.leave(replica);
    } catch (error) {
      log.debug({ err: error }, 'this replica could not sign off; it counts for a while longer');
    }
  }

  async #report(): Promise<void> {
    const { soundings, replica, everyMs, heldMs, returnedMs } = this.#parts;
    // Before anything is looked at: what arrives meanwhile must not be overlooked.
    const at = await soundings.now();
    const returned = returnedMs();
    await soundings.report({
      replica,
      at,
      heldMs: heldMs() + everyMs,
      returnedMs: returned === undefined ? undefined : returned - everyMs,
      ttlMs: everyMs * ROUNDS_TO_LIVE,
    });
  }

  async #allEmpty(): Promise<boolean> {
    try {
      return (await this.#parts.waiting()) === 0;
    } catch (error) {
      this.#parts.log.debug({ err: error }, 'the queues could not be looked at');
      return false;
    }
  }
}

import type { TributaryEvent } from '@tributary/contracts';
import type { Clock, Logger } from '@tributary/runtime';
import type { HeldLease } from '../leases/held-lease.ts';
import type { StatusBook } from '../ports.ts';
import type { ConnectionPublisher } from '../publishing/connection-publisher.ts';
import { fullJitter } from '../scheduling/backoff.ts';
import type { DueQueue } from '../scheduling/due-queue.ts';
import type { Status, StatusChange } from './connection-status.ts';

export interface StatusTellerOptions {
  lease: HeldLease;
  publisher: ConnectionPublisher;
  book: StatusBook;
  due: DueQueue;
  clock: Clock;
  random: () => number;
  log: Logger;
  /** What was last said of the connection, and the event that may not have been sent. */
  lastSaid: Status;
  unsaid: TributaryEvent | undefined;
}

const RETRY = { baseMs: 500, capMs: 10_000 };

/**
 * Says how the connection is, in order. Each word is written down before it is sent, and crossed out once the broker has
 * it: an owner that dies in between leaves it to the next, who sends the same event again, and one that dies before has
 * said nothing. Nothing is said without the lease.
 */
export class StatusTeller {
  readonly #options: StatusTellerOptions;
  #lastSaid: Status;
  #unsaid: TributaryEvent | undefined;
  #told: Promise<void>;

  constructor(options: StatusTellerOptions) {
    this.#options = options;
    this.#lastSaid = options.lastSaid;
    this.#unsaid = options.unsaid;
    this.#told = options.unsaid ? this.#untilDone(() => this.#send()) : Promise.resolve();
  }

  /** What whoever takes over has to know. */
  get said(): { lastStatus: Status; unsaid?: TributaryEvent } {
    return { lastStatus: this.#lastSaid, ...(this.#unsaid ? { unsaid: this.#unsaid } : {}) };
  }

  tell(status: Status, { event, ...details }: StatusChange): void {
    const atMs = this.#options.clock.now();
    const word: { made?: TributaryEvent } = {};
    this.#told = this.#told.then(() =>
      this.#untilDone(async () => {
        word.made ??= this.#options.publisher.connectionEvent(event, details, atMs);
        await this.#say(status, word.made);
      }),
    );
  }

  /** Everything has been said, or the lease is gone. */
  settled(): Promise<void> {
    return this.#told;
  }

  async #say(status: Status, event: TributaryEvent): Promise<void> {
    if (this.#unsaid?.id !== event.id) {
      const { lease, book } = this.#options;
      lease.check();
      if (!(await book.say(lease, status, event))) return lease.lose('somebody else has it');
      this.#lastSaid = status;
      this.#unsaid = event;
    }
    await this.#send();
  }

  async #send(): Promise<void> {
    const { publisher, book, lease, log } = this.#options;
    const event = this.#unsaid;
    if (!event) return;
    await publisher.send(event);
    this.#unsaid = undefined;
    await book.said(lease.connectionId, event.id).catch((error: unknown) => {
      log.debug({ err: error }, 'what was said could not be crossed out; the next owner says it once more');
    });
  }

  /** The database and the broker may be away; without the lease it is another's turn. */
  async #untilDone(work: () => Promise<void>): Promise<void> {
    const { lease, due, random, log } = this.#options;
    for (let failures = 1; lease.valid(); failures++) {
      try {
        return await work();
      } catch (error) {
        if (!lease.valid()) return;
        log.debug({ err: error }, 'a change of status could not be said yet');
        await due.sleep(fullJitter(failures, { ...RETRY, random }), lease.signal).catch(() => undefined);
      }
    }
  }
}

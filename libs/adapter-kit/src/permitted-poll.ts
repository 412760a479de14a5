import { isPlatformError } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import type { Checkpoint, Observation, Page, Poll } from './contract.ts';
import type { Limitations } from './limitations.ts';

export interface PermittedPollOptions {
  limitations: Limitations;
  /** What is forbidden: the key of the limitation, and its text. */
  what: string;
  text: string;
  /** Once it was refused, it is not tried again for so long. Without this, each turn tries again. */
  rest?: { ms: number; clock: Pick<Clock, 'now'> };
}

/** A poll that the connection's rights may forbid: that is said, and is no failure of the connection. */
export class PermittedPoll implements Poll {
  readonly schedule: string;
  #offUntilMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly poll: Poll,
    private readonly options: PermittedPollOptions,
  ) {
    this.schedule = poll.schedule;
  }

  async *run(from: Checkpoint | undefined, signal: AbortSignal): AsyncGenerator<Page<Observation>, void, undefined> {
    const { limitations, what, text, rest } = this.options;
    if (rest && rest.clock.now() < this.#offUntilMs) return;
    try {
      yield* this.poll.run(from, signal);
      limitations.lift(what);
    } catch (error) {
      if (!isPlatformError(error) || error.code !== 'permission-denied') throw error;
      // The right may be given any day: it is looked for again.
      if (rest) this.#offUntilMs = rest.clock.now() + rest.ms;
      limitations.note(what, text);
    }
  }
}

import type { Checkpoint, Clock, Limitations, Observation, Page, Poll } from '@tributary/adapter-kit';
import { isPlatformError } from '@tributary/contracts';

/** A right that is missing is looked for again now and then: somebody may have given it. */
const LOOK_AGAIN_MS = 3_600_000;

/** A poll that the token's role may forbid: that is said, costs nothing more, and is no failure of the connection. */
export class PermittedPoll implements Poll {
  readonly schedule: string;
  #offUntilMs = 0;

  constructor(
    private readonly poll: Poll,
    private readonly options: { what: string; limitations: Limitations; clock: Clock },
  ) {
    this.schedule = poll.schedule;
  }

  async *run(from: Checkpoint | undefined, signal: AbortSignal): AsyncGenerator<Page<Observation>, void, undefined> {
    const { what, limitations, clock } = this.options;
    if (clock.now() < this.#offUntilMs) return;
    try {
      yield* this.poll.run(from, signal);
      limitations.lift(what);
    } catch (error) {
      if (!isPlatformError(error) || error.code !== 'permission-denied') throw error;
      this.#offUntilMs = clock.now() + LOOK_AGAIN_MS;
      limitations.note(what, `the token's role does not allow reading ${what}`);
    }
  }
}

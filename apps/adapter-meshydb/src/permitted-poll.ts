import type { Checkpoint, Limitations, Observation, Page, Poll } from '@tributary/adapter-kit';
import { isPlatformError } from '@tributary/contracts';

/** A mesh that the user may not read is said in the health and asked for again; the others go on. */
export class PermittedPoll implements Poll {
  readonly schedule: string;

  constructor(
    private readonly poll: Poll,
    private readonly mesh: string,
    private readonly limitations: Limitations,
  ) {
    this.schedule = poll.schedule;
  }

  async *run(from: Checkpoint | undefined, signal: AbortSignal): AsyncGenerator<Page<Observation>, void, undefined> {
    const what = `${this.mesh} right`;
    try {
      yield* this.poll.run(from, signal);
      this.limitations.lift(what);
    } catch (error) {
      if (!isPlatformError(error) || error.code !== 'permission-denied') throw error;
      this.limitations.note(what, `the user may not read the mesh "${this.mesh}"`);
    }
  }
}

import { TimeoutError, UnavailableError } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import type { Checkpoint, Observation, Page, Poll } from '../../contract.ts';
import type { HeldLease } from '../leases/held-lease.ts';
import type { CheckpointStore, Failpoint, SavedCheckpoint } from '../ports.ts';

export interface PollRunnerOptions {
  name: string;
  poll: Poll;
  lease: HeldLease;
  checkpoints: CheckpointStore;
  /** Resolves once the broker has confirmed. */
  observe: (observation: Observation) => Promise<void>;
  flush: () => void;
  failpoint: Failpoint;
  clock: Clock;
  onSaved?: () => void;
}

/** Pages whose confirms may be awaited while the next is fetched. */
const MAX_PAGES_AHEAD = 4;
/** A page that takes longer is given up, and the round with it. */
const PAGE_TIMEOUT_MS = 300_000;

/**
 * One round of a poll: pages out, confirms in, and only then the checkpoint, page by page and in order. Whatever fails,
 * the checkpoint stands where everything before it is with the broker, and the next round resumes there.
 */
export async function runPoll(options: PollRunnerOptions, signal: AbortSignal): Promise<void> {
  const { name, poll, lease, checkpoints, clock } = options;
  const saved = await checkpoints.get(lease.connectionId, name);
  const round = new Round(options, saved);
  const stuck = new AbortController();
  const pages = poll.run(saved?.value, AbortSignal.any([signal, stuck.signal]))[Symbol.asyncIterator]();
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await nextPage(pages, signal, { stuck, clock, name });
      if (next.done) break;
      await round.take(next.value);
    }
  } catch (error) {
    // What was read before the failure still counts.
    await round.finish().catch(() => undefined);
    stuck.abort(error);
    // An iterator that hangs would hang here as well: it is told to stop and not waited for.
    void pages.return?.().catch(() => undefined);
    throw error;
  }
  await round.finish();
}

async function nextPage(
  pages: AsyncIterator<Page<Observation>>,
  signal: AbortSignal,
  { stuck, clock, name }: { stuck: AbortController; clock: Clock; name: string },
): Promise<IteratorResult<Page<Observation>>> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const cancel = clock.after(PAGE_TIMEOUT_MS, () => {
    const error = new TimeoutError(`${name}: no page within ${PAGE_TIMEOUT_MS / 1_000} s`);
    stuck.abort(error);
    reject(error);
  });
  try {
    return await Promise.race([pages.next(), promise]);
  } finally {
    cancel();
    signal.removeEventListener('abort', abort);
  }
}

/** The pages of one round, saved strictly in order. */
class Round {
  readonly #options: PollRunnerOptions;
  #version: number;
  #waiting: Promise<void>[] = [];
  #tail: Promise<void> = Promise.resolve();

  constructor(options: PollRunnerOptions, saved: SavedCheckpoint | undefined) {
    this.#options = options;
    this.#version = saved?.version ?? 0;
  }

  async take(page: Page<Observation>): Promise<void> {
    const { observe, flush, lease } = this.#options;
    lease.check();
    const before = this.#tail;
    const confirmed = Promise.all(page.items.map((item) => observe(item)));
    flush();
    const done = this.#confirmThenSave(before, confirmed, page.checkpoint);
    this.#tail = done;
    // Handled where it is awaited: by the next take that waits for it, or by finish.
    done.catch(() => undefined);
    this.#waiting.push(done);
    if (this.#waiting.length >= MAX_PAGES_AHEAD) await this.#waiting.shift();
  }

  async finish(): Promise<void> {
    this.#options.flush();
    await this.#tail;
  }

  async #confirmThenSave(
    before: Promise<void>,
    confirmed: Promise<unknown>,
    checkpoint: Checkpoint | undefined,
  ): Promise<void> {
    // A failed page stops every later one from being saved.
    await Promise.all([before, confirmed]);
    if (!checkpoint) return;
    const { lease, checkpoints, name, failpoint, onSaved } = this.#options;
    await failpoint('after-confirm-before-checkpoint');
    lease.check();
    const expected = { version: this.#version, epoch: lease.epoch };
    if (!(await checkpoints.save(lease.connectionId, name, checkpoint, expected))) {
      throw new UnavailableError(`${name}: the checkpoint was moved by somebody else`);
    }
    this.#version += 1;
    await failpoint('after-checkpoint');
    onSaved?.();
  }
}

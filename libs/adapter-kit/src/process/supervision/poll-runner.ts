import { TimeoutError, UnavailableError } from '@tributary/contracts';
import type { SpanStatement } from '@tributary/database';
import type { Clock } from '@tributary/runtime';
import type { Checkpoint, Observation, Page, Poll } from '../../contract.ts';
import { withSources } from '../../lineage/with-sources.ts';
import { statementsOf } from '../coverage/covered.ts';
import type { HeldLease } from '../leases/held-lease.ts';
import type { CheckpointStore, Failpoint, SavedCheckpoint } from '../ports.ts';
import type { RunLedger } from '../publishing/run-ledger.ts';

export interface PollRunnerOptions {
  name: string;
  poll: Poll;
  lease: HeldLease;
  checkpoints: CheckpointStore;
  /** Resolves once the broker has confirmed. */
  observe: (observation: Observation) => Promise<void>;
  flush: () => void;
  /** Resolves once what was set aside is kept: the source will not give it again. */
  kept?: (() => Promise<void>) | undefined;
  /** What it says is written with each checkpoint: what the source will not give again is in the account. */
  ledger?: Pick<RunLedger, 'report' | 'run'>;
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
  const pages = withSources(poll.run(saved?.value, AbortSignal.any([signal, stuck.signal])))[Symbol.asyncIterator]();
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
  /** Of confirmed pages, and not yet written. */
  #covered: SpanStatement[] = [];

  constructor(options: PollRunnerOptions, saved: SavedCheckpoint | undefined) {
    this.#options = options;
    this.#version = saved?.version ?? 0;
  }

  async take(page: Page<Observation>): Promise<void> {
    const { observe, flush, lease, failpoint } = this.#options;
    await failpoint('after-map');
    lease.check();
    const before = this.#tail;
    const confirmed = Promise.all(page.items.map((item) => observe(item)));
    flush();
    const done = this.#confirmThenSave(before, confirmed, page);
    this.#tail = done;
    // Handled where it is awaited: by the next take that waits for it, or by finish.
    done.catch(() => undefined);
    this.#waiting.push(done);
    if (this.#waiting.length >= MAX_PAGES_AHEAD) await this.#waiting.shift();
  }

  async finish(): Promise<void> {
    this.#options.flush();
    await this.#tail.finally(() => this.#coverTheRest());
  }

  async #confirmThenSave(before: Promise<void>, confirmed: Promise<unknown>, page: Page<Observation>): Promise<void> {
    // A failed page stops every later one from being saved.
    await Promise.all([before, confirmed, this.#options.kept?.()]);
    const { lease, name, ledger } = this.#options;
    const speaker = { connectionId: lease.connectionId, source: name, run: ledger?.run, onward: true };
    this.#covered.push(...statementsOf(page, speaker));
    if (page.checkpoint) await this.#save(page.checkpoint);
  }

  async #save(checkpoint: Checkpoint): Promise<void> {
    const { lease, checkpoints, name, failpoint, onSaved, ledger, clock } = this.#options;
    await failpoint('after-confirm-before-checkpoint');
    lease.check();
    const expected = { version: this.#version, epoch: lease.epoch };
    const account = ledger?.report(clock.now());
    const also = { account: account?.entries, covers: this.#covered };
    if (!(await checkpoints.save(lease.connectionId, name, checkpoint, expected, also))) {
      throw new UnavailableError(`${name}: the checkpoint was moved by somebody else`);
    }
    this.#version += 1;
    this.#covered = [];
    account?.written();
    await failpoint('after-checkpoint');
    onSaved?.();
  }

  /** What was read is so also where no checkpoint says it. */
  async #coverTheRest(): Promise<void> {
    const { lease, checkpoints } = this.#options;
    const covered = this.#covered;
    this.#covered = [];
    if (covered.length > 0) await checkpoints.cover(lease, covered);
  }
}

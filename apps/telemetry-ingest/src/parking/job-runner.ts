import type { ParkVerdict } from '@tributary/contracts';
import type { JobMessage, JobOutcome, ParkedJobs, RunningJob } from '@tributary/database';
import type { JobQueue } from '@tributary/jobs';
import type { Clock, Logger } from '@tributary/runtime';
import type { StorageGate } from '../batches/storage-gate.ts';
import type { ParkedJobData } from '../queues.ts';
import { verdictOf } from './redrive.ts';
import type { Replayer } from './replays.ts';

export interface JobRunnerOptions {
  jobs: ParkedJobs;
  replayer: Pick<Replayer, 'replay' | 'preview'>;
  gate: StorageGate;
  /** Messages of one job in a second, at most: live intake comes first. */
  perSecond: number;
  clock: Clock;
  log: Logger;
}

const SWEEP_MS = 2_000;
/** So long nobody has settled a message of it: whoever was at it is gone, or Redis has forgotten it. */
const RESTING_MS = 5_000;
/** Messages of one look into the database. */
const SLICE = 100;
/** Devices that are worked on at once; messages of one device go one after another. */
const LANES = 4;
const UNKNOWN = verdictOf(
  { reason: 'unknown-replay', problems: [{ path: '', problem: 'replaying it failed' }] },
  false,
);
const OUTCOME: Record<'wholly' | 'partly' | 'not', JobOutcome> = {
  wholly: 'replayed',
  partly: 'still_parked',
  not: 'still_parked',
};

/**
 * Works on jobs over many parked messages. Postgres knows what is left of a job; the queue in Redis only lets one replica
 * at a time be at it, and is filled again from Postgres.
 */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #life = new AbortController();
  #queue: Pick<JobQueue<ParkedJobData>, 'add'> | undefined;
  #cancelSweep: () => void = () => undefined;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
  }

  start(queue: Pick<JobQueue<ParkedJobData>, 'add'>): void {
    this.#queue = queue;
    this.#cancelSweep = this.#options.clock.every(SWEEP_MS, () => void this.#sweep());
  }

  stop(): void {
    this.#cancelSweep();
    this.#life.abort(new Error('stopping'));
  }

  /** Somebody made this job just now. Where Redis does not take it, the next sweep sees to it. */
  soon(jobId: string): void {
    const { log } = this.#options;
    this.#queue
      ?.add({ jobId }, { id: jobId })
      .catch((error: unknown) => log.debug({ err: error, jobId }, 'a job waits until Redis takes it'));
  }

  /** Until the job has ended, or this process does. */
  async process({ jobId }: ParkedJobData): Promise<void> {
    const { jobs, gate, clock, perSecond } = this.#options;
    const { signal } = this.#life;
    for (;;) {
      const fromMs = clock.monotonicMs();
      const job = await gate.run(() => jobs.running(jobId), signal);
      if (!job) return;
      const messages = await gate.run(() => jobs.next(jobId, SLICE), signal);
      if (messages.length === 0) {
        await gate.run(() => jobs.finish(jobId), signal);
        continue;
      }
      await this.#slice(job, messages);
      const leastMs = (messages.length * 1_000) / perSecond;
      await clock.sleep(Math.max(0, leastMs - (clock.monotonicMs() - fromMs)), signal);
    }
  }

  async #slice(job: RunningJob, messages: readonly JobMessage[]): Promise<void> {
    const { jobs, gate } = this.#options;
    if (job.kind === 'discard') {
      const ids = messages.map(({ id }) => id);
      return gate.run(() => jobs.discard(job, ids), this.#life.signal);
    }
    const byDevice = Map.groupBy(messages, ({ deviceId, connectionId }) => deviceId ?? connectionId ?? '');
    const waiting = [...byDevice.values()];
    const lane = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        for (const message of next) await this.#one(job, message);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  async #one(job: RunningJob, { id, state }: JobMessage): Promise<void> {
    const { jobs, gate } = this.#options;
    const { signal } = this.#life;
    const verdict = state === 'parked' ? await this.#verdict(job, id) : undefined;
    // Replayed already: by this job, before whoever was at it could count it.
    const settled = state === 'replayed' && job.kind === 'replay' ? 'replayed' : 'skipped';
    const outcome = verdict ? OUTCOME[verdict.fits] : settled;
    await gate.run(() => jobs.settled(job, id, outcome, verdict), signal);
  }

  async #verdict(job: RunningJob, id: string): Promise<ParkVerdict | undefined> {
    const { replayer, log } = this.#options;
    const { signal } = this.#life;
    if (job.kind === 'rehearsal') return replayer.preview(id, signal);
    try {
      return await replayer.replay(id, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      // One message must not hold up a job for ever: it stays parked.
      log.error({ err: error, parkedId: id, jobId: job.id }, 'a message could not be replayed for no known reason');
      return UNKNOWN;
    }
  }

  async #sweep(): Promise<void> {
    try {
      for (const { id } of await this.#options.jobs.resting(RESTING_MS)) this.soon(id);
    } catch (error) {
      this.#options.log.debug({ err: error }, 'could not look for jobs that rest');
    }
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { JobQueue } from '@tributary/jobs';
import type { IngestContext } from '../foundation.module.ts';
import { type ParkedJobData, queues } from '../queues.ts';
import { Processes } from '../telemetry/processes.ts';
import { CONTEXT } from '../tokens.ts';
import { JobRunner } from './job-runner.ts';

/** Jobs that one replica works on at once. */
const CONCURRENCY = 2;

/** Lets one replica at a time work on a job over many parked messages. */
@Processes('parkedJobs')
@Injectable()
export class ParkedJobProcessor {
  readonly #context: IngestContext;
  readonly #runner: JobRunner;
  #queue: JobQueue<ParkedJobData> | undefined;

  constructor(@Inject(CONTEXT) context: IngestContext, @Inject(JobRunner) runner: JobRunner) {
    this.#context = context;
    this.#runner = runner;
  }

  start(): void {
    const { config, clock, log } = this.#context;
    this.#queue = new JobQueue<ParkedJobData>({
      redisUrl: config.REDIS_URL,
      namespace: config.TRIBUTARY_NAMESPACE,
      queue: queues.parkedJobs,
      concurrency: CONCURRENCY,
      process: (data) => this.#runner.process(data),
      clock,
      log,
    });
    this.#runner.start(this.#queue);
  }

  /** What is under way ends between two messages; another replica goes on with it. */
  async stop(): Promise<void> {
    this.#runner.stop();
    await this.#queue?.close();
  }
}

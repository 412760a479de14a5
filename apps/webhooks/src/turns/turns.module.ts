import { Module } from '@nestjs/common';
import type { DeliveryTurns } from '@tributary/database';
import { JobQueue } from '@tributary/jobs';
import type { WebhooksContext } from '../foundation.module.ts';
import { queues, type TurnJob } from '../queues.ts';
import { SendingModule } from '../sending/sending.module.ts';
import type { TurnRunner } from '../sending/turn-runner.ts';
import { CONTEXT, TURN_DISPATCH, TURN_QUEUES, TURN_RUNNER, TURNS } from '../tokens.ts';
import { RetryProcessor, TurnProcessor } from './turn.processor.ts';
import { TurnDispatch } from './turn-dispatch.ts';

export interface TurnQueues {
  turns: JobQueue<TurnJob>;
  retries: JobQueue<TurnJob>;
}

function openQueues(context: WebhooksContext, turns: TurnProcessor, retries: RetryProcessor): TurnQueues {
  const { config, clock, log } = context;
  const shared = {
    redisUrl: config.REDIS_URL,
    namespace: config.TRIBUTARY_NAMESPACE,
    concurrency: config.WEBHOOKS_CONCURRENCY,
    clock,
    log,
  };
  return {
    turns: new JobQueue({ ...shared, queue: queues.turns, process: (job) => turns.process(job) }),
    retries: new JobQueue({ ...shared, queue: queues.retries, process: (job) => retries.process(job) }),
  };
}

@Module({
  imports: [SendingModule],
  providers: [
    TurnProcessor,
    RetryProcessor,
    {
      provide: TURN_QUEUES,
      inject: [CONTEXT, TurnProcessor, RetryProcessor],
      useFactory: openQueues,
    },
    {
      provide: TURN_DISPATCH,
      inject: [CONTEXT, TURN_QUEUES, TURN_RUNNER, TURNS, TurnProcessor, RetryProcessor],
      useFactory: (
        { config, clock, log, metrics, replica }: WebhooksContext,
        opened: TurnQueues,
        runner: TurnRunner,
        turns: DeliveryTurns,
        ...processors: TurnProcessor[]
      ) => {
        const dispatch = new TurnDispatch({
          queues: opened,
          run: (subscriptionId) => runner.run(subscriptionId),
          overdue: (graceMs) => turns.overdue(replica, graceMs),
          concurrency: config.WEBHOOKS_CONCURRENCY,
          clock,
          log,
          metrics,
        });
        for (const processor of processors) processor.takeBy(dispatch);
        return dispatch;
      },
    },
  ],
  exports: [TURN_QUEUES, TURN_DISPATCH],
})
export class TurnsModule {}

import { Module } from '@nestjs/common';
import type { CredentialVault, DeliveryTurns } from '@tributary/database';
import type { WebhooksContext } from '../foundation.module.ts';
import type { Wakes } from '../planning/wakes.ts';
import { CONTEXT, RECEIVERS, TURN_RUNNER, TURNS, VAULT, WAKES } from '../tokens.ts';
import { SendingMetrics } from './metrics.ts';
import { Receivers } from './receivers.ts';
import { TestCall } from './test-call.ts';
import { TurnRunner } from './turn-runner.ts';

@Module({
  providers: [
    TestCall,
    {
      provide: RECEIVERS,
      inject: [CONTEXT],
      useFactory: ({ config, clock }: WebhooksContext) =>
        new Receivers({
          timeoutMs: config.WEBHOOKS_TIMEOUT,
          allowPrivateAddresses: config.ALLOW_PRIVATE_ADDRESSES,
          clock,
        }),
    },
    {
      provide: TURN_RUNNER,
      inject: [CONTEXT, TURNS, RECEIVERS, VAULT, WAKES],
      useFactory: (
        { config, clock, log, metrics, shutdown }: WebhooksContext,
        turns: DeliveryTurns,
        receivers: Receivers,
        vault: CredentialVault,
        wakes: Wakes,
      ) =>
        new TurnRunner({
          turns,
          receivers,
          vault,
          policy: {
            firstMs: config.WEBHOOKS_RETRY_FIRST,
            mostMs: config.WEBHOOKS_RETRY_MOST,
            suspendAfterMs: config.WEBHOOKS_SUSPEND_AFTER,
          },
          timeoutMs: config.WEBHOOKS_TIMEOUT,
          clock,
          log,
          metrics: new SendingMetrics(metrics),
          stopping: shutdown.signal,
          onProgress: (subscriptionId) => wakes.wake(subscriptionId),
        }),
    },
  ],
  exports: [TestCall, RECEIVERS, TURN_RUNNER],
})
export class SendingModule {}

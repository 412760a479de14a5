import { Module } from '@nestjs/common';
import { type Database, DeliveryPlans, SubscriptionLeases } from '@tributary/database';
import type { EventLog } from '@tributary/messaging';
import type { WebhooksContext } from '../foundation.module.ts';
import { LeaseRounds } from '../leases/lease-rounds.ts';
import { CONTEXT, DATABASE, EVENT_LOG, LEASE_ROUNDS, PLANNERS, TURN_DISPATCH, WAKES } from '../tokens.ts';
import type { TurnDispatch } from '../turns/turn-dispatch.ts';
import { TurnsModule } from '../turns/turns.module.ts';
import { Planners } from './planners.ts';
import type { Wakes } from './wakes.ts';

/** Bytes of one subscription that may wait in the database. */
const READ_AHEAD_BYTES = 4 * 1024 * 1024;

@Module({
  imports: [TurnsModule],
  providers: [
    {
      provide: PLANNERS,
      inject: [CONTEXT, DATABASE, EVENT_LOG, WAKES, TURN_DISPATCH],
      useFactory: (
        { config, clock, log: logger }: WebhooksContext,
        db: Database,
        log: EventLog,
        wakes: Wakes,
        dispatch: TurnDispatch,
      ) =>
        new Planners({
          plans: new DeliveryPlans(db),
          log,
          wakes,
          clock,
          logger,
          onPending: (id) => void dispatch.ask(id, { afterMs: 0, troubled: false }),
          readAhead: { deliveries: config.WEBHOOKS_READ_AHEAD, bytes: READ_AHEAD_BYTES },
        }),
    },
    {
      provide: LEASE_ROUNDS,
      inject: [CONTEXT, DATABASE, PLANNERS],
      useFactory: ({ config, clock, log, replica, health }: WebhooksContext, db: Database, planners: Planners) => {
        const part = health.part('leases');
        let failing = false;
        return new LeaseRounds({
          leases: new SubscriptionLeases(db),
          replica,
          ttlMs: config.WEBHOOKS_LEASE_TTL,
          clock,
          onHeld: (lease) => planners.begin(lease),
          onLost: (id) => planners.end(id),
          onRound: (error) => {
            if (error === undefined) part.ready();
            else part.unready('the database does not answer');
            if (error !== undefined && !failing) log.warn({ err: error }, 'leases could not be renewed');
            failing = error !== undefined;
          },
        });
      },
    },
  ],
  exports: [PLANNERS, LEASE_ROUNDS],
})
export class PlanningModule {}

import { Module } from '@nestjs/common';
import { Conservation, CoverageReader, type Database, Soundings } from '@tributary/database';
import type { Broker } from '@tributary/messaging';
import { newEventId } from '@tributary/runtime';
import type { IngestContext } from '../foundation.module.ts';
import type { Intake } from '../intake/intake.ts';
import { DeadLetters } from '../parking/dead-letters.ts';
import { ReplaysModule } from '../parking/replays.module.ts';
import { TelemetryModule } from '../telemetry/telemetry.module.ts';
import { BROKER, CONTEXT, DATABASE, TELEMETRY_INTAKE } from '../tokens.ts';
import { AccountSchedule } from './account-schedule.ts';
import { BalanceWatch } from './balance-watch.ts';
import { CoverageWatch } from './coverage-watch.ts';
import { Sounding } from './sounding.ts';

@Module({
  imports: [TelemetryModule, ReplaysModule],
  providers: [
    {
      provide: Sounding,
      inject: [CONTEXT, DATABASE, BROKER, TELEMETRY_INTAKE, DeadLetters],
      useFactory: (
        { config, clock, log }: IngestContext,
        db: Database,
        broker: Broker,
        intake: Intake<unknown>,
        deadLetters: DeadLetters,
      ) =>
        new Sounding({
          replica: newEventId(),
          soundings: new Soundings(db),
          // First the queue, then where its dead letters go: what moves from one to the other is seen in the second.
          waiting: async () =>
            (await broker.waiting(broker.names.ingestTelemetry)) + (await broker.waiting(broker.names.ingestDead)),
          heldMs: () => Math.max(intake.heldMs, deadLetters.heldMs),
          returnedMs: () => intake.returnedMs,
          everyMs: config.CONSERVATION_EVERY,
          clock,
          log,
        }),
    },
    {
      provide: BalanceWatch,
      inject: [CONTEXT, DATABASE],
      useFactory: ({ log, metrics }: IngestContext, db: Database) =>
        new BalanceWatch({ account: new Conservation(db), log, metrics }),
    },
    {
      provide: CoverageWatch,
      inject: [CONTEXT, DATABASE],
      useFactory: ({ clock, metrics }: IngestContext, db: Database) =>
        new CoverageWatch({ coverage: new CoverageReader(db.pool), clock, metrics }),
    },
    {
      provide: AccountSchedule,
      inject: [CONTEXT, Sounding, BalanceWatch, CoverageWatch],
      useFactory: (
        { config, clock, log }: IngestContext,
        sounding: Sounding,
        watch: BalanceWatch,
        coverage: CoverageWatch,
      ) => new AccountSchedule({ sounding, watch, coverage, everyMs: config.CONSERVATION_EVERY, clock, log }),
    },
  ],
  exports: [AccountSchedule],
})
export class ConservationModule {}

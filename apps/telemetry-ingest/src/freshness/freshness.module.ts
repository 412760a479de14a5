import { Module } from '@nestjs/common';
import { type Database, FreshnessWatch, SilenceBook, type SilenceNews } from '@tributary/database';
import type { Broker } from '@tributary/messaging';
import { newEventId } from '@tributary/runtime';
import type { StorageGate, StorageTrouble } from '../batches/storage-gate.ts';
import type { IngestContext } from '../foundation.module.ts';
import { BROKER, CONTEXT, DATABASE, STORAGE_GATE } from '../tokens.ts';
import { FreshnessSchedule } from './freshness-schedule.ts';
import { HouseLinks } from './house-links.ts';
import { KnownDevices } from './known-devices.ts';
import { SilenceWatch } from './silence-watch.ts';
import { UnstoredSilences } from './unstored-silences.ts';

/** Silences that are over are kept so long. */
const KEEP_MS = 90 * 86_400_000;

const STORES_NOTHING: Record<StorageTrouble, string> = {
  deploy: 'the database takes nothing: code and schema do not fit',
  environment: 'the database takes nothing: it is away, or out of room',
};

@Module({
  providers: [
    {
      provide: HouseLinks,
      inject: [CONTEXT, BROKER, STORAGE_GATE],
      useFactory: ({ clock }: IngestContext, broker: Broker, gate: StorageGate) => linksOfTheHouse(clock, broker, gate),
    },
    {
      provide: FreshnessSchedule,
      inject: [CONTEXT, DATABASE, BROKER, HouseLinks],
      useFactory: (context: IngestContext, db: Database, broker: Broker, house: HouseLinks) => {
        const { config, clock, log, metrics } = context;
        const rows = new FreshnessWatch(db);
        const book = new SilenceBook(db);
        const known = new KnownDevices();
        const everyMs = config.FRESHNESS_EVERY;
        const publisher = broker.publisher({ name: 'telemetry-ingest.silences' });
        const publish = ({ event, routing }: SilenceNews) => publisher.publish(event, routing);
        return new FreshnessSchedule({
          watch: new SilenceWatch({ replica: newEventId(), watch: rows, book, house, known, everyMs, clock, log }),
          counts: () => rows.counts(),
          book,
          unstored: new UnstoredSilences({ known, book, publish, log }),
          house,
          everyMs,
          keepMs: KEEP_MS,
          clock,
          log,
          metrics,
        });
      },
    },
  ],
  exports: [FreshnessSchedule],
})
export class FreshnessModule {}

function linksOfTheHouse(clock: IngestContext['clock'], broker: Broker, gate: StorageGate): HouseLinks {
  const house = new HouseLinks(clock, () => gate.wellMs);
  broker.onStateChange((up, reason) =>
    up ? house.returned('broker') : house.lost('broker', `the broker is away: ${reason ?? 'not connected'}`),
  );
  gate.onChange((trouble) => (trouble ? house.lost('storage', STORES_NOTHING[trouble]) : house.returned('storage')));
  return house;
}

import { Module } from '@nestjs/common';
import type { Area } from '@tributary/contracts';
import { type Database, Inventory, inRehearsal } from '@tributary/database';
import type { Broker } from '@tributary/messaging';
import { projectAttributes } from '../attributes/attribute.projection.ts';
import type { StorageGate } from '../batches/storage-gate.ts';
import { projectConnections } from '../connections/connection.projection.ts';
import { projectFiles } from '../files/file.projection.ts';
import type { IngestContext } from '../foundation.module.ts';
import { buildIntake } from '../intake/build-intake.ts';
import type { DecodeProbe } from '../intake/decode-probe.ts';
import { ParkingModule } from '../parking/parking.module.ts';
import type { Parking } from '../parking/parking.ts';
import { projectPlatformEvents } from '../platform-events/platform-event.projection.ts';
import {
  BROKER,
  CONTEXT,
  DATABASE,
  DECODE_PROBE,
  PARKING,
  PROJECTION_HANDLING,
  PROJECTION_INTAKE,
  STORAGE_GATE,
} from '../tokens.ts';
import { projectDevices } from './device.projection.ts';
import type { Projection } from './projection.ts';
import { ProjectionHandling } from './projection-handling.ts';

/** Each event is a transaction of its own, so large batches would only delay acknowledgements. */
const LIMITS = { points: 64, bytes: 1_048_576, lingerMs: 20, slots: 2 };

function projectionsInto(inventory: Inventory): ReadonlyMap<Area, Projection> {
  return new Map<Area, Projection>([
    ['device', projectDevices(inventory)],
    ['attribute', projectAttributes(inventory)],
    ['file', projectFiles(inventory)],
    ['connection', projectConnections(inventory)],
    ['platform-event', projectPlatformEvents(inventory)],
  ]);
}

/** The same projections on a database of which nothing is left. */
const rehearsalIn =
  (db: Database): Projection =>
  (event) =>
    inRehearsal(db.pool, async (undone) => {
      const project = projectionsInto(new Inventory(undone)).get(event.area);
      if (!project) throw new RangeError(`nothing projects ${event.area}`);
      return project(event);
    });

@Module({
  imports: [ParkingModule],
  providers: [
    {
      provide: PROJECTION_HANDLING,
      inject: [CONTEXT, DATABASE, STORAGE_GATE],
      useFactory: ({ log, metrics }: IngestContext, db: Database, gate: StorageGate) => {
        const projections = projectionsInto(new Inventory(db));
        return new ProjectionHandling({ projections, rehearse: rehearsalIn(db), gate, log, metrics });
      },
    },
    {
      provide: PROJECTION_INTAKE,
      inject: [CONTEXT, BROKER, PROJECTION_HANDLING, PARKING, STORAGE_GATE, DECODE_PROBE],
      useFactory: (
        context: IngestContext,
        broker: Broker,
        handling: ProjectionHandling,
        parking: Parking,
        gate: StorageGate,
        probe: DecodeProbe,
      ) => {
        const what = { name: 'projections', queue: broker.names.ingestProjections, limits: LIMITS };
        return buildIntake(context, what, { broker, handling, parking, gate, probe });
      },
    },
  ],
  exports: [PROJECTION_HANDLING, PROJECTION_INTAKE],
})
export class InventoryModule {}

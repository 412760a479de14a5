import type { Broker } from '@tributary/messaging';
import type { SealLimits } from '../batches/batch-sealer.ts';
import type { StorageGate } from '../batches/storage-gate.ts';
import type { IngestContext } from '../foundation.module.ts';
import type { Parking } from '../parking/parking.ts';
import type { DecodeProbe } from './decode-probe.ts';
import { Intake } from './intake.ts';
import { IntakeMetrics } from './intake-metrics.ts';
import type { MessageHandling } from './message-handling.ts';

const BYTES_PER_MB = 1_000_000;

/** An intake with the service's bounds. It consumes once it is started. */
export function buildIntake<T>(
  { config, clock, log, metrics }: IngestContext,
  what: { name: string; queue: string; limits: SealLimits },
  parts: { broker: Broker; handling: MessageHandling<T>; parking: Parking; gate: StorageGate; probe: DecodeProbe },
): Intake<T> {
  const { INGEST_PREFETCH: prefetch, INGEST_MAX_HELD_MB: heldMb } = config;
  const maxHeldBytes = heldMb * BYTES_PER_MB;
  const { probe, ...others } = parts;
  return new Intake({
    ...what,
    ...others,
    prefetch,
    maxHeldBytes,
    readsSafely: (body) => probe.readsSafely(body),
    metrics: new IntakeMetrics(what.name, metrics, { prefetch, bytes: maxHeldBytes }),
    clock,
    log,
  });
}

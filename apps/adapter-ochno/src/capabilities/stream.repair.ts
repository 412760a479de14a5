import {
  type Call,
  interleave,
  type Limitations,
  type Observation,
  type Page,
  type StreamInterruption,
} from '@tributary/adapter-kit';
import type { OchnoClient } from '../client.ts';
import { isMissing } from '../errors.ts';
import type { CompanyInventory } from '../inventory.ts';
import { leavesOf } from '../leaves.ts';
import { hourlyPoints } from '../mapping.ts';
import type { Port } from '../wire.ts';
import type { PortReader } from './telemetry.ts';

export interface Repair {
  client: OchnoClient;
  reader: PortReader;
  limitations: Limitations;
}

const HOUR_MS = 3_600_000;
/** A long absence is asked for in pieces. */
const SLICE_MS = 7 * 24 * HOUR_MS;
const CALLS_AT_ONCE = 2;
const hourOf = (ms: number) => Math.floor(ms / HOUR_MS) * HOUR_MS;

/**
 * What can still be had of a time in which nobody listened to a company: what its ports hold now, and, of whole hours,
 * the platform's own aggregates. The stream replays nothing, so the rest is said to be lost.
 */
export async function* repairOf(
  { client, reader, limitations }: Repair,
  { part: company, fromMs, toMs }: StreamInterruption,
  signal: AbortSignal,
): AsyncGenerator<Page<Observation>, void, undefined> {
  const found = await reader.look(company, { lane: 'live', signal });
  yield { items: reader.observe(found) };
  const [fromHour, toHour] = [hourOf(fromMs), hourOf(toMs)];
  const covered = toMs - fromMs >= HOUR_MS && toHour > fromHour;
  let hours = 0;
  if (covered) {
    for await (const page of aggregates({ client, limitations }, found, { fromMs: fromHour, toMs: toHour }, signal)) {
      hours += page.items.length;
      yield page;
    }
  }
  yield { items: gaps(company, { fromMs, toMs, filledUntilMs: hours > 0 ? toHour : fromMs }) };
}

const REASON = 'nobody listened to the stream, and the platform replays nothing';

/** Aggregates stand in the place of whole hours; the rest has nothing in its place. */
function gaps(space: string, { fromMs, toMs, filledUntilMs }: { fromMs: number; toMs: number; filledUntilMs: number }) {
  const gap = { space, reason: REASON };
  const items: Observation[] = [];
  if (filledUntilMs > fromMs) {
    items.push({ type: 'gap', gap: { ...gap, fromMs, toMs: filledUntilMs, filledWith: 'aggregates' } });
  }
  const restMs = Math.max(fromMs, filledUntilMs);
  if (toMs > restMs) items.push({ type: 'gap', gap: { ...gap, fromMs: restMs, toMs } });
  return items;
}

/** Hub by hub and measurement by measurement. A hub that may not be read, or a measurement nobody knows, is passed over. */
async function* aggregates(
  { client, limitations }: Omit<Repair, 'reader'>,
  found: CompanyInventory,
  window: { fromMs: number; toMs: number },
  signal: AbortSignal,
): AsyncGenerator<Page<Observation>, void, undefined> {
  const wanted = found.hubs.flatMap((hub) => {
    const ports = found.ports.filter(({ hubId }) => hubId === hub.id);
    return slices(window).flatMap((slice) => measurementsOf(ports).map((measurement) => ({ hub, measurement, slice })));
  });
  yield* interleave(
    wanted,
    CALLS_AT_ONCE,
    async function* ({ hub, measurement, slice }, stop) {
      const call: Call = { lane: 'backfill', signal: stop };
      try {
        const rows = await client.hourly(measurement, { hubId: hub.id }, slice, call);
        const items = rows.map((row): Observation => {
          const points = hourlyPoints(measurement, row);
          return { type: 'points', device: row.portId, origin: 'backfill', points };
        });
        yield { items };
      } catch (error) {
        if (!isMissing(error)) throw error;
        limitations.note(`metrics ${found.company.id}`, `some hourly metrics could not be read: ${error.code}`);
      }
    },
    signal,
  );
}

function slices({ fromMs, toMs }: { fromMs: number; toMs: number }): { fromMs: number; toMs: number }[] {
  const count = Math.ceil((toMs - fromMs) / SLICE_MS);
  return Array.from({ length: count }, (_, n) => ({
    fromMs: fromMs + n * SLICE_MS,
    toMs: Math.min(toMs, fromMs + (n + 1) * SLICE_MS),
  }));
}

/** What the ports measure, by what they hold now. */
export function measurementsOf(ports: readonly Port[]): string[] {
  const names = ports.flatMap(({ data }) =>
    [...(leavesOf(data ?? {}) ?? [])].flatMap(([signal, value]) => (typeof value === 'number' ? [signal] : [])),
  );
  return [...new Set(names)].sort();
}

import {
  type AttributeReport,
  type DeviceSnapshot,
  digest,
  type NativeId,
  type PlatformEventReport,
  type PointValue,
  type SpaceRef,
} from '@tributary/adapter-kit';
import type { EntityRecord, Json } from '@tributary/contracts';
import { type Leaf, leavesOf } from './leaves.ts';
import type { Place } from './topics.ts';
import { unitOf } from './units.ts';
import type { Company, FloorPlan, Hub, Location, MetricRow, Port } from './wire.ts';

const HOUR_MS = 3_600_000;
const IDENTITY = 'device.';

/** Where something is, as far as it is told. */
export interface Whereabouts {
  company?: Company | undefined;
  location?: Location | undefined;
  floorPlan?: FloorPlan | undefined;
}

export function spacesOf({ company, location, floorPlan }: Whereabouts): SpaceRef[] {
  return [
    ...(company ? [{ nativeId: company.id, name: company.name, kind: 'company' }] : []),
    ...(location ? [{ nativeId: location.id, name: location.name, kind: 'location' }] : []),
    ...(floorPlan ? [{ nativeId: floorPlan.id, name: floorPlan.name || floorPlan.id, kind: 'floor-plan' }] : []),
  ];
}

export const hubSnapshot = (hub: Hub, where: Whereabouts): DeviceSnapshot => ({
  ...hardware(hub, where),
  kind: 'hub',
});

export const portSnapshot = (port: Port, where: Whereabouts): DeviceSnapshot => ({
  ...hardware(port, where),
  kind: 'port',
  ...(port.hubId ? { parent: port.hubId } : {}),
  properties: port.hwType ? { hwType: port.hwType } : {},
});

function hardware({ id, name, hwId }: Hub | Port, where: Whereabouts): DeviceSnapshot {
  const serial = hwId ? { serial: hwId } : {};
  return { nativeId: id, name: name || hwId || id, ...serial, spaces: spacesOf(where), properties: {} };
}

/** One message's values at one time. */
export const pointsOf = (leaves: ReadonlyMap<string, Leaf>, tsMs: number): PointValue[] =>
  [...leaves].map(([signal, value]) => {
    const unit = unitOf(signal);
    return { signal, tsMs, value, ...(unit === undefined ? {} : { unit }) };
  });

/** Aggregates are signals of their own, so that nobody takes one for a measurement; at the beginning of their hour. */
export function hourlyPoints(measurement: string, { time, mean, min, max, count }: MetricRow): PointValue[] {
  const tsMs = Math.floor(Date.parse(time) / HOUR_MS) * HOUR_MS;
  const unit = unitOf(measurement);
  const measured = Object.entries({ mean, min, max }).flatMap(([name, value]) =>
    typeof value === 'number'
      ? [{ signal: `${measurement}.hourly.${name}`, tsMs, value, ...(unit === undefined ? {} : { unit }) }]
      : [],
  );
  return [...measured, { signal: `${measurement}.hourly.count`, tsMs, value: count }];
}

/** Which measurement an aggregate is of; undefined for what is none. */
export const measurementOf = (signal: string): string | undefined =>
  /^(?<measurement>.+)\.hourly\.(?:mean|min|max|count)$/.exec(signal)?.groups?.measurement;

/** What the plugged device says of itself. */
export const identityOf = (leaves: ReadonlyMap<string, Leaf>): Map<string, Leaf> =>
  new Map([...leaves].filter(([name]) => name.startsWith(IDENTITY)));

export const identityReports = (identity: ReadonlyMap<string, Leaf>, tsMs?: number): AttributeReport[] =>
  [...identity].map(([name, value]) => ({
    scope: 'client',
    name,
    value,
    ...(tsMs === undefined ? {} : { tsMs }),
  }));

/** Members that have a place of their own among a device's fields. */
const PLACED = new Set(['id', 'hubId', 'locationId', 'data']);

const memberReports = (record: Hub | Port): AttributeReport[] =>
  Object.entries(record).flatMap(([name, value]): AttributeReport[] =>
    PLACED.has(name) || value === null || value === undefined ? [] : [{ scope: 'server', name, value: value as Json }],
  );

/** A hub sends nothing by itself: what the platform holds of it are its attributes. */
export const hubAttributes = (hub: Hub): AttributeReport[] => [
  ...memberReports(hub),
  ...identityReports(leavesOf(hub.data ?? {}) ?? new Map()),
];

export const portAttributes = (port: Port): AttributeReport[] => [
  ...memberReports(port),
  ...identityReports(identityOf(leavesOf(port.data ?? {}) ?? new Map()), timeOf(port.data ?? {})),
];

/** Milliseconds since 1970; undefined where a message tells no time that could be one. */
export function timeOf({ t }: Readonly<Record<string, unknown>>): number | undefined {
  return typeof t === 'number' && Number.isFinite(t) && t > 0 ? t : undefined;
}

export function plugEvent(
  port: NativeId,
  change: 'plugged' | 'unplugged',
  device: ReadonlyMap<string, Leaf>,
  tsMs: number,
): PlatformEventReport {
  const details = Object.fromEntries([...device].map(([name, value]) => [name.slice(IDENTITY.length), value]));
  return { device: port, name: `device.${change}`, tsMs, details, key: `${port}/${change}/${tsMs}` };
}

export type EntityKind = 'company' | 'location' | 'floor-plan';

export function entityRecord(type: EntityKind, record: Company | Location | FloorPlan): EntityRecord {
  const attributes = record as Record<string, Json>;
  return {
    type,
    nativeId: record.id,
    etag: digest(attributes),
    ...(record.name ? { name: record.name } : {}),
    attributes,
  };
}

/** The payload of an action: a value of the plugged device by its path, such as `lamp.level`. */
export function action({ hub, port }: Place, signal: string, value: number): Record<string, Json> {
  const device = signal.split('.').reduceRight<Json>((inner, name) => ({ [name]: inner }), value);
  return { id: hub, data: { portId: port, device } };
}

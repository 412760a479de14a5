import { fraction, hash } from '../kit/seeded.ts';
import type { TrueValue } from '../kit/series-log.ts';
import type { Entity } from './entity-store.ts';
import { CK, METER_STATUS } from './scenario-libraries.ts';
import type { Tenant } from './tenant.ts';

const MAKERS = ['Siemens', 'ABB', 'Schneider Electric', 'Landis+Gyr', 'Müller & Söhne GmbH', 'Electrónica Ñandú', null];
const METERS_PER_FLOOR = 10;
const FLOORS_PER_BUILDING = 4;
/** The name of the documented example. */
const FIRST_NAME = 'main-building-meter';
const DAY = 86_400_000;

/** A site with buildings and floors, as many as the meters need. Returns the floors. */
export function seedLocations(tenant: Tenant, meters: number): Entity[] {
  const site = location(tenant, 'Site Nord', 'Site', 'Hafenstraße 1, 20457 Hamburg');
  const floors: Entity[] = [];
  const needed = Math.max(1, Math.ceil(meters / METERS_PER_FLOOR));
  for (let i = 0, building = site; i < needed; i++) {
    if (i % FLOORS_PER_BUILDING === 0) {
      const number = i / FLOORS_PER_BUILDING + 1;
      building = location(tenant, `Building ${number}`, 'Building', `Hafenstraße ${number}, 20457 Hamburg`);
      within(tenant, building, site);
    }
    const floor = location(tenant, `Floor ${i % FLOORS_PER_BUILDING}`, 'Floor', null);
    within(tenant, floor, building);
    floors.push(floor);
  }
  return floors;
}

const within = (tenant: Tenant, inner: Entity, outer: Entity) =>
  tenant.entities.link(`${CK.location}.parent`, inner.rtId, outer.rtId);

function location(tenant: Tenant, name: string, kind: string, address: string | null): Entity {
  const floorArea = kind === 'Floor' ? 120.5 : null;
  return tenant.create(CK.location, { name, kind, address, floorArea }, undefined);
}

/** The first has the documented example's well-known name; some have none, some lack what is not required. */
export function seedEnergyMeter(tenant: Tenant, index: number, seed: number, now: number): Entity {
  const dice = fraction(seed, index, 501);
  const attributes: Record<string, TrueValue> = {
    ...meterAttributes(index, seed, now),
    name: index === 0 ? 'Main building' : `Energy meter ${index}${dice < 0.2 ? ' – Süd ⚡' : ''}`,
    serialNumber: `EM-2024-${String(index + 1).padStart(4, '0')}`,
    maxCapacity: dice < 0.1 ? null : 25 * (1 + (hash(seed, index, 502) % 20)),
    phases: dice < 0.3 ? 1 : 3,
    isVirtual: dice < 0.05 ? true : dice < 0.5 ? false : null,
    tags: dice < 0.4 ? ['grid', `zone ${index % 5}`] : null,
    calibration: calibration(index, seed, now),
  };
  return tenant.create(CK.energyMeter, attributes, wellKnownName('meter', index));
}

export function seedWaterMeter(tenant: Tenant, index: number, seed: number, now: number): Entity {
  const attributes = {
    ...meterAttributes(index, seed, now),
    name: `Water meter ${index}`,
    serialNumber: `WM-2024-${String(index + 1).padStart(4, '0')}`,
    nominalDiameter: [15, 20, 25, 40][index % 4] ?? 15,
  };
  return tenant.create(CK.waterMeter, attributes, wellKnownName('water-meter', index));
}

function wellKnownName(prefix: string, index: number): string | undefined {
  if (index === 0) return prefix === 'meter' ? FIRST_NAME : `${prefix}-main`;
  return index % 3 === 0 ? `${prefix}-${String(index).padStart(4, '0')}` : undefined;
}

function meterAttributes(index: number, seed: number, now: number): Record<string, TrueValue> {
  const dice = fraction(seed, index, 503);
  return {
    manufacturer: MAKERS[hash(seed, index, 504) % MAKERS.length] ?? null,
    status: METER_STATUS[dice < 0.8 ? 0 : dice < 0.9 ? 1 : dice < 0.97 ? 2 : 3] ?? 'Active',
    installationDate: new Date(midnight(now) - (1 + (hash(seed, index, 505) % 2_000)) * DAY).toISOString(),
  };
}

function calibration(index: number, seed: number, now: number): TrueValue {
  if (index % 4 === 3) return null;
  return {
    calibratedAt: new Date(midnight(now) - (hash(seed, index, 506) % 365) * DAY).toISOString(),
    certificate: index % 2 === 0 ? `PTB-${1000 + index}` : null,
    deviation: Math.round(fraction(seed, index, 507) * 100) / 100,
  };
}

const midnight = (now: number): number => Math.floor(now / DAY) * DAY;

export const place = (tenant: Tenant, meter: Entity, floor: Entity | undefined): void => {
  if (floor) tenant.entities.link(`${meter.ckTypeId}.location`, meter.rtId, floor.rtId);
};

import { seededToken } from '../kit/seeded.ts';
import { COMPANY_IDS } from './accounts.ts';
import type { Company, Hub, Location, Port } from './records.ts';
import type { OchnoState } from './state.ts';

const LOCATION = 1;
const FLOOR_PLAN = 2;
const HUB = 3;
const PORT = 4;
const ID_LENGTH = 9;

const { owner, tenant, foreign } = COMPANY_IDS;

/** The companies of the vendor's document, and one that the demonstration account does not see. */
const COMPANIES: readonly Company[] = [
  {
    id: owner,
    name: 'Ochno',
    type: 'Building Owner',
    logotype: 'https://ochno.com/logotype.png',
    website: 'https://ochno.com/',
  },
  { id: tenant, name: 'Goople', type: 'Building Tenant' },
  { id: foreign, name: 'Främmande Fastigheter AB', type: 'Building Owner' },
];

const PLACES = [
  { companyId: owner, name: 'Göteborg Lindholmen', type: 'Office', address: 'Götaverksgatan 10, Göteborg', floors: 2 },
  { companyId: owner, name: 'Kista – Hus 3', type: 'Office', address: 'Isafjordsgatan 22, Kista', floors: 2 },
  { companyId: tenant, name: 'Malmö Hyllie', type: 'Coworking', floors: 1 },
  { companyId: foreign, name: 'Umeå Strandgatan', type: 'Office', floors: 1 },
] as const;

const HARDWARE_TYPES = ['usb-c-100w', 'usb-c-60w'] as const;

/** Makes companies, locations and floor plans, and the hubs with their sockets. */
export function seedPlaces(state: OchnoState): void {
  const { devices, otherDevices } = state.options;
  for (const company of COMPANIES) state.companies.set(company.id, { ...company });
  PLACES.forEach((place, i) => {
    seedLocation(state, place, i);
  });
  seedHubs(state, [owner, tenant, owner], devices, 0);
  seedHubs(state, [foreign], otherDevices, 1_000_000);
}

function seedLocation(state: OchnoState, place: (typeof PLACES)[number], index: number): void {
  const { floors, ...described } = place;
  const location: Location = { id: idOf(state, LOCATION, index), ...described };
  state.locations.set(location.id, location);
  for (let floor = 0; floor < floors; floor++) {
    const id = idOf(state, FLOOR_PLAN, index, floor);
    const data = { width: 60, height: 40, positions: {} };
    state.floorplans.set(id, { id, locationId: location.id, name: `Plan ${floor + 1}`, data });
  }
}

/** Hub after hub for the companies in turn. */
function seedHubs(state: OchnoState, companies: readonly string[], ports: number, firstIndex: number): void {
  const { portsPerHub } = state.options;
  for (let i = 0; i * portsPerHub < ports; i++) {
    const places = floorPlansOf(state, companies[i % companies.length] ?? '');
    const floorPlan = places[Math.floor(i / companies.length) % places.length];
    if (!floorPlan) continue;
    const hub = addHub(state, { ...floorPlan, name: `Bord ${i + 1}`, index: firstIndex + i });
    const count = Math.min(portsPerHub, ports - i * portsPerHub);
    for (let n = 0; n < count; n++) addPort(state, hub, n, (firstIndex + i) * portsPerHub + n);
  }
}

const floorPlansOf = (state: OchnoState, companyId: string) =>
  [...state.floorplans.values()]
    .filter((plan) => state.companyOfLocation(plan.locationId) === companyId)
    .map((plan) => ({ floorPlanId: plan.id, locationId: plan.locationId }));

export function addHub(
  state: OchnoState,
  given: { locationId: string; floorPlanId: string; name: string; index: number; hwId?: string },
): Hub {
  const { locationId, floorPlanId, name, index } = given;
  const hwId = given.hwId ?? `OCH-${100_000 + index}`;
  const data = { firmware: '2.8.1', serial: `SN${200_000 + index}`, online: true };
  const hub: Hub = { id: idOf(state, HUB, index), hwId, name, locationId, floorPlanId, data };
  state.hubs.set(hub.id, hub);
  return hub;
}

/** `index` tells a socket's id and its character; nothing is plugged in. */
export function addPort(state: OchnoState, hub: Hub, n: number, index: number): Port {
  const port: Port = {
    id: idOf(state, PORT, index),
    hwId: `${hub.hwId}-${n + 1}`,
    hwType: HARDWARE_TYPES[n % HARDWARE_TYPES.length] ?? '',
    hubId: hub.id,
    floorPlanId: hub.floorPlanId,
    name: `${hub.name} – uttag ${n + 1}`,
    data: {},
  };
  state.ports.set(port.id, port);
  const positions = state.floorplans.get(hub.floorPlanId)?.data.positions;
  if (typeof positions === 'object' && positions !== null) {
    Object.assign(positions, { [port.id]: { x: (index * 3) % 60, y: (index * 7) % 40 } });
  }
  return port;
}

export const newId = (state: OchnoState, kind: number, n: number): string => idOf(state, kind, n);

const idOf = (state: OchnoState, ...parts: number[]): string => seededToken(ID_LENGTH, state.options.seed, ...parts);

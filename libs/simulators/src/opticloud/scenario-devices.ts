import { seededToken, seededUuid } from '../kit/seeded.ts';
import type { Tenant } from './accounts.ts';
import type { Device } from './device.ts';
import type { OpticloudState } from './state.ts';

const DEVICE = 4;
const DAY = 86_400_000;

const PLACES = [
  'Zürich Hauptbahnhof',
  'Gare de Genève',
  'München Ost',
  'Łódź Fabryczna',
  '東京駅',
  'Αθήνα',
  'Malmö C',
  'Москва',
];
const KINDS = ['Zug', 'Drehgestell', 'Türsteuerung', 'Kühlanlage', 'Stromzähler'];
const TYPES = ['smartPRO', 'smartMINI', 'smartRAIL', 'default'];

/** Makes both tenants' devices. The first of each tenant is a gateway. */
export function seedDevices(state: OpticloudState): void {
  const { devices, otherDevices } = state.options;
  for (let i = 0; i < devices; i++) seedDevice(state, state.tenants.main, i, i === 0);
  for (let i = 0; i < otherDevices; i++) seedDevice(state, state.tenants.other, devices + i, i === 0);
}

function seedDevice(state: OpticloudState, tenant: Tenant, index: number, gateway: boolean): Device {
  const { seed } = state.options;
  const pick = (list: readonly string[], at: number): string => list[at % list.length] ?? '';
  const device = state.addDevice({
    id: seededUuid(seed, DEVICE, index),
    index,
    tenant,
    name: `${pick(KINDS, index)} ${String(index + 1).padStart(4, '0')} – ${pick(PLACES, index)}`,
    type: gateway ? 'gateway' : pick(TYPES, index),
    label: index % 3 === 0 ? '' : `Wagen ${index % 40}`,
    description: `Messgerät in ${pick(PLACES, index)} <${tenant.name}>`,
    createdTime: state.clock.now() - 30 * DAY + index * 1_000,
    token: seededToken(20, seed, DEVICE, index),
    gateway,
  });
  seedAttributes(state, device);
  return device;
}

function seedAttributes(state: OpticloudState, device: Device): void {
  const values = (entries: Record<string, string | number | boolean>) =>
    new Map(Object.entries(entries).map(([key, value]) => [key, { value, real: false }]));
  state.writeAttributes(
    device,
    'CLIENT_SCOPE',
    values({ serialNumber: `OM-${100_000 + device.index}`, firmware: '5.4.1', hasGps: device.index % 2 === 0 }),
  );
  state.writeAttributes(device, 'SHARED_SCOPE', values({ sampleIntervalMs: 1_000, standort: device.name }));
  state.writeAttributes(device, 'SERVER_SCOPE', values({ active: true, inactivityTimeout: 600_000 }));
}

/** The scenario's tokens and ids can be told without a running simulator. */
export const scenarioDevice = (index: number, seed = 1): { id: string; token: string } => ({
  id: seededUuid(seed, DEVICE, index),
  token: seededToken(20, seed, DEVICE, index),
});

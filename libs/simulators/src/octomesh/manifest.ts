import { duration, integer, port } from '@tributary/runtime';
import { z } from 'zod';
import { defineSimulator } from '../kit/simulator.ts';
import { octomeshDemoConnection } from './demo-connection.ts';
import { DEFAULT_PORTS } from './options.ts';
import { startOctomesh } from './server.ts';

const settings = z.object({
  OCTOMESH_SIMULATOR_IDENTITY_PORT: port().default(DEFAULT_PORTS.identity),
  OCTOMESH_SIMULATOR_PORT: port().default(DEFAULT_PORTS.assets),
  OCTOMESH_SIMULATOR_CONTROL_PORT: port().default(DEFAULT_PORTS.control),
  OCTOMESH_SIMULATOR_DEVICES: integer(1, 1_000_000).prefault('100'),
  OCTOMESH_SIMULATOR_WATER_METERS: integer(0, 1_000_000).prefault('0'),
  OCTOMESH_SIMULATOR_SIGNALS: integer(1, 1_000).prefault('5'),
  OCTOMESH_SIMULATOR_CADENCE: duration().prefault('10s'),
  OCTOMESH_SIMULATOR_HISTORY: duration().prefault('1h'),
  OCTOMESH_SIMULATOR_RETENTION: duration().prefault('6h'),
  OCTOMESH_SIMULATOR_TOKEN_LIFE: duration().prefault('1h'),
  OCTOMESH_SIMULATOR_SEED: integer(0, 2_147_483_647).prefault('1'),
});

export const manifest = defineSimulator({
  platform: 'octomesh',
  displayName: 'OctoMesh',
  settings,
  demoConnection: octomeshDemoConnection(),
  start: (given, { host }) =>
    startOctomesh({
      host,
      identityPort: given.OCTOMESH_SIMULATOR_IDENTITY_PORT,
      port: given.OCTOMESH_SIMULATOR_PORT,
      controlPort: given.OCTOMESH_SIMULATOR_CONTROL_PORT,
      devices: given.OCTOMESH_SIMULATOR_DEVICES,
      waterMeters: given.OCTOMESH_SIMULATOR_WATER_METERS,
      signalsPerDevice: given.OCTOMESH_SIMULATOR_SIGNALS,
      cadenceMs: given.OCTOMESH_SIMULATOR_CADENCE,
      historyMs: given.OCTOMESH_SIMULATOR_HISTORY,
      retentionMs: given.OCTOMESH_SIMULATOR_RETENTION,
      tokenLifeMs: given.OCTOMESH_SIMULATOR_TOKEN_LIFE,
      seed: given.OCTOMESH_SIMULATOR_SEED,
    }),
  startTest: (scenario = {}) =>
    startOctomesh({
      identityPort: 0,
      port: 0,
      controlPort: 0,
      devices: 25,
      otherDevices: 0,
      historyMs: 5 * 60_000,
      retentionMs: 0,
      ...scenario,
    }),
});

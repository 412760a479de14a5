import { duration, integer, port } from '@tributary/runtime';
import { z } from 'zod';
import { defineSimulator } from '../kit/simulator.ts';
import { DEFAULT_ADDRESSES, meshydbDemoConnection } from './demo-connection.ts';
import { DEFAULT_PORTS } from './options.ts';
import { startMeshydb } from './server.ts';

const settings = z.object({
  MESHYDB_SIMULATOR_PORT: port().default(DEFAULT_PORTS.api),
  MESHYDB_SIMULATOR_AUTH_PORT: port().default(DEFAULT_PORTS.auth),
  MESHYDB_SIMULATOR_CONTROL_PORT: port().default(DEFAULT_PORTS.control),
  MESHYDB_SIMULATOR_DEVICES: integer(0, 10_000).prefault('50'),
  MESHYDB_SIMULATOR_CADENCE: duration().prefault('10s'),
  MESHYDB_SIMULATOR_HISTORY: duration().prefault('5m'),
  MESHYDB_SIMULATOR_RETENTION: duration().prefault('1h'),
  MESHYDB_SIMULATOR_WORK_ORDERS: integer(0, 100_000).prefault('200'),
  MESHYDB_SIMULATOR_CHANGES_EVERY: duration().prefault('20s'),
  MESHYDB_SIMULATOR_TOKEN_LIFE: duration().prefault('3600s'),
  MESHYDB_SIMULATOR_SEED: integer(0, 2_147_483_647).prefault('1'),
});

export const manifest = defineSimulator({
  platform: 'meshydb',
  displayName: 'MeshyDB',
  settings,
  demoConnection: meshydbDemoConnection(DEFAULT_ADDRESSES),
  start: (given, { host }) =>
    startMeshydb({
      host,
      port: given.MESHYDB_SIMULATOR_PORT,
      authPort: given.MESHYDB_SIMULATOR_AUTH_PORT,
      controlPort: given.MESHYDB_SIMULATOR_CONTROL_PORT,
      devices: given.MESHYDB_SIMULATOR_DEVICES,
      cadenceMs: given.MESHYDB_SIMULATOR_CADENCE,
      historyMs: given.MESHYDB_SIMULATOR_HISTORY,
      retentionMs: given.MESHYDB_SIMULATOR_RETENTION,
      workOrders: given.MESHYDB_SIMULATOR_WORK_ORDERS,
      changesEveryMs: given.MESHYDB_SIMULATOR_CHANGES_EVERY,
      tokenLifeMs: given.MESHYDB_SIMULATOR_TOKEN_LIFE,
      seed: given.MESHYDB_SIMULATOR_SEED,
    }),
  startTest: (scenario = {}) =>
    startMeshydb({ port: 0, authPort: 0, controlPort: 0, devices: 25, workOrders: 40, retentionMs: 0, ...scenario }),
});

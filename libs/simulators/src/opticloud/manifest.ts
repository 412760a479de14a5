import { duration, integer, port } from '@tributary/runtime';
import { z } from 'zod';
import { defineSimulator } from '../kit/simulator.ts';
import { opticloudDemoConnection } from './demo-connection.ts';
import { DEFAULT_PORTS } from './options.ts';
import { startOpticloud } from './server.ts';

const settings = z.object({
  OPTICLOUD_SIMULATOR_PORT: port().default(DEFAULT_PORTS.rest),
  OPTICLOUD_SIMULATOR_MQTT_PORT: port().default(DEFAULT_PORTS.mqtt),
  OPTICLOUD_SIMULATOR_CONTROL_PORT: port().default(DEFAULT_PORTS.control),
  OPTICLOUD_SIMULATOR_DEVICES: integer(1, 1_000_000).prefault('250'),
  OPTICLOUD_SIMULATOR_SIGNALS: integer(1, 10_000).prefault('10'),
  OPTICLOUD_SIMULATOR_CADENCE: duration().prefault('10s'),
  OPTICLOUD_SIMULATOR_HISTORY: duration().prefault('5m'),
  OPTICLOUD_SIMULATOR_RETENTION: duration().prefault('1h'),
  OPTICLOUD_SIMULATOR_TOKEN_LIFE: duration().prefault('9000s'),
  OPTICLOUD_SIMULATOR_SEED: integer(0, 2_147_483_647).prefault('1'),
});

export const manifest = defineSimulator({
  platform: 'opticloud',
  displayName: 'optiCLOUD',
  settings,
  demoConnection: opticloudDemoConnection(),
  start: (given, { host }) =>
    startOpticloud({
      host,
      port: given.OPTICLOUD_SIMULATOR_PORT,
      mqttPort: given.OPTICLOUD_SIMULATOR_MQTT_PORT,
      controlPort: given.OPTICLOUD_SIMULATOR_CONTROL_PORT,
      devices: given.OPTICLOUD_SIMULATOR_DEVICES,
      signalsPerDevice: given.OPTICLOUD_SIMULATOR_SIGNALS,
      cadenceMs: given.OPTICLOUD_SIMULATOR_CADENCE,
      historyMs: given.OPTICLOUD_SIMULATOR_HISTORY,
      retentionMs: given.OPTICLOUD_SIMULATOR_RETENTION,
      tokenLifeMs: given.OPTICLOUD_SIMULATOR_TOKEN_LIFE,
      seed: given.OPTICLOUD_SIMULATOR_SEED,
    }),
  startTest: (scenario = {}) =>
    startOpticloud({ port: 0, mqttPort: 0, controlPort: 0, devices: 25, otherDevices: 3, retentionMs: 0, ...scenario }),
});

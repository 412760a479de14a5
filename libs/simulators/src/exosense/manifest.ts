import { duration, integer, port } from '@tributary/runtime';
import { z } from 'zod';
import { defineSimulator } from '../kit/simulator.ts';
import { exosenseDemoConnection } from './demo-connection.ts';
import { DEFAULT_PORTS } from './options.ts';
import { startExosense } from './server.ts';

const settings = z.object({
  EXOSENSE_SIMULATOR_PORT: port().default(DEFAULT_PORTS.api),
  EXOSENSE_SIMULATOR_CONTROL_PORT: port().default(DEFAULT_PORTS.control),
  EXOSENSE_SIMULATOR_DEVICES: integer(1, 100_000).prefault('250'),
  EXOSENSE_SIMULATOR_SIGNALS: integer(1, 1_000).prefault('8'),
  EXOSENSE_SIMULATOR_CADENCE: duration().prefault('10s'),
  EXOSENSE_SIMULATOR_HISTORY: duration().prefault('5m'),
  EXOSENSE_SIMULATOR_RETENTION: duration().prefault('1h'),
  EXOSENSE_SIMULATOR_EXECUTION_PERCENT: integer(0, 10_000).prefault('100'),
  EXOSENSE_SIMULATOR_SEED: integer(0, 2_147_483_647).prefault('1'),
});

export const manifest = defineSimulator({
  platform: 'exosense',
  displayName: 'ExoSense',
  settings,
  demoConnection: exosenseDemoConnection(),
  start: (given, { host }) =>
    startExosense({
      host,
      port: given.EXOSENSE_SIMULATOR_PORT,
      controlPort: given.EXOSENSE_SIMULATOR_CONTROL_PORT,
      devices: given.EXOSENSE_SIMULATOR_DEVICES,
      signalsPerDevice: given.EXOSENSE_SIMULATOR_SIGNALS,
      cadenceMs: given.EXOSENSE_SIMULATOR_CADENCE,
      oddSignals: ['history-off', 'archived', 'empty'],
      historyMs: given.EXOSENSE_SIMULATOR_HISTORY,
      retentionMs: given.EXOSENSE_SIMULATOR_RETENTION,
      execution: { scale: given.EXOSENSE_SIMULATOR_EXECUTION_PERCENT / 100 },
      seed: given.EXOSENSE_SIMULATOR_SEED,
    }),
  startTest: ({ tokenLifeMs: _noTokenExpires, ...scenario } = {}) =>
    startExosense({ port: 0, controlPort: 0, devices: 25, retentionMs: 0, ...scenario }),
});

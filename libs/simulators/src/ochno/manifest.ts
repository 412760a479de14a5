import { duration, integer, port } from '@tributary/runtime';
import { z } from 'zod';
import { defineSimulator } from '../kit/simulator.ts';
import { seededAuthority } from './certificates.ts';
import { DEFAULT_BASE_URL, ochnoDemoConnection } from './demo-connection.ts';
import { DEFAULT_PORTS, defaultOptions } from './options.ts';
import { startOchno } from './server.ts';

const settings = z.object({
  OCHNO_SIMULATOR_PORT: port().default(DEFAULT_PORTS.rest),
  OCHNO_SIMULATOR_MQTT_PORT: port().default(DEFAULT_PORTS.mqtt),
  OCHNO_SIMULATOR_CONTROL_PORT: port().default(DEFAULT_PORTS.control),
  OCHNO_SIMULATOR_PUBLIC_HOST: z.string().min(1).default(defaultOptions.publicHost),
  OCHNO_SIMULATOR_DEVICES: integer(1, 100_000).prefault('48'),
  OCHNO_SIMULATOR_CADENCE: duration().prefault('10s'),
  OCHNO_SIMULATOR_HISTORY: duration().prefault('2h'),
  OCHNO_SIMULATOR_RETENTION: duration().prefault('6h'),
  OCHNO_SIMULATOR_TOKEN_LIFE: duration().prefault('1h'),
  OCHNO_SIMULATOR_CREDENTIAL_LIFE: duration().prefault('1h'),
  OCHNO_SIMULATOR_SEED: integer(0, 2_147_483_647).prefault('1'),
});

export const manifest = defineSimulator({
  platform: 'ochno',
  displayName: 'Ochno',
  settings,
  // The authority comes from the seed: it is the same one that the program will show.
  demoConnection: ochnoDemoConnection({
    baseUrl: DEFAULT_BASE_URL,
    ca: (await seededAuthority(defaultOptions.seed)).cert,
  }),
  start: (given, { host }) =>
    startOchno({
      host,
      port: given.OCHNO_SIMULATOR_PORT,
      mqttPort: given.OCHNO_SIMULATOR_MQTT_PORT,
      controlPort: given.OCHNO_SIMULATOR_CONTROL_PORT,
      publicHost: given.OCHNO_SIMULATOR_PUBLIC_HOST,
      devices: given.OCHNO_SIMULATOR_DEVICES,
      cadenceMs: given.OCHNO_SIMULATOR_CADENCE,
      historyMs: given.OCHNO_SIMULATOR_HISTORY,
      retentionMs: given.OCHNO_SIMULATOR_RETENTION,
      tokenLifeMs: given.OCHNO_SIMULATOR_TOKEN_LIFE,
      credentialLifeMs: given.OCHNO_SIMULATOR_CREDENTIAL_LIFE,
      seed: given.OCHNO_SIMULATOR_SEED,
    }),
  // What a port measures follows from what is plugged in: the number of signals is not the test's choice.
  startTest: ({ signalsPerDevice: _signalsPerDevice, ...scenario } = {}) =>
    startOchno({ port: 0, mqttPort: 0, controlPort: 0, devices: 24, historyMs: 0, retentionMs: 0, ...scenario }),
});

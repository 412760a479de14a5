import type { DemoConnection } from '../kit/simulator.ts';
import { TENANT_NAMES, USERS } from './accounts.ts';
import { DEFAULT_PORTS } from './options.ts';

const DEFAULT_ADDRESSES = {
  baseUrl: `http://127.0.0.1:${DEFAULT_PORTS.rest}`,
  mqttUrl: `mqtt://127.0.0.1:${DEFAULT_PORTS.mqtt}`,
};

/** A simulator on the same machine bears more than the vendor's instance of whose limits nothing is known. */
const UNHURT_BY_HASTE = { schedules: { telemetry: '5s' }, budgets: { requests: 1_000 } };

/** The user with several tenants, so that the choice of a tenant is part of every demonstration. */
export const opticloudDemoConnection = (addresses = DEFAULT_ADDRESSES): DemoConnection => ({
  platform: 'opticloud',
  name: 'optiCLOUD (simulated)',
  settings: {
    baseUrl: addresses.baseUrl,
    mqttUrl: addresses.mqttUrl,
    tenant: TENANT_NAMES.main,
    ...UNHURT_BY_HASTE,
  },
  credentials: { ...USERS.multi },
});

import type { DemoConnection } from '../kit/simulator.ts';
import { ACCOUNTS, PUBLIC_KEYS, USERS } from './accounts.ts';
import { DEFAULT_PORTS, defaultOptions } from './options.ts';
import { type TelemetryMapping, telemetryMapping, WORK_ORDERS } from './telemetry-mapping.ts';

export interface DemoAddresses {
  apiUrl: string;
  authUrl: string;
  mapping?: TelemetryMapping;
}

export const DEFAULT_ADDRESSES: DemoAddresses = {
  apiUrl: `http://127.0.0.1:${DEFAULT_PORTS.api}`,
  authUrl: `http://127.0.0.1:${DEFAULT_PORTS.auth}`,
};

/** Work orders as entities, readings as telemetry. */
export const meshydbDemoConnection = ({ apiUrl, authUrl, mapping }: DemoAddresses): DemoConnection => ({
  platform: 'meshydb',
  name: 'MeshyDB (simulated)',
  settings: {
    apiUrl,
    authUrl,
    accountName: ACCOUNTS.demo,
    meshes: [{ name: WORK_ORDERS, updatedField: 'updatedAt' }],
    documents: [mapping ?? telemetryMapping(defaultOptions.timeUnit, defaultOptions.signalsPerDevice)],
  },
  credentials: { publicKey: PUBLIC_KEYS.demo, ...USERS.registered },
});

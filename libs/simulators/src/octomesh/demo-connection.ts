import type { DemoConnection } from '../kit/simulator.ts';
import { CLIENTS, TENANTS } from './accounts.ts';
import { DEFAULT_PORTS } from './options.ts';

const DEFAULT_ADDRESSES = {
  identityUrl: `http://127.0.0.1:${DEFAULT_PORTS.identity}`,
  assetUrl: `http://127.0.0.1:${DEFAULT_PORTS.assets}`,
};

/** The service's own login, and the one type of meter that is always there. */
export const octomeshDemoConnection = (addresses = DEFAULT_ADDRESSES): DemoConnection => ({
  platform: 'octomesh',
  name: 'OctoMesh (simulated)',
  settings: {
    identityUrl: addresses.identityUrl,
    assetUrl: addresses.assetUrl,
    restUrl: addresses.assetUrl,
    tenantId: TENANTS.main,
    deviceTypes: [{ type: 'Industry.Energy/EnergyMeter', stream: 'Industry.Energy/MeterReading' }],
  },
  credentials: { clientId: CLIENTS.service.id, clientSecret: CLIENTS.service.secret },
});

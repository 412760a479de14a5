import type { DemoConnection } from '../kit/simulator.ts';
import { USERS } from './accounts.ts';
import { DEFAULT_PORTS } from './options.ts';

export interface DemoAddresses {
  baseUrl: string;
  /** PEM of the authority that vouches for the broker. */
  ca: string;
}

export const DEFAULT_BASE_URL = `http://127.0.0.1:${DEFAULT_PORTS.rest}`;

/** The user of the vendor's document, who sees two companies. */
export const ochnoDemoConnection = ({ baseUrl, ca }: DemoAddresses): DemoConnection => ({
  platform: 'ochno',
  name: 'Ochno (simulated)',
  settings: { baseUrl, tls: { ca } },
  credentials: { ...USERS.demo },
});

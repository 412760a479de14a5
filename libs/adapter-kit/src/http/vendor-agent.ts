import type { SecureContext } from 'node:tls';
import { guardedLookup } from '@tributary/runtime';
import { Agent } from 'undici';

const CONNECT_TIMEOUT_MS = 5_000;
const SOCKETS_PER_HOST = 16;

export interface VendorAgentOptions {
  allowPrivateAddresses: boolean;
  /** Whom to believe over TLS; by default whom the process believes. */
  trust?: SecureContext | undefined;
}

/**
 * The sockets of one connection, shared with nobody. Every address is checked as it is resolved, so a name that
 * changes its mind between check and use gains nothing. Redirects are not followed: undici does not by itself.
 */
export function vendorAgent({ allowPrivateAddresses, trust }: VendorAgentOptions): Agent {
  return new Agent({
    allowH2: false,
    connections: SOCKETS_PER_HOST,
    pipelining: 1,
    keepAliveTimeout: 20_000,
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      lookup: guardedLookup(allowPrivateAddresses),
      ...(trust ? { secureContext: trust } : {}),
    },
  });
}

import type { AdapterReply, Json } from '@tributary/contracts';
import { Metrics, silentLogger, systemClock } from '@tributary/runtime';
import type { AdapterDefinition } from '../contract.ts';
import { makeConnectionKit } from '../make-connection-kit.ts';
import { connectionTest } from './requests/connection-test.ts';

export interface ProbeOptions {
  settings: { [key: string]: Json };
  credentials: Record<string, string>;
  /** Loopback, private networks and plain http: simulators only. */
  allowPrivateAddresses: boolean;
  signal: AbortSignal;
}

/**
 * Tries a connection as the api's test of a draft does, without database or broker: nothing is stored, and budgets are
 * counted for this one call alone. Never rejects for what the platform says.
 */
export function probeOnce(
  definition: AdapterDefinition,
  { settings, credentials, allowPrivateAddresses, signal }: ProbeOptions,
): Promise<AdapterReply<'connection.test'>> {
  const handler = connectionTest({
    definition,
    vault: { seal: (plain) => JSON.stringify(plain), open: (text) => JSON.parse(text) as Record<string, string> },
    makeAccess: ({ record, budgets, ca }) =>
      makeConnectionKit({
        connectionId: record.id,
        manifest: { ...definition.manifest, budgets },
        ca,
        log: silentLogger,
        metrics: new Metrics('probe'),
        clock: systemClock,
        allowPrivateAddresses,
      }),
    use: () => Promise.reject(new TypeError('a probe has no stored connection')),
    wellAgain: () => {},
    workspaceOf: async () => undefined,
  });
  const draft = { workspace: 'default', settings, sealed: JSON.stringify(credentials) };
  return handler({ connectionId: 'con_probe', draft }, { signal, spent: {}, deadlineMs: Number.POSITIVE_INFINITY });
}

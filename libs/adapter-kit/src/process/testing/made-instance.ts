import type { Adapter } from '../../contract.ts';
import type { ConnectionAccess } from '../../make-connection-kit.ts';
import type { ConnectionInstance } from '../supervision/connection-instance.ts';

/** An instance around an adapter that a test wrote; it has no access to any vendor. */
export function instanceWith(adapter: Adapter, schedules: Record<string, number> = {}): ConnectionInstance {
  const access = {
    resetTokens: () => {},
    rememberDevices: () => {},
    breakers: () => [],
    setAside: () => 0,
    lastSuccessAt: undefined,
    lastError: undefined,
    close: async () => {},
  } as Partial<ConnectionAccess> as ConnectionAccess;
  return {
    record: {
      id: 'con',
      workspace: 'default',
      platform: 'acme',
      settings: {},
      sealed: '',
      credentialsMark: '',
      state: 'active',
      lastStatus: 'unknown',
    },
    adapter,
    access,
    schedules: { follow: 1_000, discover: 60_000, ...schedules },
    close: async () => {},
  };
}

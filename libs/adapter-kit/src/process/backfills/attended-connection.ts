import type { Adapter } from '../../contract.ts';
import type { HeldLease } from '../leases/held-lease.ts';
import type { ConnectionPublisher } from '../publishing/connection-publisher.ts';

/** A connection that this process owns and that is well: what its backfills need of it. */
export interface AttendedConnection {
  readonly workspace: string;
  readonly lease: HeldLease;
  readonly adapter: Pick<Adapter, 'telemetry' | 'stream'>;
  readonly publisher: Pick<ConnectionPublisher, 'observe' | 'readAgain' | 'flush' | 'ledger'>;
  /** Native ids. */
  devices(): readonly string[];
}

/** Whether there is any way to bring back what was missed. */
export const canRead = ({ adapter }: Pick<AttendedConnection, 'adapter'>): boolean =>
  adapter.telemetry?.history !== undefined || adapter.stream?.repair !== undefined;

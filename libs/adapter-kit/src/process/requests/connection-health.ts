import { type AdapterReply, NotFoundError } from '@tributary/contracts';
import type { ConnectionRecord } from '../ports.ts';
import type { ConnectionSupervisor } from '../supervision/connection-supervisor.ts';

type Health = AdapterReply<'connection.health'>;

/** What this replica knows of a connection: everything when it is the owner, else what the database holds. */
export function healthOf(
  connectionId: string,
  record: ConnectionRecord | undefined,
  owner: { replica: string; epoch: number; leasedUntilMs: number } | undefined,
  mine: ConnectionSupervisor | undefined,
): Health {
  if (!record) throw new NotFoundError('there is no such connection of this platform');
  const access = mine?.instance?.access;
  const lastSuccessAt = access?.lastSuccessAt;
  const lastError = mine?.lastError ?? access?.lastError;
  const reason = mine ? mine.reason : record.lastReason;
  const limitations = mine?.instance?.adapter.limitations?.();
  return {
    connectionId,
    status: mine?.status ?? (record.state === 'active' ? record.lastStatus : record.state),
    ...(owner ? { owner: { ...ownerOf(owner) } } : {}),
    breakers: access?.breakers() ?? [],
    ...(lastSuccessAt === undefined ? {} : { lastSuccessAt }),
    ...(lastError === undefined ? {} : { lastError }),
    setAside: (access?.setAside() ?? 0) + (mine?.publisher.account.setAsideCount ?? 0),
    ...(reason === undefined ? {} : { reason }),
    ...(limitations === undefined ? {} : { limitations }),
  };
}

const ownerOf = (owner: { replica: string; epoch: number; leasedUntilMs: number }) => ({
  replica: owner.replica,
  epoch: owner.epoch,
  leasedUntil: new Date(owner.leasedUntilMs).toISOString(),
});

import type { TributaryEvent } from '@tributary/contracts';
import { ConnectionLeases, type Database } from '@tributary/database';
import type { StatusBook } from '../ports.ts';
import type { Status } from '../supervision/connection-status.ts';

/** What owners say of their connections, in the rows of their leases. */
export class StatusRows implements StatusBook {
  readonly #leases: ConnectionLeases;

  constructor(db: Database) {
    this.#leases = new ConnectionLeases(db);
  }

  say(
    { connectionId, epoch }: { connectionId: string; epoch: number },
    status: Status,
    event: TributaryEvent,
  ): Promise<boolean> {
    return this.#leases.say({ connectionId, epoch: BigInt(epoch) }, { status, event });
  }

  said(connectionId: string, eventId: string): Promise<void> {
    return this.#leases.said(connectionId, eventId);
  }
}

import type { TributaryEvent } from '@tributary/contracts';
import type { BreakerTurn } from '../../breakers/breaker.ts';
import type { BreakerBook, BreakerElsewhere, StatusBook } from '../ports.ts';
import type { Status } from '../supervision/connection-status.ts';

/** What owners say, in memory: it outlives them. */
export class MemoryStatusBook implements StatusBook {
  readonly rows = new Map<string, { status: Status; unsaid?: TributaryEvent }>();
  /** While true the database is away. */
  away = false;

  async say({ connectionId }: { connectionId: string }, status: Status, event: TributaryEvent): Promise<boolean> {
    if (this.away) throw new Error('the database is away');
    this.rows.set(connectionId, { status, unsaid: event });
    return true;
  }

  async said(connectionId: string, eventId: string): Promise<void> {
    if (this.away) throw new Error('the database is away');
    const row = this.rows.get(connectionId);
    if (row?.unsaid?.id === eventId) this.rows.set(connectionId, { status: row.status });
  }
}

/** What breakers do, in memory; a test says what other replicas have. */
export class MemoryBreakerBook implements BreakerBook {
  readonly turns: (BreakerTurn & { connectionId: string })[] = [];
  others: BreakerElsewhere[] = [];

  note(connectionId: string, turn: BreakerTurn): void {
    this.turns.push({ ...turn, connectionId });
  }

  async elsewhere(): Promise<BreakerElsewhere[]> {
    return this.others;
  }
}

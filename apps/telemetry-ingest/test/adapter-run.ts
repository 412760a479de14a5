import type { TributaryEvent } from '@tributary/contracts';
import { AdapterBook, CONSERVATION, minuteOf } from '@tributary/database';
import { newId } from '@tributary/runtime';
import { eventually } from '@tributary/testing';
import type { IngestRig } from './ingest-rig.ts';

type Telemetry = TributaryEvent<'telemetry.observed'>;

/** What the account says of all minutes of a run. */
export interface Balance {
  received: number;
  stored: number;
  duplicate: number;
  superseded: number;
  parked: number;
  expired: number;
  discarded: number;
  inFlight: number;
  missing: number;
  redelivered: number;
  holes: string;
}

/** What an adapter does when it publishes: it numbers its points, and keeps its book of them. */
export class AdapterRun {
  readonly id = newId('run');
  /** Long enough ago for its minute to be over. */
  readonly #minuteMs = minuteOf(Date.now()) - 600_000;
  readonly #rig: IngestRig;
  #next = 0;

  constructor(rig: IngestRig) {
    this.#rig = rig;
  }

  get received(): number {
    return this.#next;
  }

  number(event: Telemetry): Telemetry {
    const first = this.#next;
    this.#next += event.data.points.length;
    const run = { id: this.id, first, confirmed: first };
    return { ...event, time: new Date(this.#minuteMs + 1_000).toISOString(), data: { ...event.data, run } };
  }

  /** All of it was confirmed, and no more will come. */
  async end(): Promise<void> {
    const { db, connectionId } = this.#rig;
    const [received, confirmed] = [this.#next, [[0, this.#next]] as const];
    const dropped = { unchanged: 0, setAside: {}, unacknowledged: 0 };
    const minute = { workspace: 'default', connectionId, run: this.id, minuteMs: this.#minuteMs, epoch: 1 };
    await new AdapterBook(db).record([
      { ...minute, received, ...dropped, numbered: received, confirmed, past: true, ended: true },
    ]);
  }

  async balance(): Promise<Balance> {
    const { rows } = await this.#rig.db.pool.query<Balance>(
      `select received::float8, stored::float8, duplicate::float8, superseded::float8, parked::float8, expired::float8,
         discarded::float8, in_flight::float8 as "inFlight", missing::float8, redelivered::float8, holes::text
       from ${CONSERVATION} c where run = $1`,
      [this.id],
    );
    if (!rows[0]) throw new Error('the account does not know the run');
    return rows[0];
  }

  /** Until nothing is in flight any more. */
  async settled(): Promise<Balance> {
    await eventually('nothing is in flight', async () => (await this.balance()).inFlight === 0, { timeoutMs: 60_000 });
    return this.balance();
  }
}

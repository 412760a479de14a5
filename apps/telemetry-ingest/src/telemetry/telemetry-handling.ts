import type { CommitReport, TelemetryBatch } from '@tributary/database';
import type { Logger } from '@tributary/runtime';
import { storeOrFindGuilty } from '../batches/bisect.ts';
import type { StorageGate } from '../batches/storage-gate.ts';
import { type Accounting, NOBODY } from '../intake/accounting.ts';
import { readBody } from '../intake/message-body.ts';
import type { Decoded, Held, MessageHandling, Refusal } from '../intake/message-handling.ts';
import { parseTelemetry, type TelemetryMessage } from '../intake/telemetry-message.ts';
import { refusedByDatabase } from '../parking/reasons.ts';
import { judge, toBatch } from './telemetry-batch.ts';

/** The part of `TelemetryLanes` that is used here. */
export interface Lanes {
  commit(batch: TelemetryBatch): Promise<CommitReport>;
  commitDirectly(batch: TelemetryBatch): Promise<CommitReport>;
}

type Telemetry = Held<TelemetryMessage>;

/** Telemetry events to points in Postgres. */
export class TelemetryHandling implements MessageHandling<TelemetryMessage> {
  readonly #lanes: Lanes;
  readonly #gate: StorageGate;
  readonly #accounting: Accounting;
  readonly #log: Logger;
  /** Connections whose absence was logged. */
  readonly #unknown = new Set<string>();

  constructor(parts: { lanes: Lanes; gate: StorageGate; accounting: Accounting; log: Logger }) {
    this.#lanes = parts.lanes;
    this.#gate = parts.gate;
    this.#accounting = parts.accounting;
    this.#log = parts.log;
  }

  decode(body: Buffer): Decoded<TelemetryMessage> {
    const read = readBody(body);
    if (!read.ok) return { fault: read.fault, size: 1, badSize: 1 };
    const parsed = parseTelemetry(read.json);
    if (parsed.ok)
      return { item: parsed.message, size: parsed.message.points.length, badSize: 0, ...identity(parsed.message) };
    const { good, fault } = parsed;
    const size = pointsIn(read.json);
    if (!good) return { fault, size, badSize: size };
    return { item: good, fault, size, badSize: size - good.points.length, ...identity(good) };
  }

  store<H extends Telemetry>(batch: readonly H[], signal: AbortSignal): Promise<Refusal<H>[]> {
    let first = true;
    return this.#store(batch, signal, (sealed) => {
      // Once a batch was refused or could not be committed, this process asks by itself, to learn why.
      const commit = first ? this.#lanes.commit(sealed) : this.#lanes.commitDirectly(sealed);
      first = false;
      return commit;
    });
  }

  storeAlone<H extends Telemetry>(held: H, signal: AbortSignal): Promise<Refusal<H>[]> {
    return this.#store([held], signal, (sealed) => this.#lanes.commitDirectly(sealed));
  }

  received(decoded: Decoded<TelemetryMessage>): void {
    this.#accounting.received(decoded.connectionId ?? NOBODY, decoded.size);
  }

  parked(decoded: Decoded<TelemetryMessage>, size: number): void {
    this.#accounting.settled(decoded.connectionId ?? NOBODY, 'parked', size);
  }

  returned(decoded: Decoded<TelemetryMessage>, size: number): void {
    this.#accounting.settled(decoded.connectionId ?? NOBODY, 'returned', size);
  }

  async #store<H extends Telemetry>(
    batch: readonly H[],
    signal: AbortSignal,
    commit: (sealed: TelemetryBatch) => Promise<CommitReport>,
  ): Promise<Refusal<H>[]> {
    const open = new Set(batch);
    const refusals: Refusal<H>[] = [];
    try {
      const guilty = await storeOrFindGuilty(batch, async (part) => {
        const sealed = toBatch(part);
        const report = await this.#gate.run(() => commit(sealed), signal);
        refusals.push(...this.#settle(part, report));
        for (const held of part) open.delete(held);
      });
      const whole = guilty.map(({ item: held, sqlState }) => {
        return { held, fault: refusedByDatabase(sqlState), size: held.item.points.length };
      });
      return [...refusals, ...whole];
    } catch (error) {
      for (const { decoded, item } of open) this.returned(decoded, item.points.length);
      throw error;
    }
  }

  #settle<H extends Telemetry>(part: readonly H[], report: CommitReport): Refusal<H>[] {
    const { refusals, settlements } = judge(part, report);
    for (const { connectionId, outcome, points } of settlements) {
      this.#accounting.settled(connectionId, outcome, points);
      if (outcome === 'unknown-connection') this.#warnOnce(connectionId);
    }
    return refusals;
  }

  #warnOnce(connectionId: string): void {
    if (this.#unknown.has(connectionId) || this.#unknown.size > 1_000) return;
    this.#unknown.add(connectionId);
    this.#log.warn({ connectionId }, 'points of a connection that does not exist are dropped');
  }
}

const identity = ({ id, workspace, connectionId }: TelemetryMessage) => ({ eventId: id, workspace, connectionId });

/** How many points a message that does not fit seems to hold; at least 1, so that it counts. */
function pointsIn(json: unknown): number {
  const points = (json as { data?: { points?: unknown } } | null)?.data?.points;
  return Array.isArray(points) && points.length > 0 ? points.length : 1;
}

import { type CommitReport, classifyDatabaseError, sqlStateOf, type TelemetryBatch } from '@tributary/database';
import { type Logger, openSpan } from '@tributary/runtime';
import { storeOrFindGuilty } from '../batches/bisect.ts';
import type { StorageGate } from '../batches/storage-gate.ts';
import { accountPoints, type Claim, claimOf } from '../intake/account-points.ts';
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

/** What a commit would report now, without an effect. */
type Rehearse = (batch: TelemetryBatch) => Promise<CommitReport>;
type Telemetry = Held<TelemetryMessage>;

/** Telemetry events to points in Postgres. */
export class TelemetryHandling implements MessageHandling<TelemetryMessage> {
  readonly #lanes: Lanes;
  readonly #rehearse: Rehearse;
  readonly #gate: StorageGate;
  readonly #accounting: Accounting;
  readonly #log: Logger;
  /** Connections whose absence was logged. */
  readonly #unknown = new Set<string>();

  constructor(parts: { lanes: Lanes; rehearse: Rehearse; gate: StorageGate; accounting: Accounting; log: Logger }) {
    this.#lanes = parts.lanes;
    this.#rehearse = parts.rehearse;
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
    const claim = claimed(claimOf(read.json, good));
    if (!good) return { fault, size, badSize: size, ...claim };
    return { item: good, fault, size, badSize: size - good.points.length, ...claim, ...identity(good) };
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

  storeAlone<H extends Telemetry>(
    held: H,
    signal: AbortSignal,
    onReport?: (report: CommitReport) => void,
  ): Promise<Refusal<H>[]> {
    return this.#store([held], signal, async (sealed) => {
      const report = await this.#lanes.commitDirectly(sealed);
      onReport?.(report);
      return report;
    });
  }

  /** What `storeAlone` would refuse and report now. Nothing is stored or counted; a database that is away is no reason to wait. */
  async rehearse<H extends Telemetry>(held: H): Promise<{ refusals: Refusal<H>[]; report?: CommitReport }> {
    const { item } = held;
    try {
      const report = await this.#rehearse(toBatch([held]));
      return { refusals: judge([held], report).refusals, report };
    } catch (error) {
      if (classifyDatabaseError(error) !== 'bad-message') throw error;
      const fault = refusedByDatabase(sqlStateOf(error));
      return { refusals: [{ held, fault, size: item.points.length, points: accountPoints(item) }] };
    }
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
        const end = traced(part);
        const report = await this.#gate.run(() => commit(sealed), signal).finally(end);
        refusals.push(...this.#settle(part, report));
        for (const held of part) open.delete(held);
      });
      const whole = guilty.map(({ item: held, sqlState }): Refusal<H> => {
        const { item } = held;
        return { held, fault: refusedByDatabase(sqlState), size: item.points.length, points: accountPoints(item) };
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

/** Each message has a trace of its own, that it came with; the commit is a part of all of them. */
function traced(part: readonly Telemetry[]): () => void {
  const ends = part.flatMap(({ item: { traceparent: parent, points, id } }) => {
    if (parent === undefined) return [];
    const attributes = { 'tributary.event': id, 'tributary.points': points.length };
    return openSpan('commit telemetry', { kind: 'consumer', parent, attributes });
  });
  return () => {
    for (const end of ends) end();
  };
}

const identity = ({ id, workspace, connectionId }: TelemetryMessage) => ({ eventId: id, workspace, connectionId });

const claimed = (claim: Claim | undefined): Partial<Decoded<TelemetryMessage>> => {
  if (!claim) return {};
  const { workspace, connectionId, eventId, points: badPoints } = claim;
  return { workspace, connectionId, badPoints, ...(eventId === undefined ? {} : { eventId }) };
};

/** How many points a message that does not fit seems to hold; at least 1, so that it counts. */
function pointsIn(json: unknown): number {
  const points = (json as { data?: { points?: unknown } } | null)?.data?.points;
  return Array.isArray(points) && points.length > 0 ? points.length : 1;
}

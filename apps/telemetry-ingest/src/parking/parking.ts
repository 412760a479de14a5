import type { ParkedProblem } from '@tributary/contracts';
import type { ParkedPoints } from '@tributary/database';
import type { Clock, Counter, Gauge, Logger, Metrics } from '@tributary/runtime';
import { RefusedByDatabase, type StorageGate } from '../batches/storage-gate.ts';
import { ParkingValve, type ValveLimits } from './parking-valve.ts';
import { printableHeaders } from './printable-headers.ts';
import type { Fault } from './reasons.ts';

/** A message as it came, and why it is set aside. */
export interface MessageToPark {
  queue: string;
  routingKey: string;
  headers: Record<string, unknown>;
  body: Buffer;
  fault: Fault;
  workspace?: string | undefined;
  eventId?: string | undefined;
  connectionId?: string | undefined;
  /** What of the account is set aside with it. */
  points?: ParkedPoints | undefined;
}

/** A row of parked messages. The same body of the same queue is parked once. */
export interface ParkedRow {
  queue: string;
  routingKey: string;
  headers: Record<string, unknown>;
  payload: Buffer;
  reason: string;
  problems: ParkedProblem[];
  workspace?: string | undefined;
  eventId?: string | undefined;
  connectionId?: string | undefined;
  points?: ParkedPoints | undefined;
}

export interface ParkingOptions {
  park(row: ParkedRow): Promise<void>;
  gate: StorageGate;
  limits: ValveLimits;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

/**
 * Sets messages aside, one after another, and stops doing so when there are too many: then what does not fit stays with
 * the broker until somebody has looked.
 */
export class Parking {
  readonly #options: ParkingOptions;
  readonly #valve: ParkingValve;
  readonly #parked: Counter<'reason'>;
  readonly #shut: Gauge;
  readonly #listeners: (() => void)[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ParkingOptions) {
    this.#options = options;
    const { metrics, clock, limits } = options;
    this.#parked = metrics.counter('ingest_parked_messages_total', {
      help: 'Messages set aside, by reason.',
      labels: ['reason'],
    });
    this.#shut = metrics.gauge('ingest_parking_shut', { help: '1 once so much did not fit that intake has stopped.' });
    this.#shut.set(0);
    this.#valve = new ParkingValve(limits, clock, (reason) => this.#onShut(reason));
  }

  get shut(): boolean {
    return this.#valve.shut;
  }

  /** A message arrived, of whichever kind: the valve looks at shares. */
  received(): void {
    this.#valve.received();
  }

  onShut(fn: () => void): void {
    this.#listeners.push(fn);
  }

  /** Resolves once the message is safely set aside. Rejects with the signal's reason when it aborts before. */
  park(message: MessageToPark, signal: AbortSignal): Promise<void> {
    const parked = this.#turn.then(() => this.#park(message, signal));
    this.#turn = parked.catch(() => undefined);
    return parked;
  }

  async #park(message: MessageToPark, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#valve.admit()) await aborted(signal);
    const { queue, routingKey, headers, body, fault, workspace, eventId, connectionId, points } = message;
    const row: ParkedRow = {
      queue,
      routingKey,
      headers: printableHeaders(headers),
      payload: body,
      reason: fault.reason,
      problems: fault.problems,
      workspace,
      eventId,
      connectionId,
      points,
    };
    await this.#write(row, signal);
    this.#parked.inc({ reason: fault.reason });
    this.#options.log.warn({ queue, reason: fault.reason, problems: fault.problems, eventId }, 'a message was parked');
  }

  async #write(row: ParkedRow, signal: AbortSignal): Promise<void> {
    const { gate, park } = this.#options;
    try {
      await gate.run(() => park(row), signal);
    } catch (error) {
      if (!(error instanceof RefusedByDatabase)) throw error;
      // Something around the body has no form in the database: the body matters, the rest can be read from it.
      await gate.run(() => park({ ...row, headers: {}, problems: [], routingKey: '', eventId: undefined }), signal);
    }
  }

  #onShut(reason: string): void {
    this.#options.log.fatal(
      { reason },
      'intake has stopped: too much does not fit; start it again once the cause is found',
    );
    this.#shut.set(1);
    for (const fn of this.#listeners) fn();
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

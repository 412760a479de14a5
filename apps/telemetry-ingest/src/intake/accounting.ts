import type { Counter, Gauge, Metrics } from '@tributary/runtime';

/** What became of a point. `returned`: given back to the broker, which delivers it again. */
export type Outcome =
  | 'stored'
  | 'duplicate'
  | 'corrected'
  | 'superseded'
  | 'parked'
  | 'expired'
  | 'unknown-connection'
  | 'returned';

/** Label for what cannot be attributed, because the message could not be read that far. */
export const NOBODY = 'none';
const CONNECTION = /^con_[a-z2-7]{26}$/;

/**
 * This process' own account, as metrics: everything delivered is in flight until it has exactly one outcome, per
 * connection. What is delivered again counts again, and a restart begins at zero; the account that knows better than
 * that is the conservation account in the database.
 */
export class Accounting {
  readonly #received: Counter<'connection'>;
  readonly #outcomes: Counter<'connection' | 'outcome'>;
  readonly #inFlight: Gauge<'connection'>;

  constructor(metrics: Metrics) {
    this.#received = metrics.counter('ingest_received_points_total', {
      help: 'Points delivered by the broker, redeliveries included.',
      labels: ['connection'],
    });
    this.#outcomes = metrics.counter('ingest_points_total', {
      help: 'What became of received points.',
      labels: ['connection', 'outcome'],
    });
    this.#inFlight = metrics.gauge('ingest_in_flight_points', {
      help: 'Received minus all outcomes; zero when the account balances.',
      labels: ['connection'],
    });
  }

  received(connection: string, points: number): void {
    const label = { connection: labelOf(connection) };
    this.#received.inc(label, points);
    this.#inFlight.inc(label, points);
  }

  settled(connection: string, outcome: Outcome, points: number): void {
    if (points === 0) return;
    const label = { connection: labelOf(connection) };
    this.#outcomes.inc({ ...label, outcome }, points);
    this.#inFlight.dec(label, points);
  }
}

/** Only ids of our own making become a label. */
const labelOf = (connection: string): string => (CONNECTION.test(connection) ? connection : NOBODY);

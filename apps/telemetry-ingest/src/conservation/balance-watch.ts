import type { Conservation, Standing } from '@tributary/database';
import type { Gauge, Logger, Metrics } from '@tributary/runtime';

/** Closes what balances in the account, and tells of what does not: as a metric, and once in the log. */
export class BalanceWatch {
  readonly #account: Pick<Conservation, 'close' | 'standings'>;
  readonly #log: Logger;
  readonly #imbalance: Gauge<'connection'>;
  readonly #inFlight: Gauge<'connection'>;
  #told: ReadonlyMap<string, number> = new Map();
  #shown: ReadonlySet<string> = new Set();

  constructor(parts: { account: Pick<Conservation, 'close' | 'standings'>; log: Logger; metrics: Metrics }) {
    this.#account = parts.account;
    this.#log = parts.log;
    this.#imbalance = parts.metrics.gauge('conservation_imbalance_points', {
      help: 'Points by which the minutes of a connection do not balance; zero when they do. Every replica shows the same.',
      labels: ['connection'],
    });
    this.#inFlight = parts.metrics.gauge('conservation_in_flight_points', {
      help: 'Points that were received and are neither dealt with nor missing. Every replica shows the same.',
      labels: ['connection'],
    });
  }

  /** Rejects when the database is away. */
  async round(): Promise<void> {
    await this.#account.close();
    const standings = await this.#account.standings();
    this.#show(standings);
    this.#tell(standings);
  }

  #show(standings: readonly Standing[]): void {
    const present = new Set(standings.map(({ connectionId }) => connectionId));
    for (const connection of this.#shown) {
      if (present.has(connection)) continue;
      this.#imbalance.set({ connection }, 0);
      this.#inFlight.set({ connection }, 0);
    }
    for (const { connectionId: connection, imbalance, inFlight } of standings) {
      this.#imbalance.set({ connection }, imbalance);
      this.#inFlight.set({ connection }, inFlight);
    }
    this.#shown = new Set([...this.#shown, ...present]);
  }

  /** Every change of an imbalance is told once, its end as well. */
  #tell(standings: readonly Standing[]): void {
    const now = new Map(standings.filter((s) => s.imbalance > 0).map((s) => [s.connectionId, s.imbalance]));
    for (const [connectionId, points] of now) {
      if (this.#told.get(connectionId) === points) continue;
      this.#log.error({ connectionId, points }, 'the account of a connection does not balance: points are missing');
    }
    for (const connectionId of this.#told.keys()) {
      if (!now.has(connectionId)) this.#log.info({ connectionId }, 'the account of a connection balances again');
    }
    this.#told = now;
  }
}

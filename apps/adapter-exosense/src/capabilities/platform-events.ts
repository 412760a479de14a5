import type { Call, Checkpoint, ConnectionKit, Observation, Page, Poll } from '@tributary/adapter-kit';
import type { Settings } from '../config.ts';
import type { Instance } from '../instance.ts';
import { platformEvent } from '../mapping.ts';
import { readTime } from '../times.ts';
import type { LogEntry } from '../wire.ts';

const ENTRIES_PER_PAGE = 100;
/** After a long outage the log is read back this far and no further. */
const MOST_PAGES = 50;

/**
 * The platform's event log, newest first until it is known, less a look-back. The same entry twice is published once:
 * its id is its key.
 */
export class LogPoll implements Poll {
  readonly schedule = 'logs';

  constructor(
    private readonly instance: Instance,
    private readonly kit: Pick<ConnectionKit, 'clock'>,
    private readonly settings: Settings['logs'],
  ) {}

  async *run(from: Checkpoint | undefined, signal: AbortSignal): AsyncGenerator<Page<Observation>, void, undefined> {
    const call: Call = { lane: 'reconcile', signal };
    if (!(await this.instance.offered(call)).has('logs')) return;
    const { firstLook, lookBack } = this.settings;
    const readUntilMs = from?.newestMs;
    const backToMs = typeof readUntilMs === 'number' ? readUntilMs - lookBack : this.kit.clock.now() - firstLook;
    const entries = await this.#entriesSince(backToMs, call);
    const events = entries.flatMap((entry) => platformEvent(entry) ?? []);
    const newestMs = Math.max(...events.map(({ tsMs }) => tsMs), typeof readUntilMs === 'number' ? readUntilMs : 0);
    const items = events
      .filter(({ tsMs }) => tsMs > backToMs)
      .toSorted((a, b) => a.tsMs - b.tsMs)
      .map((event): Observation => ({ type: 'platform-event', event }));
    yield { items, ...(newestMs > 0 ? { checkpoint: { newestMs } } : {}) };
  }

  async #entriesSince(backToMs: number, call: Call): Promise<LogEntry[]> {
    const found = new Map<string, LogEntry>();
    for (let page = 0; page < MOST_PAGES; page++) {
      // New entries push older ones onto the next page: what comes twice is one.
      const asked = { limit: ENTRIES_PER_PAGE, offset: page * ENTRIES_PER_PAGE };
      const { rows, items } = await this.instance.logs(asked, call);
      for (const entry of items) found.set(entry.id, entry);
      const oldestMs = Math.min(...items.map(({ timestamp }) => readTime(timestamp) ?? Number.POSITIVE_INFINITY));
      if (rows < ENTRIES_PER_PAGE || oldestMs <= backToMs) break;
    }
    return [...found.values()];
  }
}

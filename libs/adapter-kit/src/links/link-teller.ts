import type { EvidenceRow } from '@tributary/database';
import type { Clock, Logger } from '@tributary/runtime';

export interface LinkTellerOptions {
  /** Rejects while the database is away. */
  tell: (rows: readonly EvidenceRow[]) => Promise<void>;
  /** Of the connections that this replica looks after now. */
  rows: () => EvidenceRow[];
  clock: Clock;
  log: Logger;
}

const LOOK_EVERY_MS = 1_000;
/** What has not changed is said again after this long: so others know that somebody looks after the connection. */
const AGAIN_AFTER_MS = 5_000;

/** Writes down what is seen of the links: news within a second, the rest now and then, all in one statement. */
export class LinkTeller {
  readonly #options: LinkTellerOptions;
  readonly #told = new Map<string, { mark: string; atMs: number }>();
  #cancel = () => {};
  #running: Promise<void> | undefined;

  constructor(options: LinkTellerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel = this.#options.clock.every(LOOK_EVERY_MS, () => {
      // One that takes long is not overtaken: the next says the same and more.
      this.#running ??= this.#round().finally(() => {
        this.#running = undefined;
      });
    });
  }

  async stop(): Promise<void> {
    this.#cancel();
    await this.#running;
  }

  async #round(): Promise<void> {
    const { tell, rows, clock, log } = this.#options;
    const nowMs = clock.monotonicMs();
    const all = rows().map((row) => ({ row, mark: markOf(row) }));
    const due = all.filter(({ row, mark }) => {
      const told = this.#told.get(row.connectionId);
      return !told || told.mark !== mark || nowMs - told.atMs >= AGAIN_AFTER_MS;
    });
    try {
      if (due.length > 0) await tell(due.map(({ row }) => row));
      const present = new Set(all.map(({ row }) => row.connectionId));
      for (const id of this.#told.keys()) if (!present.has(id)) this.#told.delete(id);
      for (const { row, mark } of due) this.#told.set(row.connectionId, { mark, atMs: nowMs });
    } catch (error) {
      log.debug({ err: error }, 'what was seen of the links could not be written; it is kept');
    }
  }
}

/** Which facts there are, not how often they were seen. */
const markOf = ({ facts }: EvidenceRow): string =>
  JSON.stringify(facts.map(({ link, firstMs, device }) => [link, Math.round(firstMs / 1_000), device]).toSorted());

import { type SilenceBook, type SilenceNews, staleEvent, type ToldSilence } from '@tributary/database';
import type { Logger } from '@tributary/runtime';
import type { DatabaseAway } from './house-links.ts';
import type { KnownDevices } from './known-devices.ts';

export interface UnstoredSilencesParts {
  known: Pick<KnownDevices, 'takeSilent' | 'clear'>;
  book: Pick<SilenceBook, 'writeTold'>;
  /** Resolves once the broker has it. */
  publish: (news: SilenceNews) => Promise<void>;
  log: Logger;
}

/**
 * Silences while the database is away: told to the bus by whoever had the watch, with the ids that they would have had,
 * and written down once the database is back.
 */
export class UnstoredSilences {
  readonly #parts: UnstoredSilencesParts;
  readonly #told: { silence: ToldSilence; noticedMs: number }[] = [];

  constructor(parts: UnstoredSilencesParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#told.length;
  }

  /** One round while the database is away. What cannot be published either is told when it is written down. */
  async tell({ fact, wellMs }: DatabaseAway, nowMs: number): Promise<void> {
    const { known, publish, log } = this.#parts;
    const { link, detail, firstMs, times } = fact;
    const firstAt = new Date(firstMs).toISOString();
    const evidence = { link, detail, firstAt, lastAt: new Date(nowMs).toISOString(), times };
    const cause = { link, detail, evidence: [evidence] };
    const silent = known.takeSilent(wellMs, nowMs).map((kept) => ({ ...kept, cause }));
    if (silent.length === 0) return;
    log.warn({ devices: silent.length }, 'devices are silent because the database is away');
    for (const silence of silent) {
      this.#told.push({ silence, noticedMs: nowMs });
      publish(staleEvent(silence, nowMs)).catch((error: unknown) => {
        log.debug({ err: error }, 'a silence could not be told while the database is away');
      });
    }
  }

  /** The database is back. Rejects when it is not. */
  async write(): Promise<void> {
    if (this.#told.length === 0) return;
    await this.#parts.book.writeTold(this.#told);
    this.#told.length = 0;
  }

  /** Another replica has the watch: what was remembered here grows old. */
  forget(): void {
    this.#parts.known.clear();
  }
}

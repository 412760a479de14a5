import { AdapterBook, type AdapterEntry, type Database } from '@tributary/database';
import type { AccountStore } from '../ports.ts';

/** The adapters' side of the conservation account, in Postgres. */
export class AccountRows implements AccountStore {
  readonly #book: AdapterBook;

  constructor(db: Database) {
    this.#book = new AdapterBook(db);
  }

  record(entries: readonly AdapterEntry[]): Promise<void> {
    return this.#book.record(entries);
  }
}

import type { PlatformResource } from '@tributary/contracts';
import type { Database } from '../database.ts';

/** The platforms whose adapters have ever started here; the api reads them. */
export class Platforms {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /** An adapter says what it is; the last word counts. */
  async announce(platform: PlatformResource): Promise<void> {
    await this.#db.pool.query(
      `insert into platform (id, resource, updated_at) values ($1, $2, $3)
       on conflict (id) do update set resource = excluded.resource, updated_at = excluded.updated_at`,
      [platform.id, platform, platform.updatedAt],
    );
  }
}

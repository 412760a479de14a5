import pg from 'pg';

/** Looks at the database past all proxies. One connection, opened anew after it was lost. */
export class Onlooker {
  readonly #url: string;
  #client: pg.Client | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(url: string) {
    this.#url = url;
  }

  /** Throws while Postgres is away. */
  query<T extends pg.QueryResultRow>(sql: string, params: unknown[] = []): Promise<T[]> {
    const answer = this.#turn.then(async () => (await (await this.#open()).query<T>(sql, params)).rows);
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  /** Undefined while Postgres is away. */
  async number(sql: string): Promise<number | undefined> {
    try {
      const [row] = await this.query<{ n: string }>(sql);
      return Number(row?.n);
    } catch {
      return undefined;
    }
  }

  async close(): Promise<void> {
    await this.#client?.end().catch(() => undefined);
  }

  async #open(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const client = new pg.Client({
      connectionString: this.#url,
      connectionTimeoutMillis: 5_000,
      query_timeout: 60_000,
    });
    const lost = () => {
      if (this.#client === client) this.#client = undefined;
    };
    client.on('error', lost).on('end', lost);
    await client.connect();
    this.#client = client;
    return client;
  }
}

/** The REST API as a stranger would call it: fetch, a key, JSON. */
export class ApiClient {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  get url(): string {
    return this.#url;
  }

  raw(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal } = {},
  ) {
    return fetch(this.#url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  }

  async get<T = Record<string, unknown>>(path: string): Promise<T> {
    return this.#body<T>('GET', path, await this.raw('GET', path));
  }

  async post<T = Record<string, unknown>>(path: string, body?: unknown): Promise<T> {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    return this.#body<T>(
      'POST',
      path,
      await this.raw('POST', path, { headers, ...(body === undefined ? {} : { body }) }),
    );
  }

  async patch<T = Record<string, unknown>>(path: string, body: unknown): Promise<T> {
    const etag = (await this.raw('GET', path)).headers.get('etag') ?? '*';
    const headers = { 'if-match': etag, 'content-type': 'application/merge-patch+json' };
    return this.#body<T>('PATCH', path, await this.raw('PATCH', path, { body, headers }));
  }

  /** Every item of a list, page by page. */
  async all<T = Record<string, unknown>>(path: string): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | undefined, first = true; first || cursor; first = false) {
      const join = path.includes('?') ? '&' : '?';
      const page = await this.get<{ items: T[]; page: { nextCursor?: string } }>(
        `${path}${join}limit=1000${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
      );
      items.push(...page.items);
      cursor = page.page.nextCursor;
    }
    return items;
  }

  async #body<T>(method: string, path: string, answer: Response): Promise<T> {
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}

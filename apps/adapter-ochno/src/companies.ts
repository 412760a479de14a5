import type { ConnectionKit } from '@tributary/adapter-kit';
import type { PlatformError } from '@tributary/contracts';
import type { OchnoClient } from './client.ts';
import { CompanyFeed, openSession } from './company-feed.ts';
import { isMissing } from './errors.ts';
import { StreamAccess } from './stream-access.ts';

type CompaniesKit = Pick<ConnectionKit, 'mqtt' | 'clock' | 'log'>;
type Publish = (topic: string, payload: string, signal: AbortSignal) => Promise<void>;

/** A session of our own, where another replica reads the stream, is kept for orders that follow soon. */
const IDLE_MS = 60_000;

interface Own {
  publish: Publish;
  close: () => Promise<void>;
  usedAtMs: number;
}

/** The live side of the companies: who reads which stream here, and how an order gets out. */
export class Companies {
  readonly #kit: CompaniesKit;
  readonly #client: OchnoClient;
  readonly #access = new Map<string, StreamAccess>();
  readonly #feeds = new Map<string, CompanyFeed>();
  /** Streams that this process reads, be they up or down. */
  readonly #reading = new Set<string>();
  readonly #forbidden = new Map<string, PlatformError>();
  readonly #own = new Map<string, Promise<Own>>();

  constructor(kit: CompaniesKit, client: OchnoClient) {
    this.#kit = kit;
    this.#client = client;
  }

  /** Opens a company's stream. Whoever reads it closes it. */
  async open(company: string, signal: AbortSignal): Promise<CompanyFeed> {
    this.#reading.add(company);
    try {
      const feed = await CompanyFeed.open(this.#kit, this.#accessOf(company), signal);
      this.#forbidden.delete(company);
      this.#feeds.set(company, feed);
      return feed;
    } catch (error) {
      if (isMissing(error)) this.#forbidden.set(company, error);
      throw error;
    }
  }

  async close(company: string, feed: CompanyFeed): Promise<void> {
    if (this.#feeds.get(company) === feed) this.#feeds.delete(company);
    await feed.close();
  }

  /** Since when the company's stream has stood without a break, milliseconds since 1970; undefined while it is down. */
  standsSince(company: string): number | undefined {
    return this.#feeds.get(company)?.standsSinceMs;
  }

  /**
   * The way out for orders of a company; undefined while its stream, which is read here, is down. Throws
   * `PermissionDeniedError` or `NotFoundError` for a company whose stream the user may not have.
   */
  async wayOut(company: string, signal: AbortSignal): Promise<Publish | undefined> {
    const feed = this.#feeds.get(company);
    if (feed) return (...order) => feed.publish(...order);
    const forbidden = this.#forbidden.get(company);
    if (forbidden) throw forbidden;
    if (this.#reading.has(company)) return undefined;
    const own = this.#own.get(company) ?? this.#openOwn(company, signal);
    this.#own.set(company, own);
    try {
      const { publish } = await own;
      return publish;
    } catch (error) {
      this.#forget(company, own);
      throw error;
    }
  }

  async closeAll(): Promise<void> {
    const own = [...this.#own.values()];
    this.#own.clear();
    await Promise.allSettled(own.map(async (session) => (await session).close()));
    await Promise.all([...this.#feeds].map(([company, feed]) => this.close(company, feed)));
  }

  #accessOf(company: string): StreamAccess {
    const access = this.#access.get(company) ?? new StreamAccess(company, this.#client, this.#kit.clock);
    this.#access.set(company, access);
    return access;
  }

  async #openOwn(company: string, signal: AbortSignal): Promise<Own> {
    const { clock } = this.#kit;
    const life = new AbortController();
    const { session } = await openSession(this.#kit, this.#accessOf(company), signal, {
      subscribe: false,
      life: life.signal,
    });
    const own: Own = {
      publish: (topic, payload, until) => {
        own.usedAtMs = clock.monotonicMs();
        return session.publish(topic, payload, { qos: 1, signal: until });
      },
      close: () => session.close(),
      usedAtMs: clock.monotonicMs(),
    };
    const leave = clock.every(IDLE_MS / 4, () => {
      if (clock.monotonicMs() - own.usedAtMs > IDLE_MS) void own.close();
    });
    // Reading is how one learns that it has ended.
    void this.#untilEnd(session.messages(life.signal)).finally(() => {
      leave();
      this.#forget(company, this.#own.get(company));
    });
    return own;
  }

  async #untilEnd(messages: AsyncIterable<unknown>): Promise<void> {
    try {
      for await (const _message of messages);
    } catch (error) {
      this.#kit.log.debug({ err: error }, 'a session for orders has ended');
    }
  }

  #forget(company: string, own: Promise<Own> | undefined): void {
    if (this.#own.get(company) === own) this.#own.delete(company);
  }
}

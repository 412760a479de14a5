import { AuthenticationError } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import type { TokenSource, TokenValue } from '../../connection-kit.ts';

/**
 * A vendor whose refresh tokens are good once: who uses one again loses every session. Counts what should not
 * happen.
 */
export class StrictVendor {
  logIns = 0;
  refreshes = 0;
  reused = 0;
  revoked: string[] = [];
  /** Set to refuse every refresh. */
  refusing = false;
  /** Awaited before each answer. */
  latency: () => Promise<void>;
  readonly #clock: Clock;
  readonly #lifeMs: number;
  readonly #good = new Map<string, number>();
  readonly #refresh = new Set<string>();
  #issued = 0;

  constructor(clock: Clock, lifeMs: number) {
    this.#clock = clock;
    this.#lifeMs = lifeMs;
    this.latency = () => clock.sleep(40);
  }

  /** What a request with this token would be told. */
  takes(token: string): boolean {
    return (this.#good.get(token) ?? 0) > this.#clock.monotonicMs();
  }

  source(shared: boolean | 'strictly' = true): TokenSource {
    return {
      shared,
      acquire: (previous) => this.#acquire(previous?.carry?.refresh),
      attach: (token, headers) => {
        headers.authorization = token;
      },
      revoke: async (last) => void this.revoked.push(last.value),
    };
  }

  /** The token is not taken any more, whatever was said of its life. */
  forget(token: string): void {
    this.#good.delete(token);
  }

  async #acquire(refresh: string | undefined): Promise<TokenValue> {
    if (refresh === undefined) {
      this.logIns += 1;
      await this.latency();
      return this.#issue();
    }
    if (!this.#refresh.has(refresh) || this.refusing) {
      if (!this.refusing) this.reused += 1;
      this.#good.clear();
      throw new AuthenticationError('this refresh token was used before');
    }
    this.#refresh.delete(refresh);
    this.refreshes += 1;
    const next = this.#issue();
    await this.latency();
    return next;
  }

  #issue(): TokenValue {
    this.#issued += 1;
    const value = `secret-token-${this.#issued}`;
    const refresh = `secret-refresh-${this.#issued}`;
    this.#refresh.add(refresh);
    this.#good.set(value, this.#clock.monotonicMs() + this.#lifeMs);
    return { value, expiresAtMs: this.#clock.now() + this.#lifeMs, carry: { refresh } };
  }
}

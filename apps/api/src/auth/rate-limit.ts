import type { Clock } from '@tributary/runtime';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

/** Window of the caller limit. */
export const WINDOW_SECONDS = 60;

/** Requests are taken from the shared count in portions, so that not every request asks Redis. */
const PORTIONS = 200;

interface Held {
  left: number;
  remaining: number;
  endsAtMs: number;
}

export interface Allowance {
  allowed: boolean;
  /** Requests left in the window, as far as this replica knows. */
  remaining: number;
  resetMs: number;
}

/**
 * Requests of a caller per minute, counted in Redis over all replicas and in memory while Redis is away. A replica may
 * hold a two-hundredth of the limit at once; what it holds at the end of a window is lost to the caller.
 */
export class RateLimit {
  readonly #limiter: RateLimiterRedis | RateLimiterMemory;
  readonly #portion: number;
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();
  /** Portions that are being asked for. */
  readonly #asked = new Map<string, Promise<Allowance>>();

  constructor(
    readonly limit: number,
    options: { redis?: Redis | undefined; prefix: string; clock: Clock },
  ) {
    const settings = { points: limit, duration: WINDOW_SECONDS, keyPrefix: options.prefix };
    const memory = new RateLimiterMemory(settings);
    this.#limiter = options.redis
      ? new RateLimiterRedis({ ...settings, storeClient: options.redis, insuranceLimiter: memory })
      : memory;
    this.#portion = Math.max(1, Math.floor(limit / PORTIONS));
    this.#clock = options.clock;
  }

  /** Answers at once while a portion lasts. `cost`: as how many requests it counts. */
  takeHeld(key: string, cost = 1): Allowance | undefined {
    const held = this.#held.get(key);
    const now = this.#clock.monotonicMs();
    if (!held || held.left < cost || held.endsAtMs <= now) return undefined;
    held.left -= cost;
    return { allowed: true, remaining: held.remaining + held.left, resetMs: held.endsAtMs - now };
  }

  /** Requests that come while a portion is being asked for share it: each asking for its own would use up the limit. */
  async take(key: string, cost = 1): Promise<Allowance> {
    if (this.#portion === 1) return this.#ask(key, cost);
    for (let asked = this.#asked.get(key); asked; asked = this.#asked.get(key)) {
      const answer = await asked;
      const allowance = answer.allowed ? this.takeHeld(key, cost) : answer;
      if (allowance) return allowance;
    }
    const answer = this.#ask(key, cost).finally(() => this.#asked.delete(key));
    this.#asked.set(key, answer);
    return answer;
  }

  async #ask(key: string, cost: number): Promise<Allowance> {
    const now = this.#clock.monotonicMs();
    // A limit below the cost lets one through in a window.
    const asked = Math.min(Math.max(this.#portion, cost), this.limit);
    try {
      const result = await this.#limiter.consume(key, asked);
      if (this.#held.size > 10_000) this.#held.clear();
      const left = this.#leftOf(key, now) + Math.max(0, asked - cost);
      this.#held.set(key, { left, remaining: result.remainingPoints, endsAtMs: now + result.msBeforeNext });
      return { allowed: true, remaining: result.remainingPoints + left, resetMs: result.msBeforeNext };
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      return { allowed: false, remaining: 0, resetMs: error.msBeforeNext };
    }
  }

  /** What is left of a portion that was too small for what was asked. */
  #leftOf(key: string, now: number): number {
    const held = this.#held.get(key);
    return held && held.endsAtMs > now ? held.left : 0;
  }
}

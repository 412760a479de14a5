import type { Clock } from '@tributary/adapter-kit';
import type { OchnoClient } from './client.ts';
import type { IotAccess } from './wire.ts';

/** What the vendor documents, for an answer whose expiration cannot be read or makes no sense. */
const DOCUMENTED_LIFE_MS = 3_600_000;
const LONGEST_LIFE_MS = 12 * 3_600_000;
/** New credentials are asked for once this share of their life is over. */
const RENEW_AT = 0.775;
/** Credentials this close to their end open no door any more. */
const EDGE_MS = 2_000;
/** Clocks this close are the same: the platform's is told in whole seconds. */
const SAME_CLOCK_MS = 30_000;

export interface HeldAccess {
  access: IotAccess;
  /** The platform's clock less ours. */
  skewMs: number;
  lifeMs: number;
  /** On the monotonic clock. */
  bornMs: number;
}

/** The credentials of one company's stream: asked for once a period, shared by all who need them. */
export class StreamAccess {
  readonly company: string;
  readonly #client: OchnoClient;
  readonly #clock: Clock;
  #held: HeldAccess | undefined;
  #asking: Promise<HeldAccess> | undefined;

  constructor(company: string, client: OchnoClient, clock: Clock) {
    this.company = company;
    this.#client = client;
    this.#clock = clock;
  }

  /** Those in use, while they can still open a session; else new ones. Rejects with what the platform answered. */
  async current(signal: AbortSignal): Promise<HeldAccess> {
    const held = this.#held;
    return held && this.#leftOf(held) > EDGE_MS ? held : this.#renew(signal);
  }

  /** Others than these: new ones, unless somebody has asked for them already. */
  async successorOf(old: HeldAccess, signal: AbortSignal): Promise<HeldAccess> {
    return this.#held === old ? this.#renew(signal) : this.current(signal);
  }

  #renew(signal: AbortSignal): Promise<HeldAccess> {
    this.#asking ??= this.#ask(signal).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** They may be why a door stayed shut. */
  discard(held: HeldAccess): void {
    if (this.#held === held) this.#held = undefined;
  }

  /** Until new ones are due, milliseconds. */
  renewInMs({ bornMs, lifeMs }: HeldAccess): number {
    return Math.max(0, bornMs + lifeMs * RENEW_AT - this.#clock.monotonicMs());
  }

  /** Life of those in use, milliseconds. */
  leftMs(): number {
    return this.#held ? Math.max(0, this.#leftOf(this.#held)) : 0;
  }

  #leftOf({ bornMs, lifeMs }: HeldAccess): number {
    return bornMs + lifeMs - this.#clock.monotonicMs();
  }

  /** Their life is counted by the clock that set its end. */
  async #ask(signal: AbortSignal): Promise<HeldAccess> {
    const { access, serverNowMs } = await this.#client.streamAccess(this.company, { lane: 'live', signal });
    const now = this.#clock.now();
    const apart = (serverNowMs ?? now) - now;
    const skewMs = Math.abs(apart) > SAME_CLOCK_MS ? apart : 0;
    const toldMs = Date.parse(access.expiration) - (now + skewMs);
    const lifeMs = toldMs > 0 && toldMs <= LONGEST_LIFE_MS ? toldMs : DOCUMENTED_LIFE_MS;
    this.#held = { access, skewMs, lifeMs, bornMs: this.#clock.monotonicMs() };
    return this.#held;
  }
}

import { randomBytes } from 'node:crypto';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import type { MeshydbOptions } from './options.ts';

/** All refresh tokens that came of one log-in. */
interface Family {
  readonly tenant: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  readonly tokens: string[];
}

interface Issued {
  family: Family;
  expiresAt: number;
  used: boolean;
}

/** Used tokens of a log-in are remembered so far back. */
const REMEMBERED = 1_000;

export type Redeemed = { family: Family; token: string };

/** Refresh tokens: good once when they rotate, and dead with their family when one is shown twice. */
export class RefreshTokens {
  readonly #issued = new Map<string, Issued>();
  /** Can be switched while the simulator runs. */
  rotation: boolean;

  constructor(
    private readonly clock: ScenarioClock,
    private readonly options: MeshydbOptions,
  ) {
    this.rotation = options.rotation;
  }

  /** The first one of a log-in. */
  begin(tenant: string, userId: string, scopes: readonly string[]): string {
    return this.#issue({ tenant, userId, scopes, tokens: [] });
  }

  /** Whose it is, and the one to use next; undefined for one that is unknown, of another tenant, expired or used. */
  redeem(token: string, tenant: string): Redeemed | undefined {
    const issued = this.#issued.get(token);
    if (!issued || issued.family.tenant !== tenant) return undefined;
    if (issued.expiresAt <= this.clock.now()) {
      this.#issued.delete(token);
      return undefined;
    }
    if (issued.used) {
      if (this.options.reuse === 'revoke-family') this.#revokeFamily(issued.family);
      return undefined;
    }
    if (!this.rotation) return { family: issued.family, token };
    issued.used = true;
    return { family: issued.family, token: this.#issue(issued.family) };
  }

  /** With all that came of the same log-in. An unknown one is no error. */
  revoke(token: string, tenant: string): void {
    const issued = this.#issued.get(token);
    if (issued?.family.tenant === tenant) this.#revokeFamily(issued.family);
  }

  /** All of a user, or of everybody. Returns how many log-ins ended. */
  revokeAll(userId?: string): number {
    const families = new Set([...this.#issued.values()].map(({ family }) => family));
    const ended = [...families].filter((family) => userId === undefined || family.userId === userId);
    for (const family of ended) this.#revokeFamily(family);
    return ended.length;
  }

  /** All that were given out so far are expired. */
  expireAll(): void {
    for (const issued of this.#issued.values()) issued.expiresAt = 0;
  }

  forgetExpired(): void {
    const now = this.clock.now();
    for (const [token, { expiresAt }] of this.#issued) if (expiresAt <= now) this.#issued.delete(token);
  }

  #issue(family: Family): string {
    const token = randomBytes(16).toString('hex');
    family.tokens.push(token);
    if (family.tokens.length > REMEMBERED) this.#issued.delete(family.tokens.shift() ?? '');
    this.#issued.set(token, { family, expiresAt: this.clock.now() + this.options.refreshTokenLifeMs, used: false });
    return token;
  }

  #revokeFamily({ tokens }: Family): void {
    for (const token of tokens.splice(0)) this.#issued.delete(token);
  }
}

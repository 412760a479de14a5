import { createHash } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import { notAuthenticated } from './vendor-error.ts';

/** Access tokens: JWTs with a life in whole seconds, as their claim is, of which each can be removed by itself. */
export class Tokens {
  readonly #clock: ScenarioClock;
  readonly #key: Uint8Array;
  readonly #lifeMs: number;
  readonly #removed = new Set<string>();
  #count = 0;
  #expiredThrough = 0;

  /** The key comes from the seed, so that tokens live on when the simulator is started again. */
  constructor(clock: ScenarioClock, seed: number, lifeMs: number) {
    this.#clock = clock;
    this.#key = createHash('sha256').update(`ochno ${seed}`).digest();
    this.#lifeMs = lifeMs;
  }

  issue(email: string): Promise<string> {
    const now = Math.floor(this.#clock.now() / 1000);
    return new SignJWT({ email })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setJti(String(++this.#count))
      .setIssuedAt(now)
      .setExpirationTime(now + Math.ceil(this.#lifeMs / 1000))
      .sign(this.#key);
  }

  /** E-mail of whom it stands for. Throws 401 when it is expired, removed, or not one of ours. */
  async verify(token: string): Promise<string> {
    const payload = await this.#payload(token);
    if (this.#removed.has(token) || Number(payload.jti) <= this.#expiredThrough) throw notAuthenticated();
    return String(payload.email);
  }

  /** This one is worth nothing from now on; others of the same user live on. */
  remove(token: string): void {
    this.#removed.add(token);
  }

  /** All that were given out so far are expired. */
  expireAll(): void {
    this.#expiredThrough = this.#count;
  }

  async #payload(token: string) {
    try {
      const currentDate = new Date(this.#clock.now());
      return (await jwtVerify(token, this.#key, { algorithms: ['HS256'], currentDate })).payload;
    } catch {
      throw notAuthenticated();
    }
  }
}

import { randomBytes } from 'node:crypto';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import { REGION } from './options.ts';
import type { SigningKey } from './presigned-url.ts';

export interface IotCredential extends SigningKey {
  accessKeyId: string;
  companyId: string;
  email: string;
}

/** Temporary credentials of the real-time streams: a fresh triple for each call, each good until its own end. */
export class IotCredentials {
  readonly #clock: ScenarioClock;
  readonly #byKey = new Map<string, IotCredential>();
  lifeMs: number;

  constructor(clock: ScenarioClock, lifeMs: number) {
    this.#clock = clock;
    this.lifeMs = lifeMs;
  }

  issue(companyId: string, email: string): IotCredential {
    this.#forgetOld();
    const made: IotCredential = {
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretKey: randomBytes(30).toString('base64'),
      // Slashes, pluses and equals signs, as in real ones: a client has to encode them.
      sessionToken: `${randomBytes(200).toString('base64')}/+==`,
      region: REGION,
      expiresAt: this.#clock.now() + this.lifeMs,
      companyId,
      email,
    };
    this.#byKey.set(made.accessKeyId, made);
    return made;
  }

  get(accessKeyId: string): IotCredential | undefined {
    return this.#byKey.get(accessKeyId);
  }

  /** All, or those of one company, are expired from now on. Returns how many. */
  expire(companyId?: string): number {
    const now = this.#clock.now();
    const hit = [...this.#byKey.values()].filter(
      (one) => one.expiresAt > now && (companyId === undefined || one.companyId === companyId),
    );
    for (const one of hit) one.expiresAt = now;
    return hit.length;
  }

  #forgetOld(): void {
    const longGone = this.#clock.now() - 24 * 3_600_000;
    for (const [id, { expiresAt }] of this.#byKey) if (expiresAt < longGone) this.#byKey.delete(id);
  }
}

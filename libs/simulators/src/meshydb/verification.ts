import { createHash, createHmac } from 'node:crypto';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import { hash } from '../kit/seeded.ts';
import type { User } from './users.ts';
import { badRequest } from './vendor-error.ts';

/** What is given to a caller who then has to prove that a message reached the user. */
export interface Verification {
  username: string;
  attempt: number;
  hash: string;
  expires: string;
  hint: string;
}

export type ShownVerification = Pick<Verification, 'username' | 'attempt' | 'hash' | 'expires'> & {
  verificationCode: string;
};

const HOUR = 3_600_000;

/** Codes that are sent by e-mail or text message; here an action of the scenario tells them. */
export class Verifications {
  readonly #key: Buffer;

  constructor(
    private readonly clock: ScenarioClock,
    private readonly seed: number,
  ) {
    this.#key = createHash('sha256').update(`meshydb verification ${seed}`).digest();
  }

  begin(user: User, attempt: number): Verification {
    const expires = new Date(this.clock.now() + HOUR).toISOString();
    const hint = (user.emailAddress ?? user.phoneNumber ?? user.username).replace(/.(?=.{4})/g, '*');
    const code = this.codeFor(user, attempt);
    return { username: user.username, attempt, hash: this.#sign(user, attempt, expires, code), expires, hint };
  }

  /** Six digits. */
  codeFor(user: User, attempt: number): string {
    const name = createHash('sha256').update(user.id).digest().readUInt32BE();
    return String(hash(this.seed, name, attempt) % 1_000_000).padStart(6, '0');
  }

  isRight(user: User, shown: ShownVerification): boolean {
    return shown.hash === this.#sign(user, shown.attempt, shown.expires, shown.verificationCode);
  }

  /** Throws 400 when it is wrong, or an hour old. */
  check(user: User, shown: ShownVerification): void {
    if (!this.isRight(user, shown)) throw badRequest('Hash is invalid.');
    if (!(Date.parse(shown.expires) > this.clock.now())) throw badRequest('Hash has expired.');
  }

  #sign({ id }: User, attempt: number, expires: string, code: string): string {
    return createHmac('sha256', this.#key).update([id, attempt, expires, code].join('\n')).digest('base64url');
  }
}

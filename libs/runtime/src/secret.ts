import { inspect } from 'node:util';
import { z } from 'zod';

const STARS = '***';

/** A value that is never printed: every way of turning it into text gives stars. `reveal()` is the only way out. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return STARS;
  }

  toJSON(): string {
    return STARS;
  }

  [inspect.custom](): string {
    return STARS;
  }
}

/** Configuration member that arrives as text and is wrapped at once. */
export const secret = () =>
  z
    .string()
    .min(1)
    .transform((value) => new Secret(value));

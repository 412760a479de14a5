import { BUDGET_SPENT, type Limitations } from '@tributary/adapter-kit';
import type { PlatformError } from '@tributary/contracts';
import { LIMITS } from './errors.ts';

const WHAT = 'database-limit';
const TEXT =
  'MeshyDB refuses what is written while it answers what is read: the database limit of the account is reached';

/**
 * Tells a full database from too many calls, where the platform's words do not: writes that are refused while reads are
 * answered between them.
 */
export class WriteLimits {
  /** Refused since something was written; and whether something was read since. */
  #refused = false;
  #readSince = false;

  constructor(private readonly limitations: Limitations) {}

  refused({ platformCode }: PlatformError): void {
    // Our own budget has refused it, not the platform.
    if (platformCode === BUDGET_SPENT) return;
    if (platformCode === LIMITS.database || (this.#refused && this.#readSince)) this.limitations.note(WHAT, TEXT);
    this.#refused = true;
    this.#readSince = false;
  }

  read(): void {
    this.#readSince = true;
  }

  wrote(): void {
    this.#refused = false;
    this.limitations.lift(WHAT);
  }
}

import type { ScenarioClock } from '../kit/scenario-clock.ts';
import { DEFAULT_TENANT } from './accounts.ts';
import type { MeshydbLimits } from './options.ts';
import type { Tenant } from './tenant.ts';
import { TooManyRequests } from './vendor-error.ts';

/** What is paid for together: tenants, requests, room in the database. */
export class Account {
  readonly tenants = new Map<string, Tenant>();
  /** Whether there is no room for more: what writes is refused, what reads is answered. */
  databaseFull = false;
  #taken: number[] = [];

  constructor(
    readonly name: string,
    private readonly clock: ScenarioClock,
    /** Can be changed while the simulator runs. */
    public limits: MeshydbLimits,
  ) {}

  tenant(name: string | undefined): Tenant | undefined {
    return this.tenants.get(name || DEFAULT_TENANT);
  }

  /** Throws 429 when the window is used up; a refused request does not count. */
  takeRequest(): void {
    const { requests, windowMs, retryAfter } = this.limits;
    if (requests === 0) return;
    const now = this.clock.monotonicMs();
    this.#taken = this.#taken.filter((at) => at > now - windowMs);
    const oldest = this.#taken[0];
    if (this.#taken.length < requests || oldest === undefined) this.#taken.push(now);
    else throw new TooManyRequests(retryAfter ? Math.ceil((oldest + windowMs - now) / 1000) : undefined);
  }

  /** Throws 429 when there is no room for what a request would write. */
  needRoom(): void {
    if (this.databaseFull) throw new TooManyRequests();
  }
}

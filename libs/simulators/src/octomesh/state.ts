import type { GroundTruth } from '../kit/ground-truth.ts';
import { RequestLimiter } from '../kit/request-limiter.ts';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import { TENANTS } from './accounts.ts';
import type { Identity } from './identity.ts';
import type { OctomeshOptions } from './options.ts';
import type { Row } from './stream-rows.ts';
import { Tenant } from './tenant.ts';
import { tooManyRequests } from './vendor-error.ts';

export type LimitClass = 'queries' | 'mutations' | 'uploads';

/** What OctoMesh knows. */
export class OctomeshState {
  readonly tenants: { main: Tenant; other: Tenant };
  healthy = true;
  /** Whether answers may have data beside errors. */
  partialAnswers = false;
  readonly #limiters: Record<LimitClass, RequestLimiter>;

  constructor(
    readonly options: OctomeshOptions,
    readonly clock: ScenarioClock,
    readonly truth: GroundTruth,
    readonly identity: Identity,
  ) {
    const { seed, visibleAfterMs, removesAssociations, limits } = options;
    const onMeter = (rtId: string) => truth.know(rtId);
    const make = (id: string) => new Tenant({ id, seed, clock, visibleAfterMs, removesAssociations, onMeter });
    this.tenants = { main: make(TENANTS.main), other: make(TENANTS.other) };
    const limiter = (requests: number) => new RequestLimiter(requests, limits.windowMs);
    this.#limiters = {
      queries: limiter(limits.queries),
      mutations: limiter(limits.mutations),
      uploads: limiter(limits.uploads),
    };
  }

  /** The case of the letters does not matter. */
  tenant(id: string): Tenant | undefined {
    const wanted = id.toLowerCase();
    return Object.values(this.tenants).find((tenant) => tenant.id.toLowerCase() === wanted);
  }

  /** Throws 429 when this client has used up its requests of a class. */
  takeFromLimit(limit: LimitClass, clientId: string): void {
    if (this.#limiters[limit].take(clientId, this.clock.monotonicMs()) > 0) throw tooManyRequests();
  }

  /** Every value that is one becomes part of the truth. */
  writeRow(tenant: Tenant, ckTypeId: string, row: Row): void {
    const table = tenant.stream(ckTypeId);
    table.write(row);
    table.attributes.forEach((attribute, i) => {
      const value = row.values[i];
      if (value !== null && value !== undefined) this.truth.record(row.rtId, attribute, row.ts, value);
    });
  }
}

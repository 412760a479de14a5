import type { Call, Clock, NativeId } from '@tributary/adapter-kit';
import { InvalidRequestError, NotFoundError } from '@tributary/contracts';
import type { OchnoClient } from './client.ts';
import type { Whereabouts } from './mapping.ts';
import type { Place } from './topics.ts';
import type { Company, FloorPlan, Hub, Location, Port } from './wire.ts';

/** Everything that one company has, as it was at one time. */
export interface CompanyInventory {
  company: Company;
  locations: Location[];
  floorPlans: FloorPlan[];
  hubs: Hub[];
  ports: Port[];
}

/** Two looks closer together than this share what they find. */
const FRESH_MS = 30_000;

/** What there is and where: companies with their locations, floor plans, hubs and ports. */
export class Inventory {
  readonly #client: OchnoClient;
  readonly #clock: Clock;
  readonly #chosen: ReadonlySet<string> | undefined;
  readonly #companies = new Map<NativeId, { at: number; found: CompanyInventory }>();
  readonly #looking = new Map<NativeId, Promise<CompanyInventory>>();
  readonly #places = new Map<NativeId, Place>();
  readonly #hubs = new Map<NativeId, NativeId>();

  constructor(client: OchnoClient, clock: Clock, chosen: readonly string[] | undefined) {
    this.#client = client;
    this.#clock = clock;
    this.#chosen = chosen && new Set(chosen);
  }

  /** Companies to read, in the order of the platform; `missing` are chosen and not seen. */
  async companies(call: Call): Promise<{ companies: Company[]; missing: string[] }> {
    const seen = await this.#client.companies(call);
    const companies = this.#chosen ? seen.filter(({ id }) => this.#chosen?.has(id)) : seen;
    const missing = [...(this.#chosen ?? [])].filter((id) => !seen.some((company) => company.id === id));
    return { companies, missing };
  }

  /** All of a company, read now. */
  now(company: Company, call: Call): Promise<CompanyInventory> {
    return this.#look(company, call);
  }

  /** All of a company, read now or a moment ago. */
  async of(company: Company, call: Call): Promise<CompanyInventory> {
    const known = this.#companies.get(company.id);
    if (known && this.#clock.monotonicMs() - known.at < FRESH_MS) return known.found;
    const looking = this.#looking.get(company.id) ?? this.#look(company, call);
    this.#looking.set(company.id, looking);
    return looking.finally(() => this.#looking.delete(company.id));
  }

  /** What was found last, however long ago. */
  known(company: NativeId): CompanyInventory | undefined {
    return this.#companies.get(company)?.found;
  }

  companyOf(device: NativeId): NativeId | undefined {
    return this.#places.get(device)?.company ?? this.#hubs.get(device);
  }

  /** Undefined for a device that nobody has seen yet. */
  kindOf(device: NativeId): 'hub' | 'port' | undefined {
    if (this.#places.has(device)) return 'port';
    return this.#hubs.has(device) ? 'hub' : undefined;
  }

  /** A message came from there. */
  learn(place: Place): void {
    const known = this.#places.get(place.port);
    if (known?.hub === place.hub && known.location === place.location && known.company === place.company) return;
    this.#places.set(place.port, place);
    this.#hubs.set(place.hub, place.company);
  }

  /** Forgets hubs and ports that are gone. */
  keepOnly(isThere: (device: NativeId) => boolean): void {
    for (const known of [this.#places, this.#hubs]) {
      for (const device of known.keys()) if (!isThere(device)) known.delete(device);
    }
  }

  /** Where a port is; asks the platform where nobody knows. Throws `NotFoundError`, or `InvalidRequestError` for a hub. */
  async locate(port: NativeId, call: Call): Promise<Place> {
    const known = this.#places.get(port);
    if (known) return known;
    if (this.#hubs.has(port)) throw new InvalidRequestError('this is a hub: orders go to its ports');
    const { hubId } = await this.#client.port(port, call);
    if (!hubId) throw new NotFoundError('OCHNO-16: the port belongs to no hub');
    const { locationId } = await this.#client.hub(hubId, call);
    if (!locationId) throw new NotFoundError('OCHNO-15: the hub is at no location');
    const { companyId } = await this.#client.location(locationId, call);
    const place = { company: companyId, location: locationId, hub: hubId, port };
    this.learn(place);
    return place;
  }

  async #look(company: Company, call: Call): Promise<CompanyInventory> {
    const where = { companyId: company.id };
    const { signal } = call;
    signal?.throwIfAborted();
    const [locations, floorPlans, hubs, ports] = await Promise.all([
      this.#client.locations(where, call),
      this.#client.floorPlans(where, call),
      this.#client.hubs(where, call),
      this.#client.ports(where, call),
    ]);
    const found = within(company, { locations, floorPlans, hubs, ports });
    this.#companies.set(company.id, { at: this.#clock.monotonicMs(), found });
    for (const hub of found.hubs) this.#hubs.set(hub.id, company.id);
    for (const port of found.ports) this.#place(company, found, port);
    return found;
  }

  #place(company: Company, found: CompanyInventory, port: Port): void {
    const hub = found.hubs.find(({ id }) => id === port.hubId);
    if (!hub?.locationId) return;
    this.#places.set(port.id, { company: company.id, location: hub.locationId, hub: hub.id, port: port.id });
  }
}

/** A filter that the platform ignores brings what others have; only what leads to this company is taken. */
function within(company: Company, all: Omit<CompanyInventory, 'company'>): CompanyInventory {
  const locations = all.locations.filter(({ companyId }) => companyId === company.id);
  const here = new Set(locations.map(({ id }) => id));
  const floorPlans = all.floorPlans.filter(({ locationId }) => here.has(locationId));
  const plans = new Set(floorPlans.map(({ id }) => id));
  const hubs = all.hubs.filter(({ locationId, floorPlanId }) => isHere(locationId, here) || isHere(floorPlanId, plans));
  const own = new Set(hubs.map(({ id }) => id));
  const ports = all.ports.filter(({ hubId, floorPlanId }) => isHere(hubId, own) || isHere(floorPlanId, plans));
  return { company, locations, floorPlans, hubs, ports };
}

const isHere = (id: string | null | undefined, ids: ReadonlySet<string>): boolean =>
  typeof id === 'string' && ids.has(id);

/** Where a hub or port of this company is. */
export function whereaboutsIn(found: CompanyInventory): (hardware: Hub | Port) => Whereabouts {
  const locations = new Map(found.locations.map((location) => [location.id, location]));
  const plans = new Map(found.floorPlans.map((plan) => [plan.id, plan]));
  const hubs = new Map(found.hubs.map((hub) => [hub.id, hub]));
  const locationOf = (hardware: Hub | Port, floorPlan: FloorPlan | undefined) => {
    const hub = 'hubId' in hardware && typeof hardware.hubId === 'string' ? hubs.get(hardware.hubId) : hardware;
    const own = hub && 'locationId' in hub && typeof hub.locationId === 'string' ? hub.locationId : undefined;
    return locations.get(own ?? floorPlan?.locationId ?? '');
  };
  return (hardware) => {
    const floorPlan = plans.get(hardware.floorPlanId ?? '');
    return { company: found.company, location: locationOf(hardware, floorPlan), floorPlan };
  };
}

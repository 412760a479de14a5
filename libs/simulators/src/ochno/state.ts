import type { GroundTruth } from '../kit/ground-truth.ts';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import { COMPANY_IDS, seedUsers, USERS, type User } from './accounts.ts';
import { IotCredentials } from './iot-credentials.ts';
import type { OchnoOptions } from './options.ts';
import { leavesOf, mergePortData, type PortMessage } from './port-data.ts';
import type { Company, FloorPlan, Hub, Location, Port } from './records.ts';
import { Tokens } from './tokens.ts';
import { type PortPlace, portTopic } from './topics.ts';
import { badCredentials, forbidden, notAuthenticated, notFound } from './vendor-error.ts';

/** Hands a message to whoever listens; answers whether anybody did. */
export type Outlet = (companyId: string, topic: string, payload: string) => boolean;

/** Notes in the ground truth. */
const UNHEARD = 0;
const HEARD = 1;

export interface Collections {
  locations: Map<string, Location>;
  floorplans: Map<string, FloorPlan>;
  hubs: Map<string, Hub>;
  ports: Map<string, Port>;
}

/** What Ochno knows. */
export class OchnoState implements Collections {
  readonly tokens: Tokens;
  readonly iot: IotCredentials;
  readonly users = new Map<string, User>();
  readonly companies = new Map<string, Company>();
  readonly locations = new Map<string, Location>();
  readonly floorplans = new Map<string, FloorPlan>();
  readonly hubs = new Map<string, Hub>();
  readonly ports = new Map<string, Port>();
  outlet: Outlet = () => false;

  constructor(
    readonly options: OchnoOptions,
    readonly clock: ScenarioClock,
    /** What was streamed about the companies that the demonstration account sees. */
    readonly truth: GroundTruth,
    /** What else metrics are made of: the time before the start, and other companies. */
    readonly archive: GroundTruth,
  ) {
    for (const user of seedUsers()) this.users.set(user.email, user);
    this.tokens = new Tokens(clock, options.seed, options.tokenLifeMs);
    this.iot = new IotCredentials(clock, options.credentialLifeMs);
  }

  /** Throws 401 unless the pair is right, in the same words for a wrong e-mail and a wrong password. */
  checkPassword(email: string, password: string): User {
    const user = this.users.get(email);
    if (!user || user.password !== password) throw badCredentials();
    return user;
  }

  user(email: string): User {
    const user = this.users.get(email);
    if (!user) throw notAuthenticated();
    return user;
  }

  /** Throws 404 for a company that nobody has, 403 for one that this user does not see. */
  companyFor(user: User, id: string): Company {
    const company = this.companies.get(id);
    if (!company) throw notFound();
    if (!user.companies.has(id)) throw forbidden();
    return company;
  }

  placeOf(port: Port): PortPlace {
    const hub = this.hubs.get(port.hubId);
    const locationId = hub?.locationId ?? '';
    return { companyId: this.companyOfLocation(locationId), locationId, hubId: port.hubId, portId: port.id };
  }

  /** Empty when the location is gone. */
  companyOfLocation(locationId: string): string {
    return this.locations.get(locationId)?.companyId ?? '';
  }

  /** Whether the demonstration account sees the company: its ports are in the ground truth. */
  isDemonstrated(companyId: string): boolean {
    return this.users.get(USERS.demo.email)?.companies.has(companyId) ?? companyId !== COMPANY_IDS.foreign;
  }

  /** A port says something: it is known from now on, told to whoever listens, and written down. */
  say(port: Port, message: PortMessage): void {
    const place = this.placeOf(port);
    const knownT = typeof port.data.t === 'number' ? port.data.t : Number.NEGATIVE_INFINITY;
    // What comes late does not change what is known now.
    if (message.t >= knownT) port.data = mergePortData(port.data, message);
    const heard = this.outlet(place.companyId, portTopic(place), JSON.stringify(message));
    this.#write(port.id, place.companyId, message, heard);
  }

  /** Points that nobody was there to receive: no adapter can have them as they were streamed. */
  *unheard(): Generator<{ device: string; signal: string; ts: number }> {
    const everything = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
    for (const device of this.truth.devices()) {
      for (const signal of this.truth.signals(device)) {
        for (const { ts, note } of this.truth.series(device, signal)?.range(everything) ?? []) {
          if (note === UNHEARD) yield { device, signal, ts };
        }
      }
    }
  }

  #write(portId: string, companyId: string, message: PortMessage, heard: boolean): void {
    const toTruth = this.isDemonstrated(companyId) && (heard || this.options.recordUnheard);
    const log = toTruth ? this.truth : this.archive;
    for (const { signal, value } of leavesOf(message)) {
      const note = heard || this.#wasHeard(portId, signal, message.t) ? HEARD : UNHEARD;
      log.record(portId, signal, message.t, value, note);
    }
  }

  #wasHeard(portId: string, signal: string, ts: number): boolean {
    const series = this.truth.series(portId, signal);
    if (!series || ts > (series.newestTs ?? Number.NEGATIVE_INFINITY)) return false;
    return series.writesAt(ts).some(({ note }) => note === HEARD);
  }
}

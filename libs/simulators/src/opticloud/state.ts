import type { GroundTruth } from '../kit/ground-truth.ts';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import { seededToken, seededUuid } from '../kit/seeded.ts';
import type { TrueValue } from '../kit/series-log.ts';
import { type Authority, seedAccounts, type Tenant, type User } from './accounts.ts';
import { type AttributeScope, Device, type DeviceDescription } from './device.ts';
import type { OpticloudOptions } from './options.ts';
import type { TimedValues, WrittenValue } from './telemetry-payload.ts';
import { Tokens } from './tokens.ts';
import { badCredentials, forbidden, inactiveUser, notAuthenticated, notFound } from './vendor-error.ts';

/** Who asks, after the token was checked. */
export interface Caller {
  user: User;
  authority: Authority;
}

/** Told when a user has changed what a device should know. */
export type SharedAttributesListener = (device: Device, changed: Record<string, TrueValue>, deleted: string[]) => void;

/** Note in the ground truth of a value that was written as a floating point number. */
export const REAL = 1;

const GATEWAY_DEVICE = 9;

/** What optiCLOUD knows. */
export class OpticloudState {
  readonly tokens: Tokens;
  readonly tenants: { main: Tenant; other: Tenant };
  readonly users = new Map<string, User>();
  readonly #byId = new Map<string, Device>();
  readonly #byToken = new Map<string, Device>();
  readonly #byTenant = new Map<string, Device[]>();
  readonly #sharedListeners: SharedAttributesListener[] = [];
  #gatewayDevices = 0;

  constructor(
    readonly options: OpticloudOptions,
    readonly clock: ScenarioClock,
    readonly truth: GroundTruth,
  ) {
    const { main, other, users } = seedAccounts(options.seed);
    this.tenants = { main, other };
    for (const user of users) this.users.set(user.username, user);
    this.tokens = new Tokens(clock, options.seed, {
      accessMs: options.tokenLifeMs,
      refreshMs: options.refreshTokenLifeMs,
    });
  }

  /** Throws 401 unless the pair is right and the account is active. */
  checkPassword(username: string, password: string): User {
    const user = this.users.get(username);
    if (!user || user.password !== password) throw badCredentials();
    if (!user.active) throw inactiveUser();
    return user;
  }

  callerOf(session: { username: string; authorityId: string }): Caller {
    const user = this.users.get(session.username);
    const authority = user?.authorities.find((one) => one.id === session.authorityId);
    if (!user?.active || !authority) throw notAuthenticated();
    return { user, authority };
  }

  addDevice(description: DeviceDescription): Device {
    const device = new Device(description);
    this.#byId.set(device.id, device);
    this.#byToken.set(device.token, device);
    const siblings = this.#byTenant.get(device.tenant.id) ?? [];
    this.#byTenant.set(device.tenant.id, siblings);
    siblings.push(device);
    return device;
  }

  removeDevice(device: Device): void {
    this.#byId.delete(device.id);
    this.#byToken.delete(device.token);
    const siblings = this.#byTenant.get(device.tenant.id) ?? [];
    siblings.splice(siblings.indexOf(device), 1);
  }

  /** In the order of their making. */
  devices(tenantId?: string): Device[] {
    return tenantId === undefined ? [...this.#byId.values()] : [...(this.#byTenant.get(tenantId) ?? [])];
  }

  device(id: string): Device | undefined {
    return this.#byId.get(id);
  }

  deviceByToken(token: string): Device | undefined {
    return this.#byToken.get(token);
  }

  deviceByName(tenant: Tenant, name: string): Device | undefined {
    return this.#byTenant.get(tenant.id)?.find((device) => device.name === name);
  }

  /** Throws 404 for a device that nobody has, 403 for one of another tenant. */
  deviceFor(caller: Caller, id: string): Device {
    const device = this.#byId.get(id);
    if (!device) throw notFound('Device');
    if (device.tenant.id !== caller.authority.tenant?.id) throw forbidden();
    return device;
  }

  changeToken(device: Device, token: string): void {
    this.#byToken.delete(device.token);
    device.token = token;
    this.#byToken.set(token, device);
  }

  /** The device a gateway speaks for; made when it is new. */
  deviceBehind(gateway: Device, name: string): Device {
    const known = this.deviceByName(gateway.tenant, name);
    if (known) return known;
    const n = ++this.#gatewayDevices;
    return this.addDevice({
      id: seededUuid(this.options.seed, GATEWAY_DEVICE, gateway.index, n),
      index: -1,
      tenant: gateway.tenant,
      name,
      type: 'default',
      label: '',
      description: `behind ${gateway.name}`,
      createdTime: this.clock.now(),
      token: seededToken(20, this.options.seed, GATEWAY_DEVICE, gateway.index, n),
      gateway: false,
    });
  }

  writeTelemetry(device: Device, messages: readonly TimedValues[]): void {
    const received = this.clock.now();
    for (const { ts, values } of messages) {
      for (const [key, { value, real }] of values) {
        this.truth.record(device.id, key, ts ?? received, value, real ? REAL : 0);
      }
    }
  }

  writeAttributes(device: Device, scope: AttributeScope, values: Map<string, WrittenValue>): void {
    const lastUpdateTs = this.clock.now();
    for (const [key, { value, real }] of values) device.attributes[scope].set(key, { value, real, lastUpdateTs });
    if (scope !== 'SHARED_SCOPE' || values.size === 0) return;
    const changed = Object.fromEntries([...values].map(([key, { value }]) => [key, value]));
    for (const listener of this.#sharedListeners) listener(device, changed, []);
  }

  deleteAttributes(device: Device, scope: AttributeScope, keys: readonly string[]): void {
    const deleted = keys.filter((key) => device.attributes[scope].delete(key));
    if (scope !== 'SHARED_SCOPE' || deleted.length === 0) return;
    for (const listener of this.#sharedListeners) listener(device, {}, deleted);
  }

  onSharedAttributes(listener: SharedAttributesListener): void {
    this.#sharedListeners.push(listener);
  }
}

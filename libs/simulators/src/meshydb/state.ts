import type { GroundTruth } from '../kit/ground-truth.ts';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import { AccessTokens } from './access-tokens.ts';
import { Account } from './account.ts';
import { ACCOUNTS, DEFAULT_TENANT, TENANTS, USERS } from './accounts.ts';
import type { Document, StoredDocument } from './document.ts';
import { isObjectId, ObjectIds } from './object-ids.ts';
import type { MeshydbOptions } from './options.ts';
import { RefreshTokens } from './refresh-tokens.ts';
import { ADMINISTRATOR } from './roles.ts';
import { pointsOf, type TelemetryMapping, telemetryMapping, timeOf } from './telemetry-mapping.ts';
import { Tenant } from './tenant.ts';
import { badRequest, notFound } from './vendor-error.ts';
import { Verifications } from './verification.ts';

/** What MeshyDB knows. */
export class MeshydbState {
  readonly accounts = new Map<string, Account>();
  readonly access: AccessTokens;
  readonly refresh: RefreshTokens;
  readonly verifications: Verifications;
  readonly mapping: TelemetryMapping;
  /** Can be switched while the simulator runs. */
  anonymousRegistration: boolean;
  publicRegistration = true;
  readonly #ids: ObjectIds;

  constructor(
    readonly options: MeshydbOptions,
    readonly clock: ScenarioClock,
    readonly truth: GroundTruth,
  ) {
    this.access = new AccessTokens(clock, options.seed, options.tokenLifeMs);
    this.refresh = new RefreshTokens(clock, options);
    this.verifications = new Verifications(clock, options.seed);
    this.mapping = telemetryMapping(options.timeUnit, options.signalsPerDevice);
    this.anonymousRegistration = options.anonymousRegistration;
    this.#ids = new ObjectIds(options.seed, options.writers);
    for (const description of [...TENANTS, ...options.moreTenants])
      this.#addTenant(new Tenant(description, () => this.newId()));
  }

  /** The tenant that the demonstration connects to: the scenario's data are there. */
  get demo(): Tenant {
    const tenant = this.account(ACCOUNTS.demo).tenant(DEFAULT_TENANT);
    if (!tenant) throw new Error('the tenant of the demonstration is missing');
    return tenant;
  }

  /** Throws 404. */
  account(name: string): Account {
    const account = this.accounts.get(name);
    if (!account) throw notFound('Account');
    return account;
  }

  newId(madeAt = this.clock.now()): string {
    return this.#ids.next(madeAt);
  }

  /** Throws 400 for an `_id` that is no id, or is there already. */
  insert(tenant: Tenant, mesh: string, body: Document, madeAt?: number): StoredDocument {
    const id = this.checkNewId(tenant, mesh, body._id) ?? this.newId(madeAt);
    const document = tenant.mesh(mesh).put(id, body);
    this.#recordPoints(tenant, mesh, document);
    return document;
  }

  /**
   * Members that are not sent stay as they are. Throws 404 for an unknown document, 400 for another `_id`.
   * Quirk: the page calls it replacing, but what its example answers still has a member that was not sent
   * (REST page, "Update data").
   */
  update(tenant: Tenant, mesh: string, id: string, body: Document): StoredDocument {
    const known = tenant.mesh(mesh).get(id);
    if (!known) throw notFound('Mesh data');
    const { _id: sent, ...members } = body;
    if (sent !== undefined && String(sent).toLowerCase() !== known._id) throw badRequest('The id cannot be changed.');
    return this.replace(tenant, mesh, known._id, { ...known, ...members });
  }

  /** The document is what is given and nothing else. */
  replace(tenant: Tenant, mesh: string, id: string, document: Document): StoredDocument {
    const stored = tenant.mesh(mesh).put(id, document);
    this.#recordPoints(tenant, mesh, stored);
    return stored;
  }

  /** Throws 404 when it is not there. */
  remove(tenant: Tenant, mesh: string, id: string): void {
    if (!tenant.mesh(mesh).remove(id)) throw notFound('Mesh data');
  }

  /** Retention of readings: what is older than `ts` is gone, here and in the ground truth. */
  forgetBefore(ts: number): void {
    const { mapping } = this;
    this.demo.mesh(mapping.mesh).removeWhere((document) => (timeOf(document, mapping) ?? ts) < ts);
    this.truth.forgetBefore(ts);
  }

  #addTenant(tenant: Tenant): void {
    const account =
      this.accounts.get(tenant.account) ?? new Account(tenant.account, this.clock, { ...this.options.limits });
    this.accounts.set(account.name, account);
    account.tenants.set(tenant.name, tenant);
    const { registered, anonymous } = USERS;
    const roles = this.options.roles
      ? [{ name: ADMINISTRATOR, addedDate: new Date(this.clock.now()).toISOString() }]
      : [];
    tenant.users.add({ ...registered, id: this.newId(), anonymous: false, verified: true, roles });
    tenant.users.add({ ...anonymous, id: this.newId(), anonymous: true });
  }

  /** The id a document is to have, undefined when it brings none. Throws 400 as `insert` does. */
  checkNewId(tenant: Tenant, mesh: string, given: unknown): string | undefined {
    if (given === undefined || given === null) return undefined;
    if (!isObjectId(given)) throw badRequest('Mesh id is invalid.');
    const id = given.toLowerCase();
    if (tenant.mesh(mesh).get(id)) throw badRequest('Mesh already exists for provided id.');
    return id;
  }

  #recordPoints(tenant: Tenant, mesh: string, document: StoredDocument): void {
    if (tenant !== this.demo || mesh !== this.mapping.mesh) return;
    for (const { device, signal, ts, value } of pointsOf(document, this.mapping))
      this.truth.record(device, signal, ts, value);
  }
}

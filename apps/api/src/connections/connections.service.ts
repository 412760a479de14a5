import { Inject, Injectable } from '@nestjs/common';
import {
  type ConnectionDraft,
  type ConnectionHealth,
  type connectionPatch,
  isPlatformError,
  type Json,
  mergePatch,
  wireError,
} from '@tributary/contracts';
import { BreakerChanges, type ConnectionChange } from '@tributary/database';
import { newId } from '@tributary/runtime';
import type { z } from 'zod';
import { writeAudit } from '../audit-log/audit-trail.ts';
import type { CallerIdentity } from '../auth/caller.ts';
import type { Staleness } from '../gateway/known-answers/known-answer.ts';
import { type AskOptions, PlatformGateway } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { checkIfMatchVersion } from '../http/etag.ts';
import { badRequest, ProblemError } from '../http/problem-error.ts';
import type { ListRequest } from '../lists/list-query.ts';
import { checkAddresses } from '../platforms/address-check.ts';
import { checkAgainst } from '../platforms/json-schema-check.ts';
import { PlatformCatalogue } from '../platforms/platform-catalogue.ts';
import { lastOfAdapter, presentBreaker } from './connection-health.ts';
import { type ConnectionRow, connectionEtag, presentConnection, targetOf } from './connection-rows.ts';
import { ConnectionStore } from './connection-store.ts';
import { readHealthHistory } from './health-history.ts';

/** Changes that the health itself shows. */
const RECENT = 20;

type Settings = { [key: string]: Json };
type Patch = z.output<typeof connectionPatch>;

/** Where a request comes from: its trace, and whether its caller still waits. */
export interface Asking extends AskOptions {
  traceId: string;
  signal: AbortSignal;
  /** How old an answer it takes while the platform is away; any by default. */
  staleness?: Staleness | undefined;
}

/** What can be done with connections. Settings and credentials are checked against what the platform's adapter announced. */
@Injectable()
export class ConnectionsService {
  readonly #breakers: BreakerChanges;

  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(ConnectionStore) private readonly store: ConnectionStore,
    @Inject(PlatformCatalogue) private readonly catalogue: PlatformCatalogue,
    @Inject(PlatformGateway) private readonly gateway: PlatformGateway,
  ) {
    this.#breakers = new BreakerChanges(house.db);
  }

  async create(caller: CallerIdentity, draft: ConnectionDraft, traceId: string): Promise<ConnectionRow> {
    const { settings, credentials } = await this.#checked(draft.platform, draft.settings, draft.credentials);
    const id = newId('con');
    const sealed = this.#seal(credentials, caller.workspace, id);
    return this.store.create(caller, { id, platform: draft.platform, name: draft.name, settings, ...sealed }, traceId);
  }

  /** Throws 412 when the connection has moved on, before or during the change. */
  async update(
    caller: CallerIdentity,
    id: string,
    patch: Patch,
    ifMatch: string | undefined,
    traceId: string,
  ): Promise<ConnectionRow> {
    const row = await this.store.get(caller.workspace, id);
    checkIfMatchVersion(ifMatch, row.version, connectionEtag(row));
    const change = await this.#changeOf(caller, row, patch);
    const details = { members: Object.keys(patch) };
    await this.#apply(caller, row, change, {
      version: row.version,
      audit: { action: 'connection.updated', details, traceId },
    });
    return this.store.get(caller.workspace, id);
  }

  async remove(caller: CallerIdentity, id: string, ifMatch: string | undefined, traceId: string): Promise<void> {
    const row = await this.store.get(caller.workspace, id);
    checkIfMatchVersion(ifMatch, row.version, connectionEtag(row));
    await this.#apply(
      caller,
      row,
      { removed: true },
      { version: row.version, audit: { action: 'connection.removed', traceId } },
    );
  }

  /** The same twice is the same as once. */
  async setPaused(caller: CallerIdentity, id: string, paused: boolean, traceId: string): Promise<ConnectionRow> {
    const row = await this.store.get(caller.workspace, id);
    if (row.paused === paused) return row;
    const action = paused ? 'connection.paused' : 'connection.resumed';
    await this.#apply(caller, row, { paused }, { audit: { action, traceId } });
    return this.store.get(caller.workspace, id);
  }

  async test(caller: CallerIdentity, id: string, asking: Asking) {
    const row = await this.store.get(caller.workspace, id);
    return this.gateway.ask(targetOf(row), 'connection.test', { connectionId: id }, asking);
  }

  async testDraft(caller: CallerIdentity, draft: ConnectionDraft, asking: Asking) {
    const { settings, credentials } = await this.#checked(draft.platform, draft.settings, draft.credentials);
    const connectionId = newId('con');
    const { sealed } = this.#seal(credentials, caller.workspace, connectionId);
    const payload = { connectionId, draft: { workspace: caller.workspace, settings, sealed } };
    return this.gateway.ask({ platform: draft.platform, connectionId }, 'connection.test', payload, asking);
  }

  async discover(caller: CallerIdentity, id: string, asking: Asking) {
    const row = await this.store.get(caller.workspace, id);
    if (row.paused) throw new ProblemError('conflict', 'The connection is paused; resume it first.');
    const entry = { action: 'connection.discovery-asked', target: id, traceId: asking.traceId };
    await writeAudit(this.house.audit, caller, entry);
    return this.gateway.ask(targetOf(row), 'connection.discover', { connectionId: id }, asking);
  }

  async budget(caller: CallerIdentity, id: string, asking: Asking) {
    const row = await this.store.get(caller.workspace, id);
    return this.gateway.askKnowing(targetOf(row), 'connection.budget', { connectionId: id }, asking);
  }

  /** What the adapter says now; what was last written down, marked stale, where it does not answer. */
  async health(caller: CallerIdentity, id: string, asking: Asking) {
    const row = await this.store.get(caller.workspace, id);
    const [kept, history] = await Promise.all([this.#breakers.of(id), this.history(caller, id, { limit: RECENT })]);
    const known = { replicas: kept.map(presentBreaker), history: history.items };
    try {
      const live = await this.gateway.ask(targetOf(row), 'connection.health', { connectionId: id }, asking);
      return { ...live, observedAt: new Date(this.house.clock.now()).toISOString(), ageMs: 0, stale: false, ...known };
    } catch (error) {
      if (!isPlatformError(error) && !(error instanceof ProblemError && error.code === 'circuit-open')) throw error;
      return { ...(await this.#lastHealth(row)), breakers: lastOfAdapter(kept), ...known };
    }
  }

  /** What became of the connection and its breakers; the connection must be the workspace's. */
  history({ workspace }: CallerIdentity, connectionId: string, request: ListRequest) {
    return readHealthHistory(this.house.db, { workspace, connectionId }, request);
  }

  async #lastHealth(row: ConnectionRow) {
    const last = await this.store.lastHealth(row.id);
    const now = this.house.clock.now();
    const saidAt = last?.said_at ?? row.updated_at;
    const error = wireError.safeParse(last?.error);
    const owner =
      last?.replica && last.leased_until
        ? { replica: last.replica, epoch: Number(last.epoch), leasedUntil: last.leased_until.toISOString() }
        : undefined;
    const health: ConnectionHealth = {
      connectionId: row.id,
      status: presentConnection(row).status,
      breakers: [],
      setAside: 0,
      ...(owner ? { owner } : {}),
      ...(error.success ? { lastError: { ...error.data, at: saidAt.toISOString() } } : {}),
    };
    return { ...health, observedAt: saidAt.toISOString(), ageMs: Math.max(0, now - saidAt.getTime()), stale: true };
  }

  async #changeOf(caller: CallerIdentity, row: ConnectionRow, patch: Patch): Promise<ConnectionChange> {
    const change: ConnectionChange = {};
    if (patch.name !== undefined) change.name = patch.name;
    if (patch.settings !== undefined) {
      const merged = mergePatch(row.settings, patch.settings) as Settings;
      change.settings = (await this.#checked(row.platform, merged, undefined)).settings;
    }
    if (patch.credentials !== undefined) {
      const { credentials } = await this.#checked(row.platform, undefined, patch.credentials);
      change.credentials = this.#seal(credentials, caller.workspace, row.id);
    }
    return change;
  }

  async #apply(
    caller: CallerIdentity,
    row: ConnectionRow,
    change: ConnectionChange,
    options: Parameters<ConnectionStore['change']>[3],
  ) {
    if (await this.store.change(caller, row, change, options)) return;
    const now = await this.store.get(caller.workspace, row.id);
    throw new ProblemError('precondition-failed', 'The connection was changed at the same moment.', {
      headers: { etag: connectionEtag(now) },
    });
  }

  /** Names every fault of both parts at once. Fills in the defaults of the platform's schema. */
  async #checked(platformId: string, settings: Settings | undefined, credentials: Record<string, string> | undefined) {
    const platform = await this.catalogue.get(platformId);
    if (!platform) {
      throw badRequest([
        { pointer: '/body/platform', detail: 'no adapter has announced this platform; see GET /v1/platforms' },
      ]);
    }
    const checked = { settings: structuredClone(settings ?? {}), credentials: { ...credentials } };
    const faults = [
      ...(settings === undefined
        ? []
        : await checkAgainst(platform.settingsSchema, checked.settings, '/body/settings')),
      ...(credentials === undefined
        ? []
        : await checkAgainst(platform.credentialsSchema, checked.credentials, '/body/credentials')),
    ];
    if (faults.length > 0) throw badRequest(faults);
    const { allowPrivateAddresses: allowPrivate } = this.house.settings;
    const where = { under: '/body/settings', allowPrivate };
    const refused = await checkAddresses(platform.settingsSchema, checked.settings, where);
    if (refused.length > 0) throw badRequest(refused);
    return checked;
  }

  #seal(credentials: Record<string, string>, workspace: string, connectionId: string) {
    const owner = { workspace, connectionId };
    return {
      sealed: this.house.vault.seal(credentials, owner),
      fingerprint: this.house.vault.fingerprint(credentials, owner),
    };
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { PlatformUser, PlatformUserDraft } from '@tributary/contracts';
import { writeAudit } from '../audit-log/audit-trail.ts';
import type { CallerIdentity } from '../auth/caller.ts';
import { targetOf } from '../connections/connection-rows.ts';
import { ConnectionStore } from '../connections/connection-store.ts';
import type { Asking } from '../connections/connections.service.ts';
import { PlatformGateway, type Target } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { bindingOf, readCursor, writeCursor } from '../lists/cursor.ts';
import { PlatformCatalogue } from '../platforms/platform-catalogue.ts';

/**
 * Users of platforms: asked and changed there, kept nowhere. What is told of a person stands in the answer alone: the
 * audit log has the names of the members that were given, and ids.
 */
@Injectable()
export class UsersService {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(ConnectionStore) private readonly connections: ConnectionStore,
    @Inject(PlatformCatalogue) private readonly catalogue: PlatformCatalogue,
    @Inject(PlatformGateway) private readonly gateway: PlatformGateway,
  ) {}

  async list(
    caller: CallerIdentity,
    connectionId: string,
    query: { limit: number; cursor?: string | undefined },
    asking: Asking,
  ) {
    const target = await this.#target(caller, connectionId);
    const binding = bindingOf('users', connectionId);
    const [cursor] = query.cursor === undefined ? [] : readCursor(query.cursor, binding, ['text']);
    const payload = { connectionId, limit: query.limit, ...(cursor ? { cursor } : {}) };
    const { items, nextCursor } = await this.gateway.ask(target, 'users.list', payload, asking);
    return { items, page: nextCursor === undefined ? {} : { nextCursor: writeCursor(binding, [nextCursor]) } };
  }

  async current(caller: CallerIdentity, connectionId: string, asking: Asking): Promise<PlatformUser> {
    return this.gateway.ask(await this.#target(caller, connectionId), 'users.current', { connectionId }, asking);
  }

  async exists(caller: CallerIdentity, connectionId: string, username: string, asking: Asking) {
    const target = await this.#target(caller, connectionId);
    return this.gateway.ask(target, 'users.exists', { connectionId, username }, asking);
  }

  register(caller: CallerIdentity, connectionId: string, draft: PlatformUserDraft, asking: Asking) {
    return this.#make('users.register', 'user.registered', caller, { connectionId, draft }, asking);
  }

  invite(caller: CallerIdentity, connectionId: string, draft: PlatformUserDraft, asking: Asking) {
    return this.#make('users.invite', 'user.invited', caller, { connectionId, draft }, asking);
  }

  async remove(
    caller: CallerIdentity,
    { connectionId, nativeId }: { connectionId: string; nativeId: string },
    asking: Asking,
  ): Promise<void> {
    const target = await this.#target(caller, connectionId);
    await this.#audit(caller, 'user.removed', connectionId, { nativeId }, asking);
    await this.gateway.ask(target, 'users.remove', { connectionId, nativeId }, asking);
  }

  async #make(
    question: 'users.register' | 'users.invite',
    action: string,
    caller: CallerIdentity,
    payload: { connectionId: string; draft: PlatformUserDraft },
    asking: Asking,
  ): Promise<PlatformUser> {
    const target = await this.#target(caller, payload.connectionId);
    const members = [...Object.keys(payload.draft), ...Object.keys(payload.draft.attributes)];
    await this.#audit(caller, action, payload.connectionId, { members }, asking);
    return this.gateway.ask(target, question, payload, asking);
  }

  async #target(caller: CallerIdentity, id: string): Promise<Target> {
    const target = targetOf(await this.connections.get(caller.workspace, id));
    await this.catalogue.demand(target, 'users');
    return target;
  }

  /** Written before the platform is asked: a change that may have happened must stand in the log. */
  #audit(
    caller: CallerIdentity,
    action: string,
    target: string,
    details: { members: string[] } | { nativeId: string },
    { traceId }: Asking,
  ) {
    return writeAudit(this.house.audit, caller, { action, target, details, traceId });
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { type CapabilityName, type EntityRecord, formatFilter, isPlatformError, type Json } from '@tributary/contracts';
import { writeAudit } from '../audit-log/audit-trail.ts';
import type { CallerIdentity } from '../auth/caller.ts';
import { type ConnectionRow, targetOf } from '../connections/connection-rows.ts';
import { ConnectionStore } from '../connections/connection-store.ts';
import type { Asking } from '../connections/connections.service.ts';
import type { Known } from '../gateway/known-answers/known-answer.ts';
import { PlatformGateway } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { ProblemError } from '../http/problem-error.ts';
import { bindingOf, readCursor, writeCursor } from '../lists/cursor.ts';
import { readFilter } from '../lists/read-filter.ts';
import { PlatformCatalogue } from '../platforms/platform-catalogue.ts';
import { checkEntityFilter, entitySort } from './entity-filter.ts';
import { EntityNews } from './entity-news.ts';
import { evaluatedHere } from './entity-page.ts';
import { tagOf, wantedEtag } from './entity-tag.ts';
import { EntityTypes } from './entity-types.ts';

/** Where a record is. */
export interface EntityAddress {
  connectionId: string;
  type: string;
  nativeId: string;
}

export interface EntityListQuery {
  limit: number;
  cursor?: string | undefined;
  filter?: string | undefined;
  sort?: string | undefined;
}

type Attributes = { [key: string]: Json };

/** Records of platforms: asked and changed there. While a platform is away its last answers are given, marked stale. */
@Injectable()
export class EntitiesService {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(ConnectionStore) private readonly connections: ConnectionStore,
    @Inject(PlatformCatalogue) private readonly catalogue: PlatformCatalogue,
    @Inject(PlatformGateway) private readonly gateway: PlatformGateway,
    @Inject(EntityTypes) private readonly entityTypes: EntityTypes,
    @Inject(EntityNews) private readonly news: EntityNews,
  ) {}

  async types(caller: CallerIdentity, connectionId: string, asking: Asking) {
    return this.entityTypes.read(await this.#connection(caller, connectionId, 'entities.read'), asking);
  }

  async list(
    caller: CallerIdentity,
    { connectionId, type: name }: Omit<EntityAddress, 'nativeId'>,
    query: EntityListQuery,
    asking: Asking,
  ) {
    const connection = await this.#connection(caller, connectionId, 'entities.read');
    const type = await this.entityTypes.get(connection, name, asking, 'read');
    const filter =
      query.filter === undefined ? undefined : readFilter(query.filter, (tree) => checkEntityFilter(tree, type));
    const sort = entitySort(query.sort, type);
    const binding = bindingOf('entities', connectionId, name, filter && formatFilter(filter), sort);
    const [cursor] = query.cursor === undefined ? [] : readCursor(query.cursor, binding, ['text']);
    const { reply: answer, ...known } = await this.gateway.askKnowing(
      targetOf(connection),
      'entities.query',
      {
        connectionId,
        type: name,
        sort,
        limit: query.limit,
        ...(filter ? { filter: formatFilter(filter) } : {}),
        ...(cursor ? { cursor } : {}),
      },
      asking,
    );
    const page = answer.nextCursor === undefined ? {} : { nextCursor: writeCursor(binding, [answer.nextCursor]) };
    return { ...known, reply: { ...evaluatedHere(answer, filter, targetOf(connection)), page } };
  }

  async get(caller: CallerIdentity, address: EntityAddress, asking: Asking): Promise<Known<EntityRecord>> {
    const connection = await this.#connection(caller, address.connectionId, 'entities.read');
    return this.gateway.askKnowing(targetOf(connection), 'entities.get', { ...address }, asking);
  }

  async create(
    caller: CallerIdentity,
    { connectionId, type }: Omit<EntityAddress, 'nativeId'>,
    attributes: Attributes,
    asking: Asking,
  ): Promise<EntityRecord> {
    const connection = await this.#connection(caller, connectionId, 'entities.write');
    await this.entityTypes.get(connection, type, asking, 'create');
    await this.#audit(caller, 'entity.created', connectionId, { type }, asking);
    const payload = { connectionId, type, attributes };
    const made = await this.gateway.ask(targetOf(connection), 'entities.create', payload, asking);
    await this.#tell(caller, connection, 'created', { ...made, type }, asking);
    return made;
  }

  /** Throws 412 when the record is no longer the one that `ifMatch` names. */
  async update(
    caller: CallerIdentity,
    address: EntityAddress,
    change: { patch: Attributes; ifMatch: string | undefined },
    asking: Asking,
  ): Promise<EntityRecord> {
    const { patch, ifMatch } = change;
    return this.#change(caller, address, { ifMatch, use: 'update' }, asking, async (connection, etag) => {
      const payload = { ...address, patch, ifMatch: etag };
      const record = await this.gateway.ask(targetOf(connection), 'entities.update', payload, asking);
      await this.#tell(caller, connection, 'updated', { ...record, type: address.type }, asking);
      return record;
    });
  }

  async remove(
    caller: CallerIdentity,
    address: EntityAddress,
    ifMatch: string | undefined,
    asking: Asking,
  ): Promise<void> {
    await this.#change(caller, address, { ifMatch, use: 'remove' }, asking, async (connection, etag) => {
      await this.gateway.ask(targetOf(connection), 'entities.remove', { ...address, ifMatch: etag }, asking);
      await this.#tell(caller, connection, 'removed', { ...address, attributes: {} }, asking);
    });
  }

  async #change<T>(
    caller: CallerIdentity,
    address: EntityAddress,
    { ifMatch, use }: { ifMatch: string | undefined; use: 'update' | 'remove' },
    asking: Asking,
    work: (connection: ConnectionRow, etag: string) => Promise<T>,
  ): Promise<T> {
    const { connectionId, type, nativeId } = address;
    const connection = await this.#connection(caller, connectionId, 'entities.write');
    await this.entityTypes.get(connection, type, asking, use);
    const etag = await wantedEtag(ifMatch, () => this.#read(connection, address, asking));
    await this.#audit(caller, `entity.${use}d`, connectionId, { type, nativeId }, asking);
    try {
      return await work(connection, etag);
    } catch (error) {
      throw await this.#moved(error, connection, address, { etag, asking });
    }
  }

  /** A conflict is 412 where the record is another one than the caller has read, and the platform's own 409 else. */
  async #moved(
    error: unknown,
    connection: ConnectionRow,
    address: EntityAddress,
    { etag, asking }: { etag: string; asking: Asking },
  ): Promise<unknown> {
    if (!isPlatformError(error) || error.code !== 'conflict') return error;
    const now = await this.#read(connection, address, asking).catch(() => undefined);
    if (now === undefined || now.etag === etag) return error;
    return new ProblemError('precondition-failed', 'The record has changed since it was read.', {
      headers: { etag: tagOf(now.etag) },
      platform: targetOf(connection),
      cause: error,
    });
  }

  /** As it is now: a change is compared with that. */
  #read(connection: ConnectionRow, address: EntityAddress, asking: Asking): Promise<EntityRecord> {
    return this.gateway.ask(targetOf(connection), 'entities.get', { ...address }, asking);
  }

  async #connection(caller: CallerIdentity, id: string, capability: CapabilityName): Promise<ConnectionRow> {
    const connection = await this.connections.get(caller.workspace, id);
    await this.catalogue.demand(targetOf(connection), capability);
    return connection;
  }

  #tell(
    caller: CallerIdentity,
    connection: ConnectionRow,
    action: 'created' | 'updated' | 'removed',
    { type, nativeId, name, attributes }: Omit<EntityRecord, 'etag'>,
    { traceId }: Asking,
  ): Promise<void> {
    const entity = { entityType: type, nativeId, attributes, ...(name === undefined ? {} : { name }) };
    return this.news.tell(caller, connection, { action, entity }, traceId);
  }

  /** Written before the platform is asked: a change that may have happened must stand in the log. */
  #audit(
    caller: CallerIdentity,
    action: string,
    target: string,
    details: { type: string; nativeId?: string },
    { traceId }: Asking,
  ) {
    return writeAudit(this.house.audit, caller, { action, target, details, traceId });
  }
}

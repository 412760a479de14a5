import { Inject, Injectable } from '@nestjs/common';
import {
  type AdapterReply,
  type CapabilityName,
  type EntityRecord,
  type Filter,
  FilterError,
  formatFilter,
  isPlatformError,
  type Json,
  MalformedResponseError,
  matchesFilter,
  parseFilter,
} from '@tributary/contracts';
import { writeAudit } from '../audit-log/audit-trail.ts';
import type { CallerIdentity } from '../auth/caller.ts';
import type { ConnectionRow } from '../connections/connection-rows.ts';
import { ConnectionStore } from '../connections/connection-store.ts';
import type { Asking } from '../connections/connections.service.ts';
import { PlatformGateway } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { atPlatform } from '../http/problem-document.ts';
import { ProblemError } from '../http/problem-error.ts';
import { bindingOf, readCursor, writeCursor } from '../lists/cursor.ts';
import { readFilter } from '../lists/read-filter.ts';
import { PlatformCatalogue } from '../platforms/platform-catalogue.ts';
import { checkEntityFilter, ENTITY_FIELDS, entitySort, evaluatedThere } from './entity-filter.ts';
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

/** Records of platforms: asked and changed there, nothing of them is kept here. */
@Injectable()
export class EntitiesService {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(ConnectionStore) private readonly connections: ConnectionStore,
    @Inject(PlatformCatalogue) private readonly catalogue: PlatformCatalogue,
    @Inject(PlatformGateway) private readonly gateway: PlatformGateway,
    @Inject(EntityTypes) private readonly entityTypes: EntityTypes,
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
    const answer = await this.gateway.ask(
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
    return {
      ...evaluatedHere(answer, filter, connection),
      page: answer.nextCursor === undefined ? {} : { nextCursor: writeCursor(binding, [answer.nextCursor]) },
    };
  }

  async get(caller: CallerIdentity, address: EntityAddress, asking: Asking): Promise<EntityRecord> {
    return this.#read(await this.#connection(caller, address.connectionId, 'entities.read'), address, asking);
  }

  async create(
    caller: CallerIdentity,
    { connectionId, type }: Omit<EntityAddress, 'nativeId'>,
    attributes: Attributes,
    asking: Asking,
  ): Promise<EntityRecord> {
    const connection = await this.#connection(caller, connectionId, 'entities.write');
    await this.entityTypes.get(connection, type, asking, 'change');
    await this.#audit(caller, 'entity.created', connectionId, { type }, asking);
    return this.gateway.ask(targetOf(connection), 'entities.create', { connectionId, type, attributes }, asking);
  }

  /** Throws 412 when the record is no longer the one that `ifMatch` names. */
  async update(
    caller: CallerIdentity,
    address: EntityAddress,
    change: { patch: Attributes; ifMatch: string | undefined },
    asking: Asking,
  ): Promise<EntityRecord> {
    const { patch } = change;
    return this.#change(caller, address, { ...change, action: 'entity.updated' }, asking, (connection, ifMatch) =>
      this.gateway.ask(targetOf(connection), 'entities.update', { ...address, patch, ifMatch }, asking),
    );
  }

  async remove(
    caller: CallerIdentity,
    address: EntityAddress,
    ifMatch: string | undefined,
    asking: Asking,
  ): Promise<void> {
    await this.#change(caller, address, { ifMatch, action: 'entity.removed' }, asking, (connection, etag) =>
      this.gateway.ask(targetOf(connection), 'entities.remove', { ...address, ifMatch: etag }, asking),
    );
  }

  async #change<T>(
    caller: CallerIdentity,
    address: EntityAddress,
    { ifMatch, action }: { ifMatch: string | undefined; action: string },
    asking: Asking,
    work: (connection: ConnectionRow, etag: string) => Promise<T>,
  ): Promise<T> {
    const { connectionId, type, nativeId } = address;
    const connection = await this.#connection(caller, connectionId, 'entities.write');
    await this.entityTypes.get(connection, type, asking, 'change');
    const etag = await wantedEtag(ifMatch, () => this.#read(connection, address, asking));
    await this.#audit(caller, action, connectionId, { type, nativeId }, asking);
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

  #read(connection: ConnectionRow, address: EntityAddress, asking: Asking): Promise<EntityRecord> {
    return this.gateway.ask(targetOf(connection), 'entities.get', { ...address }, asking);
  }

  async #connection(caller: CallerIdentity, id: string, capability: CapabilityName): Promise<ConnectionRow> {
    const connection = await this.connections.get(caller.workspace, id);
    await this.catalogue.demand(targetOf(connection), capability);
    return connection;
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

const targetOf = ({ platform, id }: ConnectionRow) => ({ platform, connectionId: id });

/** Does what the platform has left of the filter, and says who did what. */
function evaluatedHere(answer: AdapterReply<'entities.query'>, filter: Filter | undefined, connection: ConnectionRow) {
  if (!filter) return { items: answer.items };
  const residual = residualOf(answer, connection);
  const pushed = evaluatedThere(filter, residual);
  return {
    items: residual ? answer.items.filter((item) => matchesFilter(residual, item, ENTITY_FIELDS)) : answer.items,
    filter: {
      ...(pushed ? { pushed: formatFilter(pushed) } : {}),
      ...(residual ? { evaluatedHere: formatFilter(residual) } : {}),
    },
  };
}

function residualOf({ residualFilter }: AdapterReply<'entities.query'>, connection: ConnectionRow) {
  try {
    return residualFilter === undefined ? undefined : parseFilter(residualFilter);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const detail = 'the adapter has left a filter that cannot be read';
    throw atPlatform(new MalformedResponseError(detail, { cause: error }), targetOf(connection));
  }
}

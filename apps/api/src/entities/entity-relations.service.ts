import { Inject, Injectable } from '@nestjs/common';
import { type EntityRecord, type EntityType } from '@tributary/contracts';
import { writeAudit } from '../audit-log/audit-trail.ts';
import type { CallerIdentity } from '../auth/caller.ts';
import { type ConnectionRow, targetOf } from '../connections/connection-rows.ts';
import { ConnectionStore } from '../connections/connection-store.ts';
import type { Asking } from '../connections/connections.service.ts';
import { PlatformGateway } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { badRequest, notFound } from '../http/problem-error.ts';
import { bindingOf, readCursor, writeCursor } from '../lists/cursor.ts';
import { PlatformCatalogue } from '../platforms/platform-catalogue.ts';
import type { EntityAddress } from './entities.service.ts';
import { EntityNews } from './entity-news.ts';
import { EntityTypes } from './entity-types.ts';

/** A named link of a record. */
export interface RelationAddress extends EntityAddress {
  relation: string;
}

/** Links between records: followed and added on the platform. */
@Injectable()
export class EntityRelations {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(ConnectionStore) private readonly connections: ConnectionStore,
    @Inject(PlatformCatalogue) private readonly catalogue: PlatformCatalogue,
    @Inject(PlatformGateway) private readonly gateway: PlatformGateway,
    @Inject(EntityTypes) private readonly entityTypes: EntityTypes,
    @Inject(EntityNews) private readonly news: EntityNews,
  ) {}

  /** Throws 404 for a relation that the type, as far as it names its relations, does not have. */
  async list(
    caller: CallerIdentity,
    address: RelationAddress,
    query: { limit: number; cursor?: string | undefined },
    asking: Asking,
  ) {
    const connection = await this.#connection(caller, address.connectionId);
    relationOf(await this.entityTypes.get(connection, address.type, asking, 'read'), address.relation);
    const { connectionId, type, nativeId, relation } = address;
    const binding = bindingOf('relations', connectionId, type, nativeId, relation);
    const [cursor] = query.cursor === undefined ? [] : readCursor(query.cursor, binding, ['text']);
    const { reply, ...known } = await this.gateway.askKnowing(
      targetOf(connection),
      'entities.related',
      { ...address, limit: query.limit, ...(cursor ? { cursor } : {}) },
      asking,
    );
    const { items, nextCursor } = reply;
    const page = nextCursor === undefined ? {} : { nextCursor: writeCursor(binding, [nextCursor]) };
    return { ...known, reply: { items, page } };
  }

  /** Those that are there already stay. Throws `capability-unsupported` where records of the type cannot be related. */
  async add(caller: CallerIdentity, address: RelationAddress, targets: string[], asking: Asking): Promise<void> {
    const connection = await this.#connection(caller, address.connectionId);
    const type = await this.entityTypes.get(connection, address.type, asking, 'relate');
    const relation = relationOf(type, address.relation);
    const distinct = [...new Set(targets)];
    if (relation?.many === false && distinct.length > 1) {
      throw badRequest([{ pointer: '/body/targets', detail: 'this relation leads to one record only' }]);
    }
    const { type: name, nativeId } = address;
    await writeAudit(this.house.audit, caller, {
      action: 'entity.related',
      target: address.connectionId,
      details: { type: name, nativeId, relation: address.relation, targets: distinct },
      traceId: asking.traceId,
    });
    await this.gateway.ask(targetOf(connection), 'entities.relate', { ...address, targets: distinct }, asking);
    await this.#tell(caller, connection, address, asking);
  }

  /** The event of a relation shows the record as it is afterwards, so that it is read once more. */
  async #tell(caller: CallerIdentity, connection: ConnectionRow, address: EntityAddress, { traceId }: Asking) {
    const { connectionId, type, nativeId } = address;
    let record: EntityRecord;
    try {
      record = await this.gateway.ask(
        targetOf(connection),
        'entities.get',
        { connectionId, type, nativeId },
        { traceId },
      );
    } catch (error) {
      this.house.log.warn({ err: error, traceId, connectionId }, 'a relation was added and could not be told');
      return;
    }
    const entity = {
      entityType: type,
      nativeId,
      attributes: record.attributes,
      ...(record.name === undefined ? {} : { name: record.name }),
    };
    await this.news.tell(caller, connection, { action: 'updated', entity }, traceId);
  }

  async #connection(caller: CallerIdentity, id: string): Promise<ConnectionRow> {
    const connection = await this.connections.get(caller.workspace, id);
    await this.catalogue.demand(targetOf(connection), 'entities.relations');
    return connection;
  }
}

/** Undefined where the type does not name its relations: then the platform decides. */
function relationOf({ name, relations }: EntityType, relation: string) {
  const found = relations?.find((known) => known.name === relation);
  if (relations && !found) {
    const known = relations.map((each) => each.name).join(', ') || 'none';
    throw notFound(`relation; "${name}" has ${known}`);
  }
  return found;
}

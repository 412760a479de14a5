import type { Adapter, Call, EntityPage, EntityQuery, NativeId } from '@tributary/adapter-kit';
import {
  ConflictError,
  type EntityRecord,
  InvalidRequestError,
  isPlatformError,
  type Json,
  MalformedResponseError,
  NotFoundError,
  UnsupportedError,
} from '@tributary/contracts';
import type { Instance } from '../instance.ts';
import { assetEntity, groupEntity, listedEntity, userEntity } from '../mapping.ts';
import { overlappingPages } from '../pages.ts';
import * as wire from '../wire.ts';
import { nextCursor, offsetOf } from './entities.cursor.ts';
import { type EntityTypeName, entityTypes, fieldsOf, typesOf } from './entities.types.ts';

interface Rows {
  rows: number;
  items: EntityRecord[];
}

const PER_PAGE = 100;
const removals = { asset: 'deleteAsset', group: 'deleteGroup', device: 'deleteDevice', user: 'deleteUser' } as const;

/**
 * Records of fixed types. The platform has no revision of its own: an etag is a digest of the record, and a change reads,
 * compares, writes and reads back.
 */
export class Entities implements NonNullable<Adapter['entities']> {
  constructor(private readonly instance: Instance) {}

  async types(signal: AbortSignal) {
    return typesOf(await this.instance.offered({ lane: 'interactive', signal }));
  }

  async query(type: string, query: EntityQuery, signal: AbortSignal): Promise<EntityPage> {
    if (query.sort.length > 0) throw new InvalidRequestError('ExoSense lists records in no order that can be chosen');
    const offset = offsetOf(query.cursor);
    const limit = Math.min(query.limit, PER_PAGE);
    const { rows, items } = await this.#page(typeOf(type), { limit, offset }, { lane: 'interactive', signal });
    return {
      items,
      ...nextCursor(offset, rows, limit),
      // Nothing was filtered: who asked has the whole filter left to do.
      ...(query.filter === undefined ? {} : { residualFilter: query.filter }),
    };
  }

  async get(type: string, id: NativeId, signal: AbortSignal): Promise<EntityRecord> {
    return this.#read(typeOf(type), id, { lane: 'interactive', signal });
  }

  async create(type: string, attributes: Record<string, Json>, signal: AbortSignal): Promise<EntityRecord> {
    const call: Call = { lane: 'command', signal };
    if (typeOf(type) !== 'asset') throw new UnsupportedError(`ExoSense has no way to make a ${type}`);
    const made = wire.asset.safeParse(await this.instance.change('createAsset', attributes, call));
    if (!made.success) throw new MalformedResponseError('createAsset: expected an asset');
    return assetEntity(made.data);
  }

  async update(type: string, id: NativeId, patch: Record<string, Json>, ifMatch: string, signal: AbortSignal) {
    if (typeOf(type) !== 'asset') throw new UnsupportedError(`ExoSense has no way to change a ${type}`);
    await this.#compare('asset', id, ifMatch, signal);
    const answer = await this.instance.change('updateAsset', { ...patch, id }, { lane: 'command', signal });
    // The answer is the record as the platform has it now; where it does not tell, it is read again.
    const changed = wire.asset.safeParse(answer);
    return changed.success ? assetEntity(changed.data) : this.get('asset', id, signal);
  }

  async remove(type: string, id: NativeId, ifMatch: string, signal: AbortSignal): Promise<void> {
    const call: Call = { lane: 'command', signal };
    const name = typeOf(type);
    const removal = name in removals ? removals[name as keyof typeof removals] : undefined;
    if (!removal || !(await this.instance.offered(call)).has(removal)) {
      throw new UnsupportedError(`the schema of this instance cannot remove a ${type}`);
    }
    await this.#compare(name, id, ifMatch, signal);
    try {
      await this.instance.remove(removal, id, call);
    } catch (error) {
      if (!isPlatformError(error)) throw error;
      // It was there a moment ago: that it is not found now is what was wanted.
      if (error.code === 'not-found') return;
      if (error.code !== 'timeout' || (await this.#isThere(name, id, call))) throw error;
    }
  }

  /** What is only read takes its turn with those who read: the share of changes is left to the change itself. */
  async #compare(type: EntityTypeName, id: NativeId, ifMatch: string, signal: AbortSignal): Promise<void> {
    const { etag } = await this.#read(type, id, { lane: 'interactive', signal });
    if (etag !== ifMatch) throw new ConflictError('the record has changed since it was read');
  }

  async #isThere(type: EntityTypeName, id: NativeId, call: Call): Promise<boolean> {
    try {
      await this.#read(type, id, call);
      return true;
    } catch (error) {
      if (isPlatformError(error) && error.code === 'not-found') return false;
      throw error;
    }
  }

  /** Only assets can be asked for by id; of others the listing is read until it is found. */
  async #read(type: EntityTypeName, id: NativeId, call: Call): Promise<EntityRecord> {
    if (type === 'asset') return assetEntity((await this.instance.asset(id, call)).asset);
    const pages = overlappingPages(
      PER_PAGE,
      (page) => this.#page(type, page, call),
      ({ nativeId }) => nativeId,
    );
    for await (const page of pages) {
      const found = page.find(({ nativeId }) => nativeId === id);
      if (found) return found;
    }
    throw new NotFoundError(`ExoSense lists no such ${type}`);
  }

  async #page(type: EntityTypeName, page: { limit: number; offset: number }, call: Call): Promise<Rows> {
    const offered = await this.instance.offered(call);
    if (!offered.has(fieldsOf[type].list)) throw new UnsupportedError(`the schema of this instance shows no ${type}s`);
    switch (type) {
      case 'asset':
        return mapped(await this.instance.assetList(page, undefined, call), assetEntity);
      case 'group':
        return mapped(await this.instance.groups(page, call), groupEntity);
      case 'user':
        return mapped(await this.instance.users(page, call), userEntity);
      case 'device':
        return mapped(
          await this.instance.listed('devices', { pagination: { ...page } }, call),
          listedAs('device', 'id'),
        );
      case 'product':
        return sliced(await this.instance.listed('products', {}, call), page, listedAs('product', 'pid'));
      case 'role':
        return sliced(await this.instance.listed('roles', {}, call), page, listedAs('role', 'id'));
    }
  }
}

const listedAs = (type: EntityTypeName, key: string) => (row: wire.Listed) => listedEntity(type, key, row);

function mapped<T>({ rows, items }: { rows: number; items: T[] }, map: (item: T) => EntityRecord | undefined): Rows {
  return { rows, items: items.flatMap((item) => map(item) ?? []) };
}

/** A listing that the platform does not page. */
function sliced(
  { items }: { items: wire.Listed[] },
  { limit, offset }: { limit: number; offset: number },
  map: (item: wire.Listed) => EntityRecord | undefined,
): Rows {
  const part = items.slice(offset, offset + limit);
  return mapped({ rows: part.length, items: part }, map);
}

function typeOf(type: string): EntityTypeName {
  const found = entityTypes.find((name) => name === type);
  if (!found) throw new NotFoundError(`ExoSense has these types of entities: ${entityTypes.join(', ')}`);
  return found;
}

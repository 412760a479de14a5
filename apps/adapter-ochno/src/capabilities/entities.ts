import {
  type Adapter,
  type Call,
  type EntityPage,
  type EntityQuery,
  type NativeId,
  OneAtATime,
} from '@tributary/adapter-kit';
import {
  ConflictError,
  compareSorted,
  type EntityRecord,
  InvalidRequestError,
  type Json,
  mergePatch,
  NotFoundError,
  type SortKey,
  sortValues,
  UnsupportedError,
} from '@tributary/contracts';
import type { OchnoClient } from '../client.ts';
import type { Inventory } from '../inventory.ts';
import { type EntityKind, entityRecord } from '../mapping.ts';
import { entityKind, entityTypes } from './entities.types.ts';

type Content = Record<string, Json>;

export interface EntitiesOptions {
  client: OchnoClient;
  inventory: Inventory;
}

/** OCHNO-03, -04, -13, -14. */
export class Entities implements NonNullable<Adapter['entities']> {
  readonly #options: EntitiesOptions;
  readonly #writers = new OneAtATime();

  constructor(options: EntitiesOptions) {
    this.#options = options;
  }

  async types() {
    return Object.values(entityTypes);
  }

  /** The platform has no pages and no filter: all of a type is read, and sorted and cut here. */
  async query(type: string, query: EntityQuery, signal: AbortSignal): Promise<EntityPage> {
    const records = await this.#all(entityKind(type), { lane: 'interactive', signal });
    const sorted = inOrder(records, query.sort);
    const from = readCursor(query.cursor);
    const items = sorted.slice(from, from + query.limit);
    return {
      items,
      ...(from + items.length < sorted.length ? { nextCursor: String(from + items.length) } : {}),
      ...(query.filter === undefined ? {} : { residualFilter: query.filter }),
    };
  }

  async get(type: string, id: NativeId, signal: AbortSignal): Promise<EntityRecord> {
    return this.#read(entityKind(type), id, { lane: 'interactive', signal });
  }

  async create(type: string, attributes: Content, signal: AbortSignal): Promise<EntityRecord> {
    const kind = entityKind(type);
    if (kind !== 'location') throw new UnsupportedError('only locations can be made in Ochno');
    const { id: _id, ...draft } = attributes;
    for (const member of ['companyId', 'name']) {
      if (typeof draft[member] !== 'string') throw new InvalidRequestError(`a location needs ${member}`);
    }
    return entityRecord(kind, await this.#options.client.createLocation(draft, { lane: 'interactive', signal }));
  }

  /**
   * A PUT replaces all there is, and the platform compares nothing: read, compare with what the caller had read, merge,
   * write, and read back. One writer at a time here; who else has written is seen before, or right after.
   */
  async update(
    type: string,
    id: NativeId,
    patch: Content,
    ifMatch: string,
    signal: AbortSignal,
  ): Promise<EntityRecord> {
    const kind = entityKind(type);
    if (patch.id !== undefined && patch.id !== id)
      throw new InvalidRequestError('the id of a record cannot be changed');
    return this.#writers.run(`${kind} ${id}`, async () => {
      const call: Call = { lane: 'interactive', signal };
      const before = await this.#read(kind, id, call);
      if (before.etag !== ifMatch) throw new ConflictError('the record has changed since it was read');
      const { id: _id, ...wanted } = mergePatch(before.attributes, patch);
      const stored = entityRecord(kind, await this.#replace(kind, id, wanted, call));
      const after = await this.#read(kind, id, call);
      if (after.etag !== stored.etag) {
        throw new ConflictError('somebody else changed the record at the same time: read it again');
      }
      return after;
    });
  }

  async #all(kind: EntityKind, call: Call): Promise<EntityRecord[]> {
    const { inventory, client } = this.#options;
    const { companies } = await inventory.companies(call);
    if (kind === 'company') return companies.map((company) => entityRecord(kind, company));
    const found: EntityRecord[] = [];
    for (const { id: companyId } of companies) {
      const locations = (await client.locations({ companyId }, call)).filter((one) => one.companyId === companyId);
      if (kind === 'location') found.push(...locations.map((location) => entityRecord(kind, location)));
      else {
        const here = new Set(locations.map(({ id }) => id));
        const plans = await client.floorPlans({ companyId }, call);
        found.push(...plans.filter(({ locationId }) => here.has(locationId)).map((plan) => entityRecord(kind, plan)));
      }
    }
    return found;
  }

  async #read(kind: EntityKind, id: NativeId, call: Call): Promise<EntityRecord> {
    const { client, inventory } = this.#options;
    if (kind === 'location') return entityRecord(kind, await client.location(id, call));
    if (kind === 'floor-plan') return entityRecord(kind, await client.floorPlan(id, call));
    // The vendor documents the list of companies, and no call for one.
    const found = (await inventory.companies(call)).companies.find((company) => company.id === id);
    if (!found) throw new NotFoundError('the user sees no such company');
    return entityRecord(kind, found);
  }

  #replace(kind: EntityKind, id: NativeId, record: Content, call: Call) {
    const { client } = this.#options;
    if (kind === 'company') return client.replaceCompany(id, record, call);
    if (kind === 'location') return client.replaceLocation(id, record, call);
    return client.replaceFloorPlan(id, record, call);
  }
}

function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,9}$/.test(cursor)) throw new InvalidRequestError('the cursor is not one of this listing');
  return Number(cursor);
}

/** By the fields asked for, then by id: pages need an order that stays. Throws for a field that has no order. */
function inOrder(records: EntityRecord[], sort: EntityQuery['sort']): EntityRecord[] {
  const byId: SortKey = { field: 'nativeId', descending: false };
  const keys = [...sort, byId];
  const placed = records.map((record) => {
    const values = sortValues(record, keys);
    if (!values) throw new InvalidRequestError('lists and objects cannot be sorted by');
    return { record, values };
  });
  return placed.toSorted((a, b) => compareSorted(a.values, b.values, keys)).map(({ record }) => record);
}

import type { Adapter, Call, ConnectionKit, EntityPage, EntityQuery } from '@tributary/adapter-kit';
import {
  checkFilter,
  type EntityRecord,
  type EntityType,
  type Filter,
  FilterError,
  formatFilter,
  InvalidRequestError,
  isPlatformError,
  matchesFilter,
  NotFoundError,
  parseFilter,
} from '@tributary/contracts';
import type { OctomeshClient } from '../client.ts';
import { entityById, entityByWellKnownName, entitySelection } from '../dialect/documents.ts';
import { compileFilter, demandedWellKnownName, fieldsOf } from '../filter/compile.ts';
import { entityRecord } from '../mapping.ts';
import { entityTypeOf } from '../schema/json-schema.ts';
import type { EntityModel } from '../schema/model.ts';
import type { SchemaCache } from '../schema/schema-cache.ts';
import { runtimeEntity } from '../wire.ts';
import { Kits } from './entities.kits.ts';
import { isPageCursor, readEntityPage } from './entities.pages.ts';
import { relatedPage } from './entities.related.ts';
import { EntityWriter } from './entities.write.ts';

type Entities = Required<NonNullable<Adapter['entities']>>;

export interface EntitiesOptions {
  client: OctomeshClient;
  kit: Pick<ConnectionKit, 'items' | 'connectionId'>;
  schema: SchemaCache;
}

/** Fields that a filter may name; attributes are checked against the type. */
export const FILTER_FIELDS = { nativeId: 'id', name: 'text', 'attributes.*': 'any' } as const;
const ATTRIBUTES = 'attributes.';
/** Whoever lists types may have just changed them, through another replica or without us. */
const TYPES_MAX_AGE_MS = 30_000;

/** Records of every type that the tenant's schema shows, and its construction kits as a type of their own. */
export class EntityReading implements Entities {
  readonly #writer: EntityWriter;
  readonly #kits: Kits;

  constructor(private readonly options: EntitiesOptions) {
    this.#writer = new EntityWriter({ ...options, read: (model, id, call) => this.read(model, id, call) });
    this.#kits = new Kits(options);
  }

  async types(signal: AbortSignal): Promise<EntityType[]> {
    const { entities } = await this.options.schema.get('interactive', signal, TYPES_MAX_AGE_MS);
    const names = new Map([...entities.values()].map(({ objectType, name }) => [objectType, name]));
    const types = [...entities.values()].map((model) => entityTypeOf(model, (type) => names.get(type) ?? type));
    return [...types.toSorted((a, b) => (a.name < b.name ? -1 : 1)), ...this.#kits.types()];
  }

  async query(type: string, query: EntityQuery, signal: AbortSignal): Promise<EntityPage> {
    if (this.#kits.has(type)) return this.#kits.query(type, query, signal);
    const call: Call = { lane: 'interactive', signal };
    const model = await this.options.schema.entity(type, call);
    const filter = query.filter === undefined ? undefined : readFilter(query.filter, model);
    const wanted = filter && model.byWellKnownName ? demandedWellKnownName(filter) : undefined;
    if (filter && wanted !== undefined) return this.#byWellKnownName(model, wanted, filter, call);
    return this.#page(model, query, filter, call);
  }

  async get(type: string, id: string, signal: AbortSignal): Promise<EntityRecord> {
    if (this.#kits.has(type)) return this.#kits.get(type, id, signal);
    const call: Call = { lane: 'interactive', signal };
    return this.read(await this.options.schema.entity(type, call), id, call);
  }

  async create(type: string, attributes: EntityRecord['attributes'], signal: AbortSignal): Promise<EntityRecord> {
    if (this.#kits.has(type)) return this.#kits.create(type, attributes, signal);
    const call: Call = { lane: 'command', signal };
    return this.#writer.create(await this.options.schema.entity(type, call), attributes, call);
  }

  async update(
    type: string,
    id: string,
    patch: EntityRecord['attributes'],
    ifMatch: string,
    signal: AbortSignal,
  ): Promise<EntityRecord> {
    this.#kits.refuse(type, 'changed');
    const call: Call = { lane: 'command', signal };
    return this.#writer.update(await this.options.schema.entity(type, call), { id, patch, ifMatch }, call);
  }

  async remove(type: string, id: string, ifMatch: string, signal: AbortSignal): Promise<void> {
    this.#kits.refuse(type, 'removed');
    const call: Call = { lane: 'command', signal };
    await this.#writer.remove(await this.options.schema.entity(type, call), { id, ifMatch }, call);
  }

  async related(
    type: string,
    id: string,
    relation: string,
    page: Pick<EntityQuery, 'limit' | 'cursor'>,
    signal: AbortSignal,
  ): Promise<Omit<EntityPage, 'residualFilter'>> {
    this.#kits.refuse(type, 'related');
    const call: Call = { lane: 'interactive', signal };
    const model = await this.options.schema.entity(type, call);
    return relatedPage(this.options, model, { id, relation, ...page }, call);
  }

  async relate(type: string, id: string, relation: string, targets: string[], signal: AbortSignal): Promise<void> {
    this.#kits.refuse(type, 'related');
    const call: Call = { lane: 'command', signal };
    await this.#writer.relate(await this.options.schema.entity(type, call), { id, relation, targets }, call);
  }

  /** One record; throws `NotFoundError`. */
  async read(model: EntityModel, id: string, call: Call): Promise<EntityRecord> {
    if (!model.byId)
      throw new InvalidRequestError(`${model.name}: records of this type cannot be asked for one by one`);
    const document = entityById(model, id, entitySelection(model));
    const answer = await this.options.client.one('runtime', document, { id: 'OCTO-07', ...call });
    return this.#record(answer, model, 'OCTO-07');
  }

  async #byWellKnownName(model: EntityModel, wanted: string, filter: Filter, call: Call): Promise<EntityPage> {
    try {
      const document = entityByWellKnownName(model, wanted);
      const answer = await this.options.client.one('runtime', document, { id: 'OCTO-08', ...call });
      const record = this.#record(answer, model, 'OCTO-08');
      return { items: matchesFilter(filter, record, FILTER_FIELDS) ? [record] : [] };
    } catch (error) {
      if (isPlatformError(error) && error.code === 'not-found' && error.platformCode === 'ENTITY_NOT_FOUND') {
        return { items: [] };
      }
      throw error;
    }
  }

  async #page(model: EntityModel, query: EntityQuery, filter: Filter | undefined, call: Call): Promise<EntityPage> {
    const { pushed, residual } = filter ? compileFilter(filter, model) : {};
    if (query.cursor !== undefined && !isPageCursor(query.cursor)) {
      throw new InvalidRequestError('the cursor is not one of this listing');
    }
    const asked = {
      first: query.limit,
      selection: entitySelection(model),
      filter: pushed,
      orderBy: orderOf(query.sort, model),
      after: query.cursor,
    };
    const page = await readEntityPage(this.options, model, asked, call);
    return {
      items: page.items.map((entity) => entityRecord(entity, model)),
      ...(page.next === undefined ? {} : { nextCursor: page.next }),
      ...(residual ? { residualFilter: formatFilter(residual) } : {}),
    };
  }

  #record(answer: unknown, model: EntityModel, operation: string): EntityRecord {
    const [entity] = this.options.kit.items(runtimeEntity, [answer], 'entity');
    if (entity) return entityRecord(entity, model);
    throw new NotFoundError(`${operation}: the record that OctoMesh answers does not fit`);
  }
}

/** Throws `InvalidRequestError` for what is no filter, and for attributes that the type has not. */
function readFilter(text: string, model: EntityModel): Filter {
  try {
    const filter = checkFilter(parseFilter(text), FILTER_FIELDS);
    for (const field of fieldsOf(filter)) assertField(field, model);
    return filter;
  } catch (error) {
    if (error instanceof FilterError) throw new InvalidRequestError(`filter: ${error.message}`, { cause: error });
    throw error;
  }
}

function assertField(field: string, model: EntityModel): void {
  if (!field.startsWith(ATTRIBUTES)) return;
  const name = field.slice(ATTRIBUTES.length).split('.', 1)[0] ?? '';
  if (model.attributes.some((attribute) => attribute.name === name)) return;
  throw new InvalidRequestError(`${model.name} has no attribute ${JSON.stringify(name.slice(0, 80))}`);
}

/** Keys in the order of the caller: the vendor applies them as they are written. */
function orderOf(sort: EntityQuery['sort'], model: EntityModel): Record<string, 'ASC' | 'DESC'> | undefined {
  if (sort.length === 0) return undefined;
  return Object.fromEntries(
    sort.map(({ field, descending }) => {
      const name = field.startsWith(ATTRIBUTES)
        ? field.slice(ATTRIBUTES.length)
        : field === 'nativeId'
          ? 'rtId'
          : field;
      const sortable = name === 'rtId' ? model.sortableById : isSortable(name, model);
      if (!sortable) throw new InvalidRequestError(`OctoMesh does not sort ${model.name} by ${field.slice(0, 80)}`);
      return [name, descending ? 'DESC' : 'ASC'];
    }),
  );
}

const isSortable = (name: string, model: EntityModel): boolean =>
  model.attributes.find((attribute) => attribute.name === name)?.sortable ?? false;

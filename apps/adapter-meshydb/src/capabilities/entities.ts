import type { Adapter, Call, EntityPage, EntityQuery } from '@tributary/adapter-kit';
import {
  checkFilter,
  type EntityRecord,
  type EntityType,
  type Filter,
  FilterError,
  formatFilter,
  InvalidRequestError,
  parseFilter,
} from '@tributary/contracts';
import { compileFilter } from '../filter/compile.ts';
import { always } from '../filter/expression.ts';
import { orderOf } from '../filter/order.ts';
import { entityRecord } from '../mapping.ts';
import { readPage } from './entities.pages.ts';
import type { MeshTypes } from './entities.types.ts';
import { DocumentWriter, type WriterOptions } from './entities.write.ts';

type Entities = NonNullable<Adapter['entities']>;

export interface EntitiesOptions extends WriterOptions {
  types: MeshTypes;
}

/** Fields that a filter may name. */
export const FILTER_FIELDS = { nativeId: 'id', name: 'text', 'attributes.*': 'any' } as const;

/** Documents of the meshes as records. */
export class DocumentEntities implements Entities {
  readonly #writer: DocumentWriter;

  constructor(private readonly options: EntitiesOptions) {
    this.#writer = new DocumentWriter(options);
  }

  types(signal: AbortSignal): Promise<EntityType[]> {
    return this.options.types.list(asking(signal));
  }

  async query(type: string, query: EntityQuery, signal: AbortSignal): Promise<EntityPage> {
    const call = asking(signal);
    const filter = query.filter === undefined ? undefined : readFilter(query.filter);
    const found = await this.options.types.get(type, call);
    const { pushed, residual } = filter ? compileFilter(filter) : { pushed: always };
    const orderBy = query.sort.length > 0 ? orderOf(query.sort, found.nameField) : undefined;
    const { limit, cursor } = query;
    const page = await readPage(this.options.reader, { mesh: found.mesh, where: pushed, orderBy, limit, cursor }, call);
    return {
      items: page.items.map((document) => entityRecord(document, found)),
      ...(page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor }),
      ...(residual ? { residualFilter: formatFilter(residual) } : {}),
    };
  }

  async get(type: string, id: string, signal: AbortSignal): Promise<EntityRecord> {
    const call = asking(signal);
    const found = await this.options.types.get(type, call);
    return entityRecord(await this.#writer.read(found, id, call), found);
  }

  async create(type: string, attributes: EntityRecord['attributes'], signal: AbortSignal): Promise<EntityRecord> {
    const call = ordering(signal);
    return this.#writer.create(await this.options.types.get(type, call), attributes, call);
  }

  async update(
    type: string,
    id: string,
    patch: EntityRecord['attributes'],
    ifMatch: string,
    signal: AbortSignal,
  ): Promise<EntityRecord> {
    const call = ordering(signal);
    return this.#writer.update(await this.options.types.get(type, call), { id, patch, ifMatch }, call);
  }

  async remove(type: string, id: string, ifMatch: string, signal: AbortSignal): Promise<void> {
    const call = ordering(signal);
    await this.#writer.remove(await this.options.types.get(type, call), { id, ifMatch }, call);
  }
}

const asking = (signal: AbortSignal): Call => ({ lane: 'interactive', signal });
const ordering = (signal: AbortSignal): Call => ({ lane: 'command', signal });

/** Throws `InvalidRequestError` for what is no filter. */
function readFilter(text: string): Filter {
  try {
    return checkFilter(parseFilter(text), FILTER_FIELDS);
  } catch (error) {
    if (error instanceof FilterError) throw new InvalidRequestError(`filter: ${error.message}`, { cause: error });
    throw error;
  }
}

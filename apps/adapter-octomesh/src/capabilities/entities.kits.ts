import { type Call, digest, type EntityPage, type EntityQuery } from '@tributary/adapter-kit';
import {
  type EntityRecord,
  type EntityType,
  InvalidRequestError,
  NotFoundError,
  UnsupportedError,
} from '@tributary/contracts';
import { isObject } from '../client.ts';
import { kitRecord } from '../mapping.ts';
import { constructionKit } from '../wire.ts';
import type { EntitiesOptions } from './entities.ts';

export const KIT_TYPE = 'construction-kit';
export const TENANT_TYPE = 'tenant';

const TYPES: EntityType[] = [
  {
    name: KIT_TYPE,
    description: 'A library of types. One that is made here is uploaded, and its types are there at once.',
    readOnly: false,
    operations: ['create'],
    schema: {
      type: 'object',
      required: ['libraryId', 'version'],
      properties: {
        libraryId: { type: 'string', description: 'Such as MyCompany.Domain.' },
        version: { type: 'string', description: 'Such as 1.0.0.' },
        types: { type: 'array', items: { type: 'object' } },
        enums: { type: 'array', items: { type: 'object' } },
      },
      additionalProperties: true,
    },
    relations: [],
  },
  {
    name: TENANT_TYPE,
    description: 'The tenant of this connection, as the platform describes it.',
    readOnly: true,
    operations: [],
    schema: { type: 'object', properties: { tenantId: { type: 'string' } }, additionalProperties: true },
    relations: [],
  },
];

/** What the administrative interface keeps beside the schema's own types: libraries, and the tenant itself. */
export class Kits {
  constructor(private readonly options: EntitiesOptions) {}

  types(): EntityType[] {
    return TYPES;
  }

  has(type: string): boolean {
    return TYPES.some(({ name }) => name === type);
  }

  /** Throws for these types: there is no way to do it. */
  refuse(type: string, what: string): void {
    if (this.has(type)) throw new UnsupportedError(`OctoMesh offers no way in which a ${type} is ${what}`);
  }

  /** All in one page: the platform lists them at once. */
  async query(type: string, query: EntityQuery, signal: AbortSignal): Promise<EntityPage> {
    const all = await this.#all(type, { lane: 'interactive', signal });
    if (query.sort.length > 0)
      throw new InvalidRequestError(`OctoMesh lists every ${type} in no order that can be chosen`);
    const from = startOf(query.cursor);
    const next = from + query.limit;
    return {
      items: all.slice(from, next),
      ...(next < all.length ? { nextCursor: `from:${next}` } : {}),
      ...(query.filter === undefined ? {} : { residualFilter: query.filter }),
    };
  }

  async get(type: string, id: string, signal: AbortSignal): Promise<EntityRecord> {
    const all = await this.#all(type, { lane: 'interactive', signal });
    const found = all.find(({ nativeId }) => nativeId === id);
    if (found) return found;
    throw new NotFoundError(`OctoMesh has no such ${type}`);
  }

  /** OCTO-24. The schema is read again, so that the library's types are there for the next question. */
  async create(type: string, attributes: EntityRecord['attributes'], signal: AbortSignal): Promise<EntityRecord> {
    if (type !== KIT_TYPE) throw new UnsupportedError(`OctoMesh offers no way in which a ${type} is made`);
    const kit = constructionKit.safeParse(attributes);
    if (!kit.success || !kit.data.version) {
      throw new InvalidRequestError(`${KIT_TYPE}: libraryId and version are required and are text`);
    }
    const { client, schema } = this.options;
    try {
      await client.uploadConstructionKit(attributes, { lane: 'command', signal });
    } finally {
      // Also after a lost answer: nobody knows then whether the library is there.
      schema.changed();
    }
    const made = kitRecord(kit.data, KIT_TYPE);
    const listed = await this.#all(KIT_TYPE, { lane: 'command', signal });
    return listed.find(({ nativeId }) => nativeId === made.nativeId) ?? made;
  }

  async #all(type: string, call: Call): Promise<EntityRecord[]> {
    const { client } = this.options;
    if (type === KIT_TYPE) return (await client.constructionKits(call)).map((kit) => kitRecord(kit, KIT_TYPE));
    const tenant = await client.tenant(call);
    const attributes = isObject(tenant) ? (tenant as EntityRecord['attributes']) : {};
    const id = typeof attributes.tenantId === 'string' && attributes.tenantId !== '' ? attributes.tenantId : 'tenant';
    return [{ type: TENANT_TYPE, nativeId: id, etag: digest(attributes), name: id, attributes }];
  }
}

function startOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const position = /^from:(\d{1,9})$/.exec(cursor)?.[1];
  if (position === undefined) throw new InvalidRequestError('the cursor is not one of this listing');
  return Number(position);
}

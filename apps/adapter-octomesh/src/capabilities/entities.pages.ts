import type { Call, ConnectionKit } from '@tributary/adapter-kit';
import { MalformedResponseError, UnavailableError } from '@tributary/contracts';
import type { OctomeshClient } from '../client.ts';
import { entityPages, type PageAsked } from '../dialect/documents.ts';
import { allOf, type VendorFilter } from '../filter/compile.ts';
import type { EntityModel } from '../schema/model.ts';
import { connectionPage, type RuntimeEntity, runtimeEntity } from '../wire.ts';

export interface EntityReader {
  client: OctomeshClient;
  kit: Pick<ConnectionKit, 'items'>;
}

export interface EntityPageRead {
  items: RuntimeEntity[];
  /** Where the next page begins; absent on the last. */
  next?: string;
  total?: number;
}

export interface EntityPageAsked {
  first: number;
  selection: string;
  filter?: VendorFilter | undefined;
  orderBy?: Record<string, 'ASC' | 'DESC'> | undefined;
  /** What `next` of the page before said. */
  after?: string | undefined;
}

const BY_ID = 'id:';
const BY_POSITION = 'at:';

/**
 * One page of a type. Without an order of the caller's, pages follow the id: the next begins behind the last one's id,
 * so an entity that comes or goes meanwhile moves nothing. With one, they follow the vendor's cursor, a position.
 */
export async function readEntityPage(
  { client, kit }: EntityReader,
  model: EntityModel,
  asked: EntityPageAsked,
  call: Call,
): Promise<EntityPageRead> {
  const byId = asked.orderBy === undefined && model.idOperators.has('gt') && model.sortableById;
  const page = byId ? followingIds(asked) : followingCursor(asked);
  const document = entityPages([{ model, page, selection: asked.selection }]);
  const read = connectionPage.safeParse(await client.one('runtime', document, { id: 'OCTO-06', ...call }));
  if (!read.success) throw new MalformedResponseError('OCTO-06: the answer is not a page');
  const { items: raw, pageInfo, totalCount } = read.data;
  const items = kit.items(runtimeEntity, raw, 'entity');
  const total = pageInfo?.totalCount ?? totalCount;
  const more = pageInfo?.hasNextPage ?? raw.length === asked.first;
  const last = raw.at(-1);
  const next = more
    ? nextOf(byId ? (last as { rtId?: unknown } | undefined)?.rtId : pageInfo?.endCursor, asked, byId)
    : undefined;
  return {
    items,
    ...(next === undefined ? {} : { next }),
    ...(total === undefined || total === null ? {} : { total }),
  };
}

function followingIds({ first, filter, after }: EntityPageAsked): PageAsked {
  const id = after?.startsWith(BY_ID) ? after.slice(BY_ID.length) : undefined;
  const behind: VendorFilter[] = id === undefined ? [] : [{ rtId: { gt: id } }];
  const parts = [...(filter ? [filter] : []), ...behind];
  return { first, ...(parts.length > 0 ? { filter: allOf(parts) } : {}), orderBy: { rtId: 'ASC' } };
}

function followingCursor({ first, filter, orderBy, after }: EntityPageAsked): PageAsked {
  const cursor = after?.startsWith(BY_POSITION) ? after.slice(BY_POSITION.length) : undefined;
  return { first, filter, orderBy, after: cursor };
}

function nextOf(end: unknown, { after }: EntityPageAsked, byId: boolean): string {
  const next = typeof end === 'string' && end !== '' ? (byId ? BY_ID : BY_POSITION) + end : undefined;
  if (next === undefined || next === after) throw new MalformedResponseError('OCTO-06: a page leads to no next one');
  return next;
}

/** Is it a cursor that a page of this type may have given? */
export const isPageCursor = (cursor: string): boolean => cursor.startsWith(BY_ID) || cursor.startsWith(BY_POSITION);

/**
 * Every entity of a type, whole: throws `UnavailableError`, to be tried again, where positions were followed and the
 * count changed meanwhile, because then one may have been passed over.
 */
export async function* allEntities(
  reader: EntityReader,
  model: EntityModel,
  { first, selection }: { first: number; selection: string },
  call: Call,
): AsyncGenerator<RuntimeEntity[], void, undefined> {
  let after: string | undefined;
  let total: number | undefined;
  do {
    const page = await readEntityPage(reader, model, { first, selection, after }, call);
    const byPosition = page.next?.startsWith(BY_POSITION) ?? after?.startsWith(BY_POSITION) ?? false;
    if (byPosition && total !== undefined && page.total !== total) {
      throw new UnavailableError('the entities of a type changed while they were listed');
    }
    total = page.total;
    after = page.next;
    yield page.items;
  } while (after !== undefined);
}

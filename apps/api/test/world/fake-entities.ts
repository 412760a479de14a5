import { setTimeout as delay } from 'node:timers/promises';
import { ConflictError, type EntityRecord, InvalidRequestError, type Json, NotFoundError } from '@tributary/contracts';
import type { RequestHandlers } from '@tributary/messaging';

const deviceType = {
  name: 'device',
  readOnly: true,
  schema: { type: 'object', properties: { name: { type: 'string' } } },
};
/** A name that must be percent-encoded. */
export const ROOM = 'Basic/Room:ü';
const roomType = {
  name: ROOM,
  readOnly: false,
  schema: {
    type: 'object',
    properties: { name: { type: 'string' }, floor: { type: 'integer' }, tag: { type: 'string' } },
  },
  relations: [
    { name: 'leads to/ö', targetTypes: [ROOM], many: true },
    { name: 'above', targetTypes: [ROOM], many: false },
  ],
};
/** Can be made, and never changed again. */
const visitType = { name: 'visit', readOnly: false, schema: {}, operations: ['create' as const] };

/** Records of a vendor that evaluates `attributes.floor eq <n>` alone, and marks records with words that need encoding. */
export function fakeEntities(): RequestHandlers {
  const records = new Map<string, EntityRecord>();
  const put = (nativeId: string, attributes: Record<string, Json>, version: number): EntityRecord => {
    const etag = `v "${version}" ü`;
    const record = { type: ROOM, nativeId, etag, name: String(attributes.name ?? nativeId), attributes };
    records.set(nativeId, record);
    return record;
  };
  const related = new Map<string, Set<string>>();
  for (let n = 0; n < 7; n += 1) put(`room/${n} ö`, { name: `Room ${n}`, floor: n % 2 }, 1);
  const get = (nativeId: string) => {
    const record = records.get(nativeId);
    if (!record) throw new NotFoundError('no such record');
    return record;
  };
  const matching = (nativeId: string, ifMatch: string) => {
    const record = get(nativeId);
    if (record.etag !== ifMatch) throw new ConflictError('another version');
    return record;
  };
  return {
    'entities.types': async () => ({ types: [deviceType, roomType, visitType] }),
    'entities.query': async ({ filter, limit, cursor, sort }) =>
      query([...records.values()], { filter, limit, cursor, sort }),
    'entities.get': async ({ nativeId }) => get(nativeId),
    'entities.create': async ({ type, attributes }) => {
      if (type !== ROOM) return { type, nativeId: 'visit/1', etag: '1', attributes };
      if (attributes.name === undefined) throw new InvalidRequestError('a room has a name');
      if (attributes.name === 'slow') await delay(1_000);
      return put(`made/${String(attributes.name)}`, attributes, 1);
    },
    'entities.update': async ({ nativeId, patch, ifMatch }) => {
      const record = matching(nativeId, ifMatch);
      if (patch.name === 'taken') throw new ConflictError('the name is taken');
      const version = Number(/\d+/.exec(record.etag)?.[0]) + 1;
      return put(nativeId, { ...record.attributes, ...patch }, version);
    },
    'entities.remove': async ({ nativeId, ifMatch }) => {
      matching(nativeId, ifMatch);
      records.delete(nativeId);
      return {};
    },
    'entities.related': async ({ nativeId, relation, limit, cursor }) => {
      get(nativeId);
      const targets = [...(related.get(`${nativeId} ${relation}`) ?? [])];
      const from = Number(cursor ?? 0);
      return {
        items: targets.slice(from, from + limit).map(get),
        ...(from + limit < targets.length ? { nextCursor: String(from + limit) } : {}),
      };
    },
    'entities.relate': async ({ nativeId, relation, targets }) => {
      get(nativeId);
      const key = `${nativeId} ${relation}`;
      for (const target of targets) get(target);
      related.set(key, new Set([...(related.get(key) ?? []), ...targets]));
      return {};
    },
  };
}

interface Query {
  filter: string | undefined;
  limit: number;
  cursor: string | undefined;
  sort: { field: string; descending: boolean }[];
}

function query(all: EntityRecord[], { filter, limit, cursor, sort }: Query) {
  const floor = /^(?:(.*) and )?attributes\.floor eq (\d)$/.exec(filter ?? '');
  const residual = floor ? floor[1] : filter;
  const found = floor ? all.filter(({ attributes }) => attributes.floor === Number(floor[2])) : all;
  const ordered = sort[0]?.descending ? found.toReversed() : found;
  const from = Number(cursor ?? 0);
  return {
    items: ordered.slice(from, from + limit),
    ...(from + limit < ordered.length ? { nextCursor: String(from + limit) } : {}),
    ...(residual === undefined ? {} : { residualFilter: residual }),
  };
}

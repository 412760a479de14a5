import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { entityId, parseEvent, UnavailableError } from '@tributary/contracts';
import { ROOM } from './world/fake-entities.ts';
import { caller, makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let call: ReturnType<typeof caller>;
let ids: Seeded;
let rooms: string;

beforeAll(async () => {
  world = await makeWorld();
  call = caller(world, await world.key('default'));
  ids = await seed(world, 'default');
  rooms = `/v1/connections/${ids.connectionId}/entities/${encodeURIComponent(ROOM)}`;
});
afterAll(async () => {
  await world.close();
});

const room = (n: number) => `room/${n} ö`;
const at = (nativeId: string, relation?: string) =>
  `${rooms}/${encodeURIComponent(nativeId)}${relation === undefined ? '' : `/relations/${encodeURIComponent(relation)}`}`;
const LEADS_TO = 'leads to/ö';

/** What is to be published about a record, validated as a consumer would. */
const told = async (nativeId: string) => {
  const subject = entityId(ids.connectionId, ROOM, nativeId);
  const { rows } = await world.db.pool.query('select message from outbox where aggregate = $1 order by seq', [subject]);
  return rows.map(({ message }) => {
    const parsed = parseEvent(message.event);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    expect(message.routing).toMatchObject({ workspace: 'default', platform: 'acme', subjectId: subject });
    return { name: parsed.name, data: parsed.event.data as { rev: string; attributes: object; name?: string } };
  });
};

describe('relations', () => {
  it('are added and followed page by page, each once', async () => {
    const url = at(room(0), LEADS_TO);
    expect((await call('GET', url)).json()).toEqual({ items: [], page: {} });
    const key = { 'idempotency-key': 'relate-1' };
    const added = await call('POST', url, { targets: [room(1), room(2), room(1)] }, key);
    expect([added.statusCode, added.body]).toEqual([204, '']);
    const again = await call('POST', url, { targets: [room(1), room(2), room(1)] }, key);
    expect([again.statusCode, again.headers['idempotency-replayed']]).toEqual([204, 'true']);
    expect(world.platform.asked.filter(({ name }) => name === 'entities.relate')).toMatchObject([
      { payload: { type: ROOM, nativeId: room(0), relation: LEADS_TO, targets: [room(1), room(2)] } },
    ]);
    expect((await call('POST', url, { targets: [room(2), room(3)] })).statusCode).toBe(204);

    const first = await call('GET', `${url}?limit=2`);
    expect(first.json().items).toMatchObject([
      { nativeId: room(1), etag: expect.stringMatching(/^"/) },
      { nativeId: room(2) },
    ]);
    const next = /<(.*)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? '';
    expect((await call('GET', next)).json().items).toMatchObject([{ nativeId: room(3) }]);
    const { nextCursor } = first.json().page;
    expect((await call('GET', `${at(room(4), LEADS_TO)}?cursor=${nextCursor}`)).json()).toMatchObject({
      status: 400,
      errors: [{ pointer: '/query/cursor' }],
    });
    const { items } = (await call('GET', '/v1/audit-log?limit=1000')).json();
    expect(items.filter(({ action }: { action: string }) => action === 'entity.related')).toHaveLength(2);
  });

  it('are refused where the type has none of that name, or leads to one record only', async () => {
    const none = (await call('GET', at(room(0), 'below'))).json();
    expect(none).toMatchObject({
      status: 404,
      code: 'not-found',
      detail: expect.stringContaining(`${LEADS_TO}, above`),
    });
    const two = await call('POST', at(room(0), 'above'), { targets: [room(1), room(2)] });
    expect(two.json()).toMatchObject({ status: 400, errors: [{ pointer: '/body/targets' }] });
    expect((await call('POST', at(room(0), 'above'), { targets: [room(1)] })).statusCode).toBe(204);
    expect((await call('POST', at(room(0), 'above'), { targets: [] })).statusCode).toBe(400);
    expect((await call('POST', at(room(0), 'above'), { targets: ['nowhere'] })).json()).toMatchObject({
      status: 404,
      code: 'platform-not-found',
    });
  });
});

describe('changes of records through this API', () => {
  it('are told on the bus in their order, and nothing of what the platform refused', async () => {
    const made = await call('POST', rooms, { attributes: { name: 'Told', floor: 3 } });
    const { nativeId } = made.json();
    await call('POST', rooms, { attributes: {} });
    const etag = String(made.headers.etag);
    const patched = await call('PATCH', at(nativeId), { attributes: { floor: 4 } }, { 'if-match': etag });
    expect((await call('PATCH', at(nativeId), { attributes: { floor: 5 } }, { 'if-match': etag })).statusCode).toBe(
      412,
    );
    await call('POST', at(nativeId, LEADS_TO), { targets: [room(5)] });
    await call('DELETE', at(nativeId), undefined, { 'if-match': String(patched.headers.etag) });
    const news = await told(nativeId);
    expect(news.map(({ name, data }) => [name, data.attributes])).toEqual([
      ['entity.created', { name: 'Told', floor: 3 }],
      ['entity.updated', { name: 'Told', floor: 4 }],
      ['entity.updated', { name: 'Told', floor: 4 }],
      ['entity.removed', {}],
    ]);
    const revs = news.map(({ data }) => BigInt(data.rev));
    expect(revs.every((rev, n) => n === 0 || rev > (revs[n - 1] ?? 0n))).toBe(true);
    // As near to the wall clock as those of adapters, which lay milliseconds above 21 bits.
    expect(Math.abs(Number((revs[0] ?? 0n) >> 21n) - Date.now())).toBeLessThan(600_000);
  });

  it('are answered though what became of a relation cannot be read any more', async () => {
    const usual = world.platform.handlers['entities.get'];
    world.platform.handlers['entities.get'] = async () => {
      throw new UnavailableError('gone');
    };
    const answer = await call('POST', at(room(6), LEADS_TO), { targets: [room(1)] });
    if (usual) world.platform.handlers['entities.get'] = usual;
    expect(answer.statusCode).toBe(204);
    expect(await told(room(6))).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { ROOM } from './world/fake-entities.ts';
import { acmePlatform } from './world/fake-platform.ts';
import { audited, caller, makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let token: string;
let call: ReturnType<typeof caller>;
let ids: Seeded;
let rooms: string;

beforeAll(async () => {
  world = await makeWorld();
  token = await world.key('default');
  call = caller(world, token);
  ids = await seed(world, 'default');
  rooms = `/v1/connections/${ids.connectionId}/entities/${encodeURIComponent(ROOM)}`;
});
afterAll(async () => {
  await world.close();
});

const list = (query: Record<string, string>) => call('GET', `${rooms}?${new URLSearchParams(query)}`);
const namesOf = (answer: { json(): { items: { name: string }[] } }) => answer.json().items.map((item) => item.name);
const at = (nativeId: string) => `${rooms}/${encodeURIComponent(nativeId)}`;

describe('types of entities', () => {
  it('are told with their schemas', async () => {
    const { items } = (await call('GET', `/v1/connections/${ids.connectionId}/entity-types`)).json();
    expect(items).toMatchObject([
      { name: 'device', readOnly: true },
      { name: ROOM, readOnly: false, schema: { properties: { floor: { type: 'integer' } } } },
      { name: 'visit', operations: ['create'] },
    ]);
  });

  it('are 404 where the platform has none of that name, and where the connection is another workspace’s', async () => {
    const other = rooms.replace(encodeURIComponent(ROOM), 'nothing');
    expect((await call('GET', other)).json()).toMatchObject({ status: 404, code: 'not-found' });
    const stranger = await world.key('other');
    for (const url of [rooms, at('room/0 ö'), `/v1/connections/${ids.connectionId}/entity-types`]) {
      const answer = await world.fastify.inject({ url, headers: { authorization: `Bearer ${stranger}` } });
      expect(answer.statusCode).toBe(404);
    }
  });
});

describe('a list of entities', () => {
  it('goes page by page with cursors of its own', async () => {
    const first = await list({ limit: '3', sort: '-name' });
    expect(namesOf(first)).toEqual(['Room 6', 'Room 5', 'Room 4']);
    expect(first.json().filter).toBeUndefined();
    const next = /<(.*)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? '';
    expect(namesOf(await call('GET', next))).toEqual(['Room 3', 'Room 2', 'Room 1']);
    const { nextCursor } = first.json().page;
    for (const query of [{ cursor: nextCursor }, { cursor: nextCursor, sort: 'name' }, { cursor: 'MQ' }]) {
      expect((await list({ limit: '3', ...query })).json()).toMatchObject({
        status: 400,
        errors: [{ pointer: '/query/cursor' }],
      });
    }
  });

  it('says which part of a filter the platform has evaluated, and evaluates the rest here', async () => {
    const both = await list({ filter: 'name ne "room 3" and attributes.floor eq 1' });
    expect(namesOf(both)).toEqual(['Room 1', 'Room 5']);
    expect(both.json().filter).toEqual({ pushed: 'attributes.floor eq 1', evaluatedHere: 'name ne "room 3"' });
    const there = await list({ filter: 'attributes.floor eq 0' });
    expect(namesOf(there)).toHaveLength(4);
    expect(there.json().filter).toEqual({ pushed: 'attributes.floor eq 0' });
    const here = await list({ filter: 'attributes.name ew "6" or nativeId sw "room/5"' });
    expect(namesOf(here)).toEqual(['Room 5', 'Room 6']);
    expect(here.json().filter).toEqual({ evaluatedHere: 'attributes.name ew "6" or nativeId sw "room/5"' });
  });

  it('goes on behind a page of which the filter left nothing', async () => {
    const filter = 'attributes.name eq "Room 6"';
    const found: string[] = [];
    let url = `${rooms}?${new URLSearchParams({ limit: '2', filter })}`;
    for (let pages = 0; url !== '' && pages < 10; pages += 1) {
      const page = await call('GET', url);
      found.push(...namesOf(page));
      url = /<(.*)>; rel="next"/.exec(String(page.headers.link))?.[1] ?? '';
    }
    expect(found).toEqual(['Room 6']);
  });

  it('refuses fields that the type does not have, in filter and order', async () => {
    for (const query of [{ filter: 'attributes.flor eq 1' }, { filter: 'floor eq 1' }, { filter: 'name eq' }]) {
      expect((await list(query)).json()).toMatchObject({ status: 400, errors: [{ pointer: '/query/filter' }] });
    }
    expect((await list({ sort: 'attributes.flor' })).json().errors).toMatchObject([{ pointer: '/query/sort' }]);
  });

  it('is 502 where the adapter leaves something that is no filter', async () => {
    const usual = world.platform.handlers['entities.query'];
    world.platform.handlers['entities.query'] = async () => ({ items: [], residualFilter: 'and and' });
    const answer = await list({ filter: 'name pr' });
    if (usual) world.platform.handlers['entities.query'] = usual;
    expect(answer.json()).toMatchObject({
      status: 502,
      code: 'platform-malformed-response',
      platform: { connectionId: ids.connectionId },
    });
  });
});

describe('an entity', () => {
  it('is read at its native id, with the mark that a change must show', async () => {
    const read = await call('GET', at('room/0 ö'));
    const etag = String(read.headers.etag);
    expect(etag).toMatch(/^"[!#-~]+"$/);
    expect(read.json()).toEqual({
      type: ROOM,
      nativeId: 'room/0 ö',
      etag,
      name: 'Room 0',
      attributes: { name: 'Room 0', floor: 0 },
    });
    expect((await call('GET', at('room/0 ö'), undefined, { 'if-none-match': etag })).statusCode).toBe(304);
    expect((await call('GET', at('room/99'))).json()).toMatchObject({ status: 404, code: 'platform-not-found' });
  });

  it('is changed by whoever has read it last, and by nobody else', async () => {
    const url = at('room/1 ö');
    const etag = String((await call('GET', url)).headers.etag);
    const patch = (attributes: object, ifMatch?: string) =>
      call('PATCH', url, { attributes }, ifMatch === undefined ? {} : { 'if-match': ifMatch });
    expect((await patch({ tag: 'a' })).statusCode).toBe(428);
    expect((await patch({ tag: 'a' }, `W/${etag}`)).statusCode).toBe(412);
    const changed = await patch({ tag: 'a' }, etag);
    expect(changed.json()).toMatchObject({ attributes: { floor: 1, tag: 'a' } });
    const late = await patch({ tag: 'b' }, etag);
    expect(late.json()).toMatchObject({ status: 412, code: 'precondition-failed' });
    expect(late.headers.etag).toBe(changed.headers.etag);
    expect((await patch({ tag: 'c' }, `"other", ${changed.headers.etag}`)).json().attributes.tag).toBe('c');
    expect((await patch({ tag: 'd' }, '"other", "another"')).statusCode).toBe(412);
    expect((await patch({ tag: 'e' }, '*')).json().attributes.tag).toBe('e');
    // The record is as it was read: what conflicts is something else.
    expect((await patch({ name: 'taken' }, '*')).json()).toMatchObject({ status: 409, code: 'platform-conflict' });
    expect(world.platform.asked.findLast(({ name }) => name === 'entities.update')?.payload).toMatchObject({
      type: ROOM,
      nativeId: 'room/1 ö',
      patch: { name: 'taken' },
    });
  });

  it('is made once for a key and found at its address', async () => {
    const key = { 'idempotency-key': 'room-1' };
    const made = await call('POST', rooms, { attributes: { name: 'Näw/1' } }, key);
    expect(made.statusCode).toBe(201);
    const read = await call('GET', String(made.headers.location));
    expect(read.json()).toEqual(made.json());
    const again = await call('POST', rooms, { attributes: { name: 'Näw/1' } }, key);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(world.platform.asked.filter(({ name }) => name === 'entities.create')).toHaveLength(1);
    expect((await call('POST', rooms, { attributes: {} })).json()).toMatchObject({
      status: 422,
      code: 'platform-invalid-request',
    });
    expect((await call('POST', rooms, { name: 'x' })).json().errors).toHaveLength(2);
  });

  it('is made once although its caller went away and asks again', async () => {
    const base = await world.fastify.listen({ port: 0, host: '127.0.0.1' });
    const asked = () => world.platform.asked.filter(({ name }) => name === 'entities.create').length;
    const before = asked();
    const ask = (signal?: AbortSignal) =>
      fetch(base + rooms, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': 'room-slow',
        },
        body: JSON.stringify({ attributes: { name: 'slow' } }),
        ...(signal ? { signal } : {}),
      });
    const controller = new AbortController();
    const first = ask(controller.signal).catch(() => 'gone');
    await eventually('the platform is asked', () => asked() > before);
    controller.abort();
    expect(await first).toBe('gone');
    const answer = await eventually('the answer to the first request', async () => {
      const again = await ask();
      return again.status === 201 && again;
    });
    expect(answer.headers.get('idempotency-replayed')).toBe('true');
    expect(asked() - before).toBe(1);
  });

  it('is removed with If-Match alone', async () => {
    const url = at('room/2 ö');
    expect((await call('DELETE', url)).statusCode).toBe(428);
    expect((await call('DELETE', url, undefined, { 'if-match': '"other"' })).statusCode).toBe(412);
    const etag = String((await call('GET', url)).headers.etag);
    expect((await call('DELETE', url, undefined, { 'if-match': etag })).statusCode).toBe(204);
    expect((await call('GET', url)).statusCode).toBe(404);
  });

  it('of a read-only type cannot be changed, nor of a platform without the capability', async () => {
    const devices = `/v1/connections/${ids.connectionId}/entities/device`;
    const unsupported = { status: 422, code: 'capability-unsupported' };
    expect((await call('POST', devices, { attributes: {} })).json()).toMatchObject(unsupported);
    expect((await call('DELETE', `${devices}/a`, undefined, { 'if-match': '*' })).json()).toMatchObject(unsupported);
    const visits = `/v1/connections/${ids.connectionId}/entities/visit`;
    expect((await call('POST', visits, { attributes: {} })).statusCode).toBe(201);
    for (const answer of [
      await call('PATCH', `${visits}/1`, { attributes: {} }, { 'if-match': '*' }),
      await call('DELETE', `${visits}/1`, undefined, { 'if-match': '*' }),
      await call('POST', `${visits}/1/relations/host`, { targets: ['a'] }),
    ]) {
      expect(answer.json()).toMatchObject({
        ...unsupported,
        detail: expect.stringMatching(/cannot be .*can be made$/),
      });
    }
    const connectionId = `con_${'q'.repeat(26)}`;
    await world.db.pool.query(`insert into platform (id, resource, updated_at) values ('plain', $1, now())`, [
      { ...acmePlatform, id: 'plain', capabilities: ['devices'] },
    ]);
    await world.db.pool.query(
      `insert into connection (id, workspace_id, platform, name, settings, credentials, credentials_fingerprint, credentials_updated_at, updated_at)
       values ($1, 'default', 'plain', 'Plain', '{}', '', '', now(), now())`,
      [connectionId],
    );
    // The catalogue is believed for some seconds.
    const answer = await eventually('the catalogue is read again', async () => {
      const types = await call('GET', `/v1/connections/${connectionId}/entity-types`);
      return types.statusCode === 422 && types;
    });
    expect(answer.json()).toMatchObject(unsupported);
    expect((await call('GET', `/v1/connections/${connectionId}/entities/device/a`)).json()).toMatchObject(unsupported);
  });

  it('leaves its changes in the audit log', async () => {
    expect(await audited(call)).toEqual(expect.arrayContaining(['entity.created', 'entity.updated', 'entity.removed']));
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConnectionData, parseEvent } from '@tributary/contracts';
import { Inventory } from '@tributary/database';
import { makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let token: string;
let ids: Seeded;

beforeAll(async () => {
  world = await makeWorld();
  token = await world.key('default');
  ids = await seed(world, 'default');
}, 60_000);
afterAll(async () => {
  await world.close();
}, 30_000);

const call = (
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  url: string,
  payload?: unknown,
  headers: Record<string, string> = {},
) =>
  world.fastify.inject({
    method,
    url,
    headers: {
      authorization: `Bearer ${token}`,
      ...(payload === undefined
        ? {}
        : { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
  });

describe('connections', () => {
  const draft = {
    platform: 'acme',
    name: 'New',
    settings: { baseUrl: 'https://acme.example' },
    credentials: { user: 'u', password: 'secret-canary' },
  };

  it('creates, reads, patches and removes with ETags, and never shows a credential', async () => {
    const made = await call('POST', '/v1/connections', draft);
    expect(made.statusCode).toBe(201);
    expect(made.headers.location).toBe(`/v1/connections/${made.json().id}`);
    expect(made.json().settings).toEqual({ baseUrl: 'https://acme.example' });
    expect(made.body).not.toContain('secret-canary');
    const url = `/v1/connections/${made.json().id}`;

    const read = await call('GET', url);
    const etag = String(read.headers.etag);
    expect((await call('GET', url, undefined, { 'if-none-match': etag })).statusCode).toBe(304);
    expect((await call('PATCH', url, { name: 'Renamed' })).statusCode).toBe(428);
    expect((await call('PATCH', url, { name: 'Renamed' }, { 'if-match': '"0-x"' })).statusCode).toBe(412);
    const patched = await call('PATCH', url, { name: 'Renamed', settings: { pageSize: 5 } }, { 'if-match': etag });
    expect(patched.statusCode).toBe(200);
    expect(patched.json()).toMatchObject({
      name: 'Renamed',
      settings: { baseUrl: 'https://acme.example', pageSize: 5 },
    });
    expect((await call('PATCH', url, { name: 'Late' }, { 'if-match': etag })).statusCode).toBe(412);

    expect((await call('DELETE', url, undefined, { 'if-match': String(patched.headers.etag) })).statusCode).toBe(204);
    expect((await call('GET', url)).statusCode).toBe(404);
  });

  it('names every fault of settings and credentials, and unknown members', async () => {
    const wrong = await call('POST', '/v1/connections', {
      ...draft,
      settings: { pageSize: 'x', colour: 1 },
      credentials: { user: '' },
    });
    expect(wrong.statusCode).toBe(400);
    const pointers = wrong.json().errors.map((error: { pointer: string }) => error.pointer);
    expect(pointers.sort()).toEqual([
      '/body/credentials/password',
      '/body/credentials/user',
      '/body/settings/baseUrl',
      '/body/settings/colour',
      '/body/settings/pageSize',
    ]);
    const unknown = await call('POST', '/v1/connections', { ...draft, workspace: 'other', lease: 1 });
    expect(unknown.json().errors.map((error: { pointer: string }) => error.pointer)).toEqual([
      '/body/workspace',
      '/body/lease',
    ]);
  });

  it('makes one for a key and lets one change win, however many ask at the same moment', async () => {
    const key = { 'idempotency-key': 'connection-1' };
    const made = await Promise.all(Array.from({ length: 6 }, () => call('POST', '/v1/connections', draft, key)));
    expect(made.filter((answer) => answer.statusCode === 201 && !answer.headers['idempotency-replayed'])).toHaveLength(
      1,
    );
    expect(made.every((answer) => answer.statusCode === 201 || answer.json().code === 'idempotency-in-progress')).toBe(
      true,
    );
    const again = await call('POST', '/v1/connections', draft, key);
    expect(again.headers['idempotency-replayed']).toBe('true');
    const named = await call('GET', `/v1/connections?filter=${encodeURIComponent(`id eq "${again.json().id}"`)}`);
    expect(named.json().items).toHaveLength(1);
    const other = await call(
      'POST',
      '/v1/connections',
      { ...draft, credentials: { ...draft.credentials, password: 'another-secret' } },
      key,
    );
    expect(other.json().code).toBe('idempotency-key-reused');

    const url = `/v1/connections/${again.json().id}`;
    const etag = String((await call('GET', url)).headers.etag);
    const changes = await Promise.all(
      Array.from({ length: 5 }, (_, i) => call('PATCH', url, { name: `n${i}` }, { 'if-match': etag })),
    );
    expect(changes.map((answer) => answer.statusCode).sort()).toEqual([200, 412, 412, 412, 412]);
  });

  it('pauses, resumes, tests, discovers and reports', async () => {
    const url = `/v1/connections/${ids.connectionId}`;
    expect((await call('POST', `${url}:pause`)).json()).toMatchObject({ paused: true, status: 'paused' });
    expect((await call('POST', `${url}:discover`)).statusCode).toBe(409);
    expect((await call('POST', `${url}:resume`)).json()).toMatchObject({ paused: false });
    expect((await call('POST', `${url}:test`)).json()).toMatchObject({ ok: true });
    expect((await call('POST', `${url}:discover`)).statusCode).toBe(202);
    expect((await call('GET', `${url}/health`)).json()).toMatchObject({ status: 'connected', stale: false });
    expect((await call('GET', `${url}/budget`)).json()).toEqual({ budgets: [] });
    expect((await call('GET', `${url}/checkpoints`)).json()).toEqual({ items: [], page: {} });
    const tested = await call('POST', '/v1/connections:test', draft);
    expect(tested.json()).toMatchObject({ ok: true });
    const asked = world.platform.asked.findLast(({ name }) => name === 'connection.test')?.payload as {
      connectionId: string;
      draft: { sealed: string; workspace: string };
    };
    expect(JSON.stringify(asked)).not.toContain('secret-canary');
    expect(
      world.house.vault.open(asked.draft.sealed, { workspace: 'default', connectionId: asked.connectionId }),
    ).toEqual(draft.credentials);
  });
});

describe('the life of a connection', () => {
  const draft = {
    platform: 'acme',
    name: 'Living',
    settings: { baseUrl: 'https://acme.example' },
    credentials: { user: 'u', password: 'secret-canary' },
  };
  const make = async (): Promise<string> => (await call('POST', '/v1/connections', draft)).json().id;
  /** What is to be published about it, validated as a consumer would. */
  const told = async (id: string) => {
    const { rows } = await world.db.pool.query('select message from outbox where aggregate = $1 order by seq', [id]);
    return rows.map(({ message }) => {
      const parsed = parseEvent(message.event);
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
      expect(message.routing).toMatchObject({ workspace: 'default', platform: 'acme', subjectId: id });
      return { name: parsed.name, event: parsed.event };
    });
  };
  const project = async (id: string) => {
    for (const { name, event } of await told(id)) {
      const context = { eventId: event.id, workspace: 'default', platform: 'acme', connectionId: id, time: event.time };
      const action = name.split('.')[1] as 'paused';
      await new Inventory(world.db).applyConnection(context, action, event.data as ConnectionData);
    }
  };

  it('is told on the bus: a pause and a removal once each, with the change or not at all', async () => {
    const id = await make();
    const url = `/v1/connections/${id}`;
    await call('POST', `${url}:pause`);
    await call('POST', `${url}:pause`);
    await call('POST', `${url}:resume`);
    const { etag } = (await call('GET', url)).headers;
    expect((await call('DELETE', url, undefined, { 'if-match': '"0-x"' })).statusCode).toBe(412);
    expect((await told(id)).map(({ name }) => name)).toEqual(['connection.paused']);
    await call('DELETE', url, undefined, { 'if-match': String(etag) });
    const news = await told(id);
    expect(news.map(({ name }) => name)).toEqual(['connection.paused', 'connection.removed']);
    const [first, last] = news.map(({ event }) => BigInt((event.data as ConnectionData).rev));
    expect(Number(last)).toBeGreaterThan(Number(first));
  });

  it('reads paused at once, and unknown after it until the adapter says how it is', async () => {
    const id = await make();
    const url = `/v1/connections/${id}`;
    const status = async () => (await call('GET', url)).json().status;
    const listed = async (wanted: string) =>
      (
        await call('GET', `/v1/connections?filter=${encodeURIComponent(`id eq "${id}" and status eq "${wanted}"`)}`)
      ).json().items.length;
    expect(await status()).toBe('unknown');
    await call('POST', `${url}:pause`);
    expect([await status(), await listed('paused')]).toEqual(['paused', 1]);
    await project(id);
    expect((await call('GET', url)).json()).toMatchObject({ status: 'paused', statusSince: expect.any(String) });
    await call('POST', `${url}:resume`);
    expect([await status(), await listed('unknown'), await listed('paused')]).toEqual(['unknown', 1, 0]);
    const context = { eventId: randomUUID(), workspace: 'default', platform: 'acme', connectionId: id };
    const time = new Date().toISOString();
    const rev = String(BigInt(Date.now()) << 21n);
    expect(
      await new Inventory(world.db).applyConnection({ ...context, time }, 'connected', { connectionId: id, rev }),
    ).toBe('applied');
    expect(await status()).toBe('connected');
  });
});

describe('devices', () => {
  it('lists, filters, sorts and pages', async () => {
    const filter = encodeURIComponent(
      'name sw "boil" and properties.maker eq "ABB" and properties.power gt 12 and lastSeenAt pr',
    );
    const found = await call('GET', `/v1/devices?filter=${filter}&count=true`);
    expect(found.json()).toMatchObject({ items: [{ id: ids.deviceId, name: 'Boiler Öst' }], page: { total: 1 } });
    const first = await call('GET', '/v1/devices?sort=-name&limit=1&fields=name');
    expect(first.json().items).toEqual([{ name: 'Sensor' }]);
    expect(first.headers.link).toMatch(/rel="next"/);
    const next = /<(.*)>/.exec(String(first.headers.link))?.[1] ?? '';
    expect((await call('GET', next)).json().items).toEqual([{ name: 'Boiler Öst' }]);
    const stolen = await call('GET', `/v1/devices?limit=1&cursor=${first.json().page.nextCursor}`);
    expect(stolen.json()).toMatchObject({ status: 400, errors: [{ pointer: '/query/cursor' }] });
    expect((await call('GET', '/v1/devices?filter=nme%20pr')).json()).toMatchObject({
      status: 400,
      errors: [{ pointer: '/query/filter' }],
    });
  });

  it('answers one, by its native id, its children and its tree', async () => {
    const one = await call('GET', `/v1/devices/${ids.deviceId}`);
    expect(one.json()).toMatchObject({ nativeId: 'd 1/ü', lastSeenAt: '2026-03-29T01:00:00.000Z' });
    const byNative = await call('GET', `/v1/devices/by-native/${ids.connectionId}/${encodeURIComponent('d 1/ü')}`);
    expect(byNative.json().id).toBe(ids.deviceId);
    expect((await call('GET', `/v1/devices/${ids.deviceId}/children`)).json().items).toHaveLength(1);
    expect(
      (await call('GET', `/v1/devices/${ids.deviceId}/tree`)).json().items.map((item: { depth: number }) => item.depth),
    ).toEqual([0, 1]);
    expect((await call('GET', '/v1/spaces')).json().items).toMatchObject([{ id: ids.spaceId }]);
  });
});

describe('telemetry', () => {
  it('answers newest values with their age, by device, connection and signal', async () => {
    for (const query of [
      `device=${ids.deviceId}`,
      `connection=${ids.connectionId}`,
      'signal=power',
      `device=${ids.deviceId},${ids.childId}&signal=power`,
    ]) {
      const latest = await call('GET', `/v1/telemetry/latest?${query}`);
      expect(latest.json().items).toMatchObject([
        { seriesId: ids.seriesId, value: 12.5, unit: 'W', ts: '2026-03-29T01:00:00.000Z' },
      ]);
      expect(latest.json().items[0].ageMs).toBeGreaterThanOrEqual(0);
    }
    expect((await call('GET', '/v1/telemetry/latest?devise=x')).json().errors).toEqual([
      { pointer: '/query/devise', detail: 'This route takes no such parameter.' },
    ]);
  });

  it('writes to the platform', async () => {
    const written = await call('POST', `/v1/devices/${ids.deviceId}/telemetry:write`, {
      points: [{ signal: 'setpoint', value: 20 }],
    });
    expect(written.json()).toEqual({ written: 1 });
  });
});

describe('attributes', () => {
  it('reads stored and live ones, and changes shared ones', async () => {
    const url = `/v1/devices/${ids.deviceId}/attributes`;
    const stored = await call('GET', url);
    expect(stored.json()).toMatchObject({ live: false, items: [{ scope: 'shared', name: 'target', value: 21 }] });
    expect((await call('GET', `${url}?live=true`)).json()).toMatchObject({ live: true, items: [{ name: 'firmware' }] });
    const changed = await call('PATCH', url, { target: 22 }, { 'if-match': String(stored.headers.etag) });
    expect(changed.json()).toMatchObject({ items: [{ name: 'target', value: 22 }] });
  });
});

describe('commands', () => {
  const url = () => `/v1/devices/${ids.deviceId}/commands`;

  it('accepts an order once for a key, whatever the number of requests', async () => {
    const key = { 'idempotency-key': 'order-1' };
    expect((await call('POST', url(), { name: 'restart' })).json()).toMatchObject({ code: 'idempotency-key-required' });
    const answers = await Promise.all(Array.from({ length: 6 }, () => call('POST', url(), { name: 'restart' }, key)));
    expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(
      new Set([202, 409].filter((s) => answers.some((a) => a.statusCode === s))),
    );
    const again = await call('POST', url(), { name: 'restart' }, key);
    expect(again.statusCode).toBe(202);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.headers.location).toBe(`/v1/commands/${again.json().id}`);
    const accepted = answers.filter((answer) => answer.statusCode === 202);
    expect(new Set(accepted.map((answer) => answer.json().id))).toEqual(new Set([again.json().id]));
    expect((await call('POST', url(), { name: 'restart', params: { delaySeconds: 1 } }, key)).json()).toMatchObject({
      status: 422,
      code: 'idempotency-key-reused',
    });
    const { rows } = await world.db.pool.query(`select count(*)::int as n from command where device_id = $1`, [
      ids.deviceId,
    ]);
    expect(rows[0].n).toBe(2);
  });

  it('refuses what the device does not understand, and a past deadline', async () => {
    const order = (body: unknown, key: string) => call('POST', url(), body, { 'idempotency-key': key });
    expect((await order({ name: 'fly' }, 'a')).json()).toMatchObject({ status: 422, code: 'capability-unsupported' });
    expect(
      (await order({ name: 'restart', params: { delaySeconds: -1, loud: true } }, 'b')).json().errors,
    ).toHaveLength(2);
    expect((await order({ name: 'restart', expiresAt: '2020-01-01T00:00:00Z' }, 'c')).statusCode).toBe(400);
  });

  it('shows the ladder, and takes an order back', async () => {
    const one = await call('GET', `/v1/commands/${ids.commandId}`);
    expect(one.json()).toMatchObject({
      state: 'accepted',
      transitions: [{ state: 'accepted', evidence: { kind: 'caller' } }],
    });
    const cancelled = await call('POST', `/v1/commands/${ids.commandId}:cancel`);
    expect(cancelled.json()).toMatchObject({ state: 'cancelled' });
    expect(
      (await call('GET', `/v1/commands?filter=${encodeURIComponent('state eq "cancelled"')}`)).json().items,
    ).toHaveLength(1);
    expect((await call('GET', `/v1/devices/${ids.deviceId}/command-descriptions`)).json().items[0].name).toBe(
      'restart',
    );
  });
});

describe('files', () => {
  it('lists stored and live ones and streams their bytes', async () => {
    expect((await call('GET', '/v1/files')).json().items).toMatchObject([{ id: ids.fileId, sizeBytes: 15 }]);
    expect((await call('GET', `/v1/devices/${ids.deviceId}/files?live=true`)).json()).toMatchObject({
      live: true,
      items: [{ name: 'live.osf' }],
    });
    const content = await call('GET', `/v1/files/${ids.fileId}/content`);
    expect(content.body).toBe('bytes of a file');
    expect(content.headers['content-type']).toBe('application/x-osf');
    const several = await call('POST', `/v1/devices/${ids.deviceId}/files:download`, { names: ['a.osf', 'b.osf'] });
    expect(several.statusCode).toBe(200);
    expect(world.platform.asked.at(-1)?.payload).toMatchObject({ names: ['a.osf', 'b.osf'] });
  });
});

describe('files listed live', () => {
  const live = () => `/v1/devices/${ids.childId}/files?live=true`;
  const listing = (files: object[]) => {
    world.platform.handlers['files.list'] = async ({ nativeId }) => ({
      files: files.map((file) => ({
        deviceNativeId: nativeId,
        name: 'new.osf',
        location: 'platform' as const,
        ...file,
      })),
    });
  };

  it('are addressable as soon as their ids are handed out', async () => {
    listing([
      { sizeBytes: 7, from: '2026-03-29T00:00:00Z' },
      { name: 'ü/2.osf', location: 'device' },
    ]);
    const { items } = (await call('GET', live())).json();
    expect(items).toHaveLength(2);
    for (const item of items) {
      const { from, ...rest } = item;
      const stored = (await call('GET', `/v1/files/${item.id}`)).json();
      expect(stored).toEqual({ ...rest, ...(from ? { from: new Date(from).toISOString() } : {}) });
      expect((await call('GET', `/v1/files/${item.id}/content`)).body).toBe('bytes of a file');
    }
    expect(world.platform.asked.at(-1)?.payload).toMatchObject({ nativeId: 'd2', names: ['ü/2.osf'] });
  });

  it('follow the newest listing, until an event tells more', async () => {
    listing([{ location: 'device' }]);
    const [{ id }] = (await call('GET', live())).json().items;
    expect((await call('GET', `/v1/files/${id}`)).json()).toMatchObject({ location: 'device' });
    const context = { eventId: randomUUID(), workspace: 'default', platform: 'acme', connectionId: ids.connectionId };
    const time = new Date().toISOString();
    const told = { deviceId: ids.childId, nativeId: 'd2', fileId: id, name: 'new.osf', rev: '2' };
    expect(
      await new Inventory(world.db).applyFile({ ...context, time }, { ...told, location: 'both', sizeBytes: 9 }),
    ).toBe('applied');
    expect((await call('GET', live())).json().items).toMatchObject([{ location: 'device' }]);
    expect((await call('GET', `/v1/files/${id}`)).json()).toMatchObject({ location: 'both', sizeBytes: 9 });
  });

  it('are nobody else’s', async () => {
    listing([{}]);
    const [{ id }] = (await call('GET', live())).json().items;
    const other = await world.key('other');
    const answer = await world.fastify.inject({
      url: `/v1/files/${id}`,
      headers: { authorization: `Bearer ${other}` },
    });
    expect(answer.statusCode).toBe(404);
  });
});

describe('the rest', () => {
  it('parked messages: lists, replays through the outbox, discards', async () => {
    expect((await call('GET', '/v1/parked-messages')).json().items).toMatchObject([
      { id: ids.parkedId, payload: 'not json' },
    ]);
    expect((await call('POST', `/v1/parked-messages/${ids.parkedId}:replay`)).statusCode).toBe(202);
    const { rows } = await world.db.pool.query(`select message from outbox where aggregate = $1`, [ids.parkedId]);
    expect(rows[0].message).toMatchObject({
      kind: 'queue',
      queue: world.house.replayQueue,
      body: { parkedId: ids.parkedId },
    });
    expect((await call('POST', `/v1/parked-messages/${ids.parkedId}:discard`)).json()).toMatchObject({
      state: 'discarded',
    });
    expect((await call('POST', `/v1/parked-messages/${ids.parkedId}:replay`)).statusCode).toBe(409);
  });

  it('API keys: the secret is shown once and kept nowhere', async () => {
    const made = await call(
      'POST',
      '/v1/api-keys',
      { name: 'reports', scopes: ['read'] },
      { 'idempotency-key': 'key-1' },
    );
    expect(made.statusCode).toBe(201);
    const secret: string = made.json().key;
    const replayed = await call(
      'POST',
      '/v1/api-keys',
      { name: 'reports', scopes: ['read'] },
      { 'idempotency-key': 'key-1' },
    );
    expect(replayed.json()).toMatchObject({ id: made.json().id });
    expect(replayed.body).not.toContain(secret);
    const url = `/v1/api-keys/${made.json().id}`;
    const read = await call('GET', url);
    expect(read.body).not.toContain(secret.slice(-20));
    expect((await call('DELETE', url, undefined, { 'if-match': String(read.headers.etag) })).statusCode).toBe(204);
    const refused = await world.fastify.inject({ url: '/v1/devices', headers: { authorization: `Bearer ${secret}` } });
    expect(refused.statusCode).toBe(401);
  });

  it('keeps an audit log of every change', async () => {
    const actions = (await call('GET', '/v1/audit-log?limit=1000'))
      .json()
      .items.map((entry: { action: string }) => entry.action);
    for (const action of [
      'connection.created',
      'connection.updated',
      'connection.removed',
      'connection.paused',
      'command.accepted',
      'command.cancelled',
      'api-key.created',
      'api-key.revoked',
      'attributes.updated',
      'telemetry.written',
      'parked-message.replayed',
    ]) {
      expect(actions).toContain(action);
    }
  });
});

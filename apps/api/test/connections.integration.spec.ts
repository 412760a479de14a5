import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConnectionData, parseEvent } from '@tributary/contracts';
import { Inventory } from '@tributary/database';
import { audited, caller, makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let call: ReturnType<typeof caller>;
let ids: Seeded;

beforeAll(async () => {
  world = await makeWorld();
  call = caller(world, await world.key('default'));
  ids = await seed(world, 'default');
});
afterAll(async () => {
  await world.close();
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

  it('tells what is spent of each budget, by lane and as the platform counts it', async () => {
    const report = {
      budgets: [
        {
          name: 'requests',
          unit: 'requests',
          limit: 8,
          platformLimit: 10,
          windowMs: 10_000,
          spent: 3,
          left: 5,
          byLane: { command: 1, live: 1, elsewhere: 1 },
          reserved: { command: 2 },
          documented: true,
          platformReported: { spentInWindow: 3 },
        },
      ],
    };
    const usual = world.platform.handlers['connection.budget'];
    world.platform.handlers['connection.budget'] = async () => report;
    expect((await call('GET', `/v1/connections/${ids.connectionId}/budget`)).json()).toEqual(report);
    if (usual) world.platform.handlers['connection.budget'] = usual;
    const { components } = (await call('GET', '/openapi.json')).json();
    const { properties } = components.schemas.BudgetReport.properties.budgets.items;
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(report.budgets[0] ?? {})));
  });

  it('stand in the audit log with every change', async () => {
    const actions = ['created', 'updated', 'removed', 'paused', 'resumed'].map((action) => `connection.${action}`);
    expect(await audited(call)).toEqual(expect.arrayContaining(actions));
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

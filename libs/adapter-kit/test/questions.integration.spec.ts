import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdapterPayload, AdapterRequestName } from '@tributary/contracts';
import { AcmeHouse, type Replica } from './acme/acme-house.ts';

let house: AcmeHouse;
let replica: Replica;
let connectionId: string;

beforeAll(async () => {
  house = await AcmeHouse.open();
  connectionId = (await house.connect('extras', 'good', { extras: true })).id;
  replica = await house.start();
}, 60_000);
afterAll(() => house.close(), 30_000);

const record = { type: 'thing', nativeId: 'a' };

describe('relations', () => {
  it('are added, and lead to records page by page', async () => {
    const relation = { connectionId, ...record, relation: 'feeds' };
    expect(await house.ask('entities.related', { ...relation, limit: 10 })).toEqual({ items: [] });
    expect(await house.ask('entities.relate', { ...relation, targets: ['b', 'c'] })).toEqual({});
    const page = await house.ask('entities.related', { ...relation, limit: 1 });
    expect(page).toEqual({ items: [{ type: 'thing', nativeId: 'b', etag: '1', attributes: {} }], nextCursor: '1' });
  }, 30_000);
});

describe('every answer', () => {
  it('says how many calls to the platform it has cost', async () => {
    const told: number[] = [];
    const tell = (calls: number) => told.push(calls);
    await house.ask('connection.test', { connectionId }, tell);
    await house.ask('connection.budget', { connectionId }, tell);
    expect(told).toEqual([1, 0]);
  }, 30_000);
});

describe('users', () => {
  it('are listed, looked for, registered, invited and removed; who is there already is a conflict', async () => {
    const list = async () =>
      (await house.ask('users.list', { connectionId, limit: 10 })).items.map(({ username }) => username);
    expect(await house.ask('users.current', { connectionId })).toMatchObject({ username: 'ada' });
    expect(await house.ask('users.exists', { connectionId, username: 'bob' })).toEqual({ exists: false });
    const bob = { connectionId, draft: { username: 'bob' } };
    expect(await house.ask('users.register', bob)).toMatchObject({ nativeId: 'bob' });
    await expect(house.ask('users.register', bob)).rejects.toMatchObject({ code: 'conflict' });
    await house.ask('users.invite', { connectionId, draft: { email: 'eve@example.com' } });
    expect(await list()).toEqual(['ada', 'bob', 'eve@example.com']);
    expect(await house.ask('users.remove', { connectionId, nativeId: 'bob' })).toEqual({});
    expect(await list()).toEqual(['ada', 'eve@example.com']);
    await expect(house.ask('users.remove', { connectionId, nativeId: 'bob' })).rejects.toMatchObject({
      code: 'not-found',
    });
  }, 30_000);
});

describe('GraphQL', () => {
  it('passes on what the guard lets through, and its answer as it is', async () => {
    const asked = { connectionId, query: 'query A { a }', variables: { n: 1 }, allowMutations: false };
    expect(await house.ask('graphql.execute', asked)).toEqual({ data: { said: 13 }, extensions: { cost: 1 } });
    const change = { connectionId, query: 'mutation { a }', allowMutations: true };
    expect(await house.ask('graphql.execute', change)).toMatchObject({ data: { said: 14 } });
  }, 30_000);

  it('refuses before the platform hears of it', async () => {
    const before = house.vendor.extras.documents.length;
    for (const query of ['mutation { a }', '{ a', 'subscription { a }']) {
      const asking = house.ask('graphql.execute', { connectionId, query, allowMutations: false });
      await expect(asking).rejects.toMatchObject({ code: 'invalid-request', message: expect.stringMatching(/\w/) });
    }
    expect(house.vendor.extras.documents).toHaveLength(before);
  }, 30_000);
});

describe("a user's log-in", () => {
  const redirectUri = 'https://api.example/v1/login/callback';
  const state = 'state-of-sixteen-letters';
  const nonce = 'nonce-of-sixteen-letters';

  it('ends in credentials sealed for the connection; nothing of it is told in clear', async () => {
    const begun = await house.ask('login.begin', { connectionId, redirectUri, state, nonce });
    expect(new URL(begun.url).searchParams.get('state')).toBe(state);
    const sealedCode = house.seal(connectionId, { code: 'secret-code' });
    const answer = { connectionId, redirectUri, nonce, sealed: begun.sealed, sealedCode };
    const finished = await house.ask('login.finish', answer);
    expect(finished.account).toBe('ada');
    expect(house.unseal(connectionId, finished.sealedCredentials)).toEqual({ key: 'secret-new-key' });
    const wrong = { ...answer, sealedCode: house.seal(connectionId, { code: 'wrong' }) };
    await expect(house.ask('login.finish', wrong)).rejects.toMatchObject({ code: 'authentication' });
    const told = JSON.stringify([begun, finished, replica.lines]);
    for (const secret of ['secret-verifier', 'secret-code', 'secret-new-key']) expect(told).not.toContain(secret);
  }, 30_000);

  it('takes no other log-in, no other connection and no other sealed text for its own', async () => {
    const other = (await house.connect('other', 'good', { extras: true })).id;
    const begin = (id: string) => house.ask('login.begin', { connectionId: id, redirectUri, state, nonce });
    const [mine, theirs] = [await begin(connectionId), await begin(other)];
    const code = house.seal(connectionId, { code: 'secret-code' });
    const good = { connectionId, redirectUri, nonce, sealed: mine.sealed, sealedCode: code };
    for (const bad of [
      { ...good, sealed: theirs.sealed },
      { ...good, nonce: 'another-nonce-of-letters' },
      { ...good, redirectUri: 'https://evil.example/' },
      { ...good, sealed: code },
      { ...good, sealedCode: mine.sealed },
      { ...good, sealed: 'garbage' },
    ]) {
      await expect(house.ask('login.finish', bad)).rejects.toMatchObject({ code: 'invalid-request' });
    }
    expect((await house.ask('login.finish', good)).account).toBe('ada');
  }, 30_000);
});

describe('a platform that lacks a capability', () => {
  it('says so, whatever it is asked', async () => {
    const { id } = await house.connect('basics');
    const draft = { username: 'x' };
    const login = { redirectUri: 'https://x.example/', nonce: 'n'.repeat(16) };
    const questions: { [N in AdapterRequestName]?: Omit<AdapterPayload<N>, 'connectionId'> } = {
      'attributes.read': { nativeId: 'a' },
      'telemetry.history': { nativeId: 'a', from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', limit: 1 },
      'entities.types': {},
      'entities.related': { ...record, relation: 'r', limit: 1 },
      'entities.relate': { ...record, relation: 'r', targets: ['b'] },
      'users.list': { limit: 1 },
      'users.exists': { username: 'x' },
      'users.current': {},
      'users.register': { draft },
      'users.invite': { draft },
      'users.remove': { nativeId: 'x' },
      'graphql.execute': { query: '{ a }', allowMutations: false },
      'files.receive': { name: 'a', mediaType: 'text/plain' },
      'login.begin': { ...login, state: 's'.repeat(16) },
      'login.finish': { ...login, sealed: 'x', sealedCode: 'x' },
    };
    for (const [name, payload] of Object.entries(questions)) {
      const asking = house.ask(name as 'users.current', { connectionId: id, ...payload });
      await expect(asking).rejects.toMatchObject({ code: 'unsupported' });
    }
  }, 60_000);
});

import { describe, expect, it } from '@jest/globals';
import { stillSimulators } from '../../test/meshydb-caller.ts';
import { dig } from '../../test/opticloud-caller.ts';
import { type RawAnswer, sendRaw } from '../../test/raw-http.ts';
import type { MeshydbSimulator } from './server.ts';

const start = stillSimulators();

const AGENT = 'User-Agent: node-superagent/5.2.1\r\nAccept-Encoding: identity\r\n';
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\n';
const JSON_BODY = 'Content-Type: application/json\r\n';

/** The library writes these requests for account `acc`, tenant `ten` and public key `pk`. */
const startAcc = async () => (await start({ moreTenants: [{ account: 'acc', name: 'ten', publicKey: 'pk' }] })).sim;

interface Asked {
  line: string;
  headers?: string;
  token?: unknown;
  body?: string;
}

const request = (url: string, { line, headers = '', token, body }: Asked): string =>
  [
    `${line} HTTP/1.1\r\n${AGENT}tenant: ten\r\n${headers}`,
    token === undefined ? '' : `Authorization: Bearer ${String(token)}\r\n`,
    body === undefined ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`,
    `Host: ${new URL(url).host}\r\nConnection: close\r\n\r\n`,
    body ?? '',
  ].join('');

const api = (sim: MeshydbSimulator, asked: Asked) => sendRaw(sim.url, request(sim.url, asked));
const auth = (sim: MeshydbSimulator, asked: Asked) => sendRaw(sim.authUrl, request(sim.authUrl, asked));
const json = (answer: RawAnswer): unknown => JSON.parse(answer.body);

const LOG_IN =
  'client_id=pk&client_secret=&grant_type=password&username=bob&password=nopassword&scope=meshy.api%20offline_access%20openid&refresh_token=';

async function loggedIn(sim: MeshydbSimulator) {
  await api(sim, { line: 'POST /acc/users/register/anonymous', headers: JSON_BODY, body: '{"username":"bob"}' });
  const answer = await auth(sim, { line: 'POST /acc/connect/token', headers: FORM, body: LOG_IN });
  return { answer, token: dig(json(answer), 'access_token'), refreshToken: String(dig(json(answer), 'refresh_token')) };
}

describe('requests of the JavaScript client library, byte for byte', () => {
  it('MESHY-01 asks with a body, which is not looked at', async () => {
    const sim = await startAcc();
    const asked = { line: 'GET /acc/users/bob/exists', headers: FORM, body: 'bob' };
    const before = await api(sim, asked);
    expect([before.status, json(before)]).toEqual([201, { exists: false }]);
    await loggedIn(sim);
    expect(json(await api(sim, asked))).toEqual({ exists: true });
  });

  it('MESHY-02 MESHY-03 MESHY-05 registers, logs in with empty fields, and reads its profile', async () => {
    const sim = await startAcc();
    const registered = await api(sim, {
      line: 'POST /acc/users/register/anonymous',
      headers: JSON_BODY,
      body: '{"username":"bob"}',
    });
    expect([registered.status, json(registered)]).toEqual([
      201,
      expect.objectContaining({ username: 'bob', anonymous: true }),
    ]);
    const answer = await auth(sim, { line: 'POST /acc/connect/token', headers: FORM, body: LOG_IN });
    expect([answer.status, json(answer)]).toEqual([
      200,
      { access_token: expect.any(String), expires_in: 3600, token_type: 'Bearer', refresh_token: expect.any(String) },
    ]);
    const me = await api(sim, { line: 'GET /acc/users/me', token: dig(json(answer), 'access_token') });
    expect(json(me)).toEqual(json(registered));
  });

  it('MESHY-04 refreshes, with the fields of a log-in left empty', async () => {
    const sim = await startAcc();
    const { refreshToken } = await loggedIn(sim);
    const body = `client_id=pk&client_secret=&grant_type=refresh_token&username=&password=&scope=meshy.api%20offline_access%20openid&refresh_token=${refreshToken}`;
    const answer = await auth(sim, { line: 'POST /acc/connect/token', headers: FORM, body });
    expect([answer.status, json(answer)]).toEqual([200, expect.objectContaining({ token_type: 'Bearer' })]);
  });

  it('MESHY-06 to MESHY-09, MESHY-32 to MESHY-35 create, update, search and delete', async () => {
    const sim = await startAcc();
    const { token } = await loggedIn(sim);
    const made = await api(sim, {
      line: 'POST /acc/meshes/person',
      headers: JSON_BODY,
      token,
      body: '{"firstName":"Robert","lastName":"Bobson","a":1}',
    });
    expect(made.status).toBe(201);
    const id = String(dig(json(made), '_id'));
    const many = await api(sim, {
      line: 'POST /acc/meshes/person',
      headers: JSON_BODY,
      token,
      body: JSON.stringify(Array.from({ length: 11 }, (_, i) => ({ firstName: 'Rob', lastName: `B${10 + i}`, a: 1 }))),
    });
    expect([many.status, json(many)]).toEqual([201, { createdCount: 11, createdData: expect.any(Array) }]);
    const search =
      '/acc/meshes/person?filter=%7B%22firstName%22%3A%7B%22%24regex%22%3A%22%5ERob%22%7D%7D&orderBy=%7B%22lastName%22%3A-1%7D&page=2&pageSize=10';
    const found = await api(sim, { line: `GET ${search}`, token });
    expect(json(found)).toMatchObject({
      page: 2,
      pageSize: 10,
      results: [{ lastName: 'B11' }, { lastName: 'B10' }],
      totalRecords: 12,
    });
    const put = (one: string) =>
      api(sim, { line: `PUT /acc/meshes/person/${one}`, headers: JSON_BODY, token, body: '{"firstName":"Bob"}' });
    expect((await put('id1')).status).toBe(404);
    expect(json(await put(id))).toMatchObject({ _id: id, firstName: 'Bob', lastName: 'Bobson' });
    expect(json(await api(sim, { line: `GET /acc/meshes/person/${id}`, token }))).toMatchObject({ firstName: 'Bob' });
    const patched = await api(sim, {
      line: 'PATCH /acc/meshes/person',
      headers: JSON_BODY,
      token,
      body: '{"filter":"{a:1}","update":"{$set:{a:2}}"}',
    });
    expect(json(patched)).toEqual({
      isAcknowledged: true,
      isModifiedCountAvailable: true,
      matchedCount: 12,
      modifiedCount: 12,
      upsertedId: null,
    });
    expect((await api(sim, { line: `DELETE /acc/meshes/person/${id}`, token })).status).toBe(204);
    expect((await api(sim, { line: 'DELETE /acc/meshes/person/id1', token })).status).toBe(404);
    const deleted = await api(sim, { line: 'DELETE /acc/meshes/person?filter=%7B%22a%22%3A1%7D', token });
    expect(json(deleted)).toEqual({ deletedCount: 0, isAcknowledged: true });
    const rest = await api(sim, { line: 'DELETE /acc/meshes/person?filter=%7B%22a%22%3A2%7D', token });
    expect(json(rest)).toEqual({ deletedCount: 11, isAcknowledged: true });
  });

  it('MESHY-36 reads a projection', async () => {
    const sim = await startAcc();
    const { token } = await loggedIn(sim);
    const asked = { line: 'GET /acc/projections/popular?page=1&pageSize=25', token };
    expect((await api(sim, asked)).status).toBe(404);
    const pipeline = [{ $group: { _id: '$state', attractions: { $sum: 1 } } }];
    sim.state.account('acc').tenant('ten')?.projections.set('popular', { mesh: 'place', pipeline });
    expect(json(await api(sim, asked))).toEqual({ page: 1, pageSize: 25, results: [], totalRecords: 0 });
  });

  it('MESHY-10 signs out in its own form', async () => {
    const sim = await startAcc();
    const { refreshToken } = await loggedIn(sim);
    const body = `token=${refreshToken}&token_type_hint=refresh_token&client_id=pk`;
    expect((await auth(sim, { line: 'POST /acc/connect/revocation', headers: FORM, body })).status).toBe(200);
    const again = `client_id=pk&grant_type=refresh_token&refresh_token=${refreshToken}`;
    expect((await auth(sim, { line: 'POST /acc/connect/token', headers: FORM, body: again })).status).toBe(400);
  });
});

describe('requests of the C# client library', () => {
  it('MESHY-08 searches with plus signs, unquoted keys and nothing where there is no filter', async () => {
    const sim = await startAcc();
    const { token } = await loggedIn(sim);
    const made = await api(sim, {
      line: 'POST /acc/meshes/person',
      headers: 'Accept: application/json\r\nContent-Type: application/json; charset=utf-8\r\n',
      token,
      body: '{"firstName":"Bob","lastName":"Bobson"}',
    });
    for (const query of [
      'filter=&orderby=&page=1&pageSize=25',
      'filter=%7B+%22firstName%22+%3A+%22Bob%22+%7D&orderby=%7B+lastName%3A-1+%7D&page=1&pageSize=25',
    ]) {
      const found = await api(sim, { line: `GET /acc/meshes/person?${query}`, token });
      expect(json(found)).toEqual({ page: 1, pageSize: 25, results: [json(made)], totalRecords: 1 });
    }
  });

  it('MESHY-34 writes members with capital letters', async () => {
    const sim = await startAcc();
    const { token } = await loggedIn(sim);
    const body = '{"Filter":"{ \\"a\\" : 1 }","Update":"{ $set : { \\"a\\" : 2 } }"}';
    const patched = await api(sim, { line: 'PATCH /acc/meshes/person', headers: JSON_BODY, token, body });
    expect(json(patched)).toMatchObject({ matchedCount: 0 });
  });

  it('MESHY-03 logs in by a form that names its character set', async () => {
    const sim = await startAcc();
    await loggedIn(sim);
    const headers = 'Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n';
    const body = LOG_IN.replaceAll('%20', '+');
    expect((await auth(sim, { line: 'POST /acc/connect/token', headers, body })).status).toBe(200);
  });
});

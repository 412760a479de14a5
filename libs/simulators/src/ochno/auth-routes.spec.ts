import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { OchnoCaller, startQuiet } from '../../test/ochno-caller.ts';
import { call, postJson } from '../../test/opticloud-caller.ts';
import { USERS } from './accounts.ts';
import type { OchnoSimulator } from './server.ts';

jest.setTimeout(60_000);

let sim: OchnoSimulator;
beforeEach(async () => {
  sim = await startQuiet({ tokenLifeMs: 60_000 });
});
afterEach(() => sim.stop());

const logIn = (body: unknown) => postJson(`${sim.url}/auth/jwt`, body);
const companies = (authorization?: string) =>
  call(`${sim.url}/api/companies`, authorization === undefined ? {} : { headers: { authorization } });

describe('log-in and log-out', () => {
  it('OCHNO-01 gives a token whose life is in seconds', async () => {
    const answer = await logIn(USERS.demo);
    expect([answer.status, Object.keys(answer.json as object)]).toEqual([200, ['token']]);
    const { token } = answer.json as { token: string };
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims.exp).toBe(Math.floor(sim.clock.now() / 1000) + 60);
  });

  it('OCHNO-01 says the same of a wrong password and an unknown e-mail', async () => {
    const wrong = await logIn({ ...USERS.demo, password: 'wrong' });
    const unknown = await logIn({ email: 'nobody@example.com', password: 'wrong' });
    expect([wrong.status, wrong.json]).toEqual([401, { message: expect.any(String) }]);
    expect([unknown.status, unknown.text]).toEqual([wrong.status, wrong.text]);
  });

  it.each([
    ['no password', JSON.stringify({ email: 'a' })],
    ['a number as e-mail', JSON.stringify({ email: 1, password: 'b' })],
    ['no JSON', 'email=a&password=b'],
    ['nothing', ''],
  ])('OCHNO-01 refuses %s with 400', async (_what, body) => {
    expect(await logIn(body)).toMatchObject({ status: 400, json: { message: expect.any(String) } });
  });

  it('OCHNO-01 refuses a body that does not call itself JSON with 400', async () => {
    expect((await call(`${sim.url}/auth/jwt`, { method: 'POST', body: JSON.stringify(USERS.demo) })).status).toBe(400);
  });

  it('OCHNO-03 takes JWT alone as the scheme, in any case, and the token as it is', async () => {
    const { token } = await OchnoCaller.logIn(sim);
    for (const good of [`JWT ${token}`, `jwt ${token}`]) expect((await companies(good)).status).toBe(200);
    const bad = [
      undefined,
      `Bearer ${token}`,
      token,
      'JWT',
      'JWT garbage',
      `JWT ${token.toUpperCase()}`,
      `JWT ${token}x`,
    ];
    for (const one of bad)
      expect(await companies(one)).toMatchObject({ status: 401, json: { message: expect.any(String) } });
  });

  it('OCHNO-03 refuses an expired token', async () => {
    const user = await OchnoCaller.logIn(sim);
    await sim.clock.advance(59_000);
    expect((await user.get('/api/companies')).status).toBe(200);
    await sim.clock.advance(2_000);
    expect((await user.get('/api/companies')).status).toBe(401);
    const other = await OchnoCaller.logIn(sim);
    sim.faults.expireTokens();
    expect((await other.get('/api/companies')).status).toBe(401);
    expect((await (await OchnoCaller.logIn(sim)).get('/api/companies')).status).toBe(200);
  });

  it('OCHNO-02 removes one token, and no other of the same user', async () => {
    const [one, other] = [await OchnoCaller.logIn(sim), await OchnoCaller.logIn(sim)];
    expect(await one.get('/auth/logout')).toMatchObject({ status: 200, json: {} });
    expect((await one.get('/api/companies')).status).toBe(401);
    expect((await one.get('/auth/logout')).status).toBe(401);
    expect((await other.get('/api/companies')).status).toBe(200);
    expect((await call(`${sim.url}/auth/logout`)).status).toBe(401);
  });

  it('speaks of 404, 429 and 500 in its own form', async () => {
    expect(await call(`${sim.url}/nothing`)).toMatchObject({ status: 404, json: { message: 'Not Found' } });
    const user = await OchnoCaller.logIn(sim);
    sim.faults.add({ kind: 'rate-limit', retryAfterSeconds: 3 }, { count: 1 });
    const limited = await user.get('/api/companies');
    expect([limited.status, limited.headers.get('retry-after'), limited.json]).toEqual([
      429,
      '3',
      { message: 'Too Many Requests' },
    ]);
    sim.faults.add({ kind: 'status', status: 500 }, { operation: 'OCHNO-03', count: 1 });
    expect(await user.get('/api/companies')).toMatchObject({ status: 500, json: { message: 'Internal Server Error' } });
  });
});

import { describe, expect, it } from '@jest/globals';
import { type Ask, accessToken, caller, logIn, stillSimulators } from '../../test/meshydb-caller.ts';
import { call, dig, list } from '../../test/opticloud-caller.ts';
import type { MeshydbSimulator } from './server.ts';

const start = stillSimulators();

const post = (ask: Ask, path: string, body: unknown) => ask(path, { method: 'POST', body });
const open = (sim: MeshydbSimulator, path: string, body: unknown) =>
  call(`${sim.url}/acme/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const TESTER = {
  username: 'tester',
  newPassword: 'first-secret',
  emailAddress: 'test@test.com',
  phoneNumber: '+15555555555',
};
const logInTester = (sim: MeshydbSimulator, password: string) => logIn(sim, { username: 'tester', password });

describe('MeshyDB registration', () => {
  it('MESHY-20 registers a user that can log in at once', async () => {
    const { sim } = await start({ verification: 'question' });
    expect((await open(sim, 'users/register', TESTER)).status).toBe(400);
    const answer = await open(sim, 'users/register', {
      ...TESTER,
      securityQuestions: [{ question: 'q', answer: 'a' }],
    });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await logInTester(sim, 'first-secret')).status).toBe(200);
    expect((await open(sim, 'users/register', TESTER)).status).toBe(400);
  });

  it('MESHY-20 MESHY-29 MESHY-30 with e-mail verification a code comes first', async () => {
    const { sim } = await start({ verification: 'email' });
    const answer = await open(sim, 'users/register', TESTER);
    expect(answer).toMatchObject({
      status: 201,
      json: { username: 'tester', attempt: 1, hash: expect.any(String), hint: expect.any(String) },
    });
    expect((await logInTester(sim, 'first-secret')).status).toBe(400);
    const shown = (verificationCode: string) => ({ ...(answer.json as object), verificationCode });
    const { verificationCode } = (await sim.actions.run('verification-code', { username: 'tester' })) as {
      verificationCode: string;
    };
    expect((await open(sim, 'users/checkhash', shown('000000x'))).json).toBe(false);
    expect((await open(sim, 'users/checkhash', shown(verificationCode))).json).toBe(true);
    expect((await open(sim, 'users/verify', shown('000000x'))).status).toBe(400);
    expect((await open(sim, 'users/verify', shown(verificationCode))).status).toBe(204);
    expect((await open(sim, 'users/verify', shown(verificationCode))).status).toBe(400);
    expect((await logInTester(sim, 'first-secret')).status).toBe(200);
  });

  it.each([
    { username: '' },
    { newPassword: null },
    { emailAddress: 'nobody' },
    { phoneNumber: '555' },
    { username: 7 },
  ])('MESHY-20 MESHY-21 refuse %j', async (wrong) => {
    const { sim, ask } = await start();
    expect((await open(sim, 'users/register', { ...TESTER, ...wrong })).status).toBe(400);
    expect((await post(ask, 'users', { ...TESTER, ...wrong })).status).toBe(400);
  });

  it('MESHY-20 can be switched off', async () => {
    const { sim } = await start();
    await sim.actions.run('public-registration', { enabled: false });
    expect((await open(sim, 'users/register', TESTER)).status).toBe(400);
  });

  it('MESHY-28 MESHY-31 a forgotten password is replaced with a code, within an hour', async () => {
    const { sim, ask } = await start();
    await post(ask, 'users', TESTER);
    expect((await open(sim, 'users/forgotpassword', { username: 'nobody' })).status).toBe(404);
    expect((await open(sim, 'users/forgotpassword', {})).status).toBe(400);
    expect((await open(sim, 'users/forgotpassword', { username: 'mctesterton' })).status).toBe(400);
    const reset = async (hours: number) => {
      const begun = await open(sim, 'users/forgotpassword', { username: 'tester', attempt: 2 });
      const code = (await sim.actions.run('verification-code', { username: 'tester', attempt: 2 })) as object;
      await sim.clock.advance(hours * 3_600_000);
      return open(sim, 'users/resetpassword', { ...(begun.json as object), ...code, newPassword: 'second' });
    };
    expect((await reset(1)).status).toBe(400);
    expect((await reset(0)).status).toBe(204);
    expect((await logInTester(sim, 'second')).status).toBe(200);
  });
});

describe('MeshyDB users, logged in', () => {
  it('MESHY-21 MESHY-22 MESHY-25 create, read and delete', async () => {
    const { sim, ask } = await start();
    const made = await post(ask, 'users', { ...TESTER, verified: true });
    expect(made).toMatchObject({
      status: 201,
      json: { username: 'tester', verified: true, anonymous: false, emailAddress: 'test@test.com' },
    });
    expect(JSON.stringify(made.json)).not.toContain(TESTER.newPassword);
    const path = `users/${dig(made.json, 'id')}`;
    expect((await ask(path)).json).toEqual(made.json);
    expect((await post(ask, 'users', TESTER)).status).toBe(400);
    const token = await accessToken(sim, { username: 'tester', password: 'first-secret' });
    expect((await ask(path, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(path, { method: 'DELETE' })).status).toBe(404);
    expect((await ask(path)).status).toBe(404);
    expect((await call(`${sim.url}/acme/users/me`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(
      401,
    );
    const own = dig((await ask('users/me')).json, 'id');
    expect((await ask(`users/${own}`, { method: 'DELETE' })).status).toBe(400);
  });

  it('MESHY-23 searches by a part of the name, the active ones unless told otherwise', async () => {
    const { sim, ask } = await start();
    await post(ask, 'users', { ...TESTER, firstName: 'Zoë' });
    await sim.actions.run('deactivate-user', { username: 'mctesterton' });
    const names = async (query: Record<string, string>) =>
      list((await ask('users', { query })).json, 'results').map((user) => dig(user, 'username'));
    expect(await names({})).toEqual(['operator', 'tester']);
    expect(await names({ name: 'TEST', activeOnly: 'false', orderBy: '{username:-1}' })).toEqual([
      'tester',
      'mctesterton',
    ]);
    expect(await names({ name: 'zoë' })).toEqual(['tester']);
    expect((await ask('users', { query: { pageSize: '1' } })).json).toMatchObject({
      page: 1,
      pageSize: 1,
      totalRecords: 2,
    });
  });

  it('MESHY-24 changes names and addresses, and nothing else', async () => {
    const { ask } = await start();
    const own = (await ask('users/me')).json as Record<string, unknown>;
    const put = (path: string, body: unknown) => ask(path, { method: 'PUT', body });
    const changed = await put('users/me', {
      ...own,
      firstName: 'Ola',
      roles: [{ name: 'meshy.admin' }],
      username: 'x',
      verified: false,
    });
    expect(changed).toMatchObject({ status: 200, json: { ...own, firstName: 'Ola' } });
    expect((await put(`users/${own.id}`, { phoneNumber: '+4366012345', firstName: null })).json).toEqual({
      ...own,
      phoneNumber: '+4366012345',
    });
    expect((await put('users/me', { emailAddress: 'x' })).status).toBe(400);
    expect((await put('users/5d438ff23b0b7dd957a765ce', {})).status).toBe(404);
  });

  it('MESHY-26 MESHY-27 set questions and the password', async () => {
    const { sim, ask } = await start({ verification: 'question' });
    const securityQuestions = [{ question: 'q', answer: 'a' }];
    expect((await post(ask, 'users/me/questions', { securityQuestions })).status).toBe(204);
    expect((await ask('users/me')).json).toMatchObject({ securityQuestions });
    expect((await post(ask, 'users/me/questions', { securityQuestions: [] })).status).toBe(400);
    const anonymous = await caller(sim, { username: 'mctesterton', password: 'nopassword' });
    expect((await post(anonymous, 'users/me/questions', { securityQuestions })).status).toBe(400);
    expect(
      (await post(anonymous, 'users/me/password', { newPassword: 'x', previousPassword: 'nopassword' })).status,
    ).toBe(400);
    expect((await post(ask, 'users/me/password', { newPassword: 'x', previousPassword: 'wrong' })).status).toBe(400);
    expect((await post(ask, 'users/me/password', { newPassword: 'x' })).status).toBe(400);
    expect(
      (await post(ask, 'users/me/password', { newPassword: 'x', previousPassword: 'secret-operator' })).status,
    ).toBe(204);
    expect((await logIn(sim, { password: 'x' })).status).toBe(200);
  });

  it('MESHY-26 is refused where questions are not how users are verified', async () => {
    const { ask } = await start();
    expect(
      (await post(ask, 'users/me/questions', { securityQuestions: [{ question: 'q', answer: 'a' }] })).status,
    ).toBe(400);
  });
});

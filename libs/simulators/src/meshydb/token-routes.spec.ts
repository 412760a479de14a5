import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { accessToken, askToken, logIn, postForm, startStill, stillSimulators } from '../../test/meshydb-caller.ts';
import { call, dig } from '../../test/opticloud-caller.ts';
import { MESHYDB_PUBLIC_KEYS, MESHYDB_USERS, type MeshydbSimulator } from '../index.ts';

const start = stillSimulators();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const me = (sim: MeshydbSimulator, token: unknown, header = 'authorization', account = 'acme') =>
  call(`${sim.url}/${account}/users/me`, { headers: { [header]: `Bearer ${String(token)}` } });
const refresh = (sim: MeshydbSimulator, token: unknown, form: Record<string, string> = {}) =>
  askToken(sim, { grant_type: 'refresh_token', refresh_token: String(token), ...form });
const signOut = (sim: MeshydbSimulator, form: Record<string, string>) => postForm(sim, 'acme/connect/revocation', form);
const refused = (error: string) => ({ status: 400, json: { error, error_description: expect.any(String) } });

describe('MeshyDB log-in', () => {
  it('MESHY-03 answers as on the page', async () => {
    const { sim } = await start();
    const answer = await logIn(sim, { ...MESHYDB_USERS.anonymous, password: 'nopassword' });
    expect(answer).toMatchObject({
      status: 200,
      json: {
        access_token: expect.stringMatching(/^ey/),
        expires_in: 3600,
        token_type: 'Bearer',
        refresh_token: expect.any(String),
      },
    });
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const user = (await me(sim, dig(answer.json, 'access_token'))).json;
    expect(decodeJwt(String(dig(answer.json, 'access_token')))).toMatchObject({
      sub: dig(user, 'id'),
      id: 'mctesterton',
      role: [],
      permission: expect.any(Array),
    });
  });

  it.each([
    ['an unknown public key', { client_id: 'pk-nobody' }, 'invalid_client'],
    ['the key of another tenant', { client_id: MESHYDB_PUBLIC_KEYS.staging }, 'invalid_client'],
    ['another grant type', { grant_type: 'client_credentials' }, 'unsupported_grant_type'],
    ['no grant type', { grant_type: '' }, 'unsupported_grant_type'],
    ['an unknown scope', { scope: 'meshy.api everything' }, 'invalid_scope'],
    ['no scope', { scope: '' }, 'invalid_scope'],
    ['an unknown user', { username: 'nobody' }, 'invalid_grant'],
    ['no user', { username: '' }, 'invalid_grant'],
    ['a wrong password', { password: 'secret' }, 'invalid_grant'],
    ['no password', { password: '' }, 'invalid_grant'],
    [
      'another password of an anonymous user',
      { username: 'mctesterton', password: 'secret-operator' },
      'invalid_grant',
    ],
    ['the password of anonymous users for a registered one', { password: 'nopassword' }, 'invalid_grant'],
  ])('MESHY-03 refuses %s', async (_what, form, error) => {
    const { sim } = await start();
    expect(await logIn(sim, form)).toMatchObject(refused(error));
  });

  it('MESHY-03 refuses a user that is no longer active', async () => {
    const { sim } = await start();
    await sim.actions.run('deactivate-user', { username: 'operator' });
    expect(await logIn(sim)).toMatchObject(refused('invalid_grant'));
    await sim.actions.run('deactivate-user', { username: 'operator', active: true });
    expect(await logIn(sim)).toMatchObject({ status: 200 });
  });

  it('MESHY-03 takes forms alone, and no field twice', async () => {
    const { sim } = await start();
    const form = {
      client_id: MESHYDB_PUBLIC_KEYS.demo,
      grant_type: 'password',
      ...MESHYDB_USERS.registered,
      scope: 'meshy.api',
    };
    const post = (type: string, body: string) =>
      call(`${sim.authUrl}/acme/connect/token`, { method: 'POST', headers: { 'content-type': type }, body });
    expect(await post('application/json', JSON.stringify(form))).toMatchObject(refused('invalid_request'));
    const text = new URLSearchParams(form).toString();
    expect(await post('application/x-www-form-urlencoded', `${text}&username=bob`)).toMatchObject(
      refused('invalid_request'),
    );
    expect(await post('application/x-www-form-urlencoded; charset=utf-8', text)).toMatchObject({ status: 200 });
  });

  it('MESHY-03 gives a refresh token to those who ask for offline access', async () => {
    const { sim } = await start();
    const answer = await logIn(sim, { scope: 'meshy.api' });
    expect(answer.status).toBe(200);
    expect(answer.json).not.toHaveProperty('refresh_token');
  });

  it('MESHY-03 does not open the API without its scope', async () => {
    const { sim } = await start();
    expect((await me(sim, await accessToken(sim, { scope: 'openid' }))).status).toBe(401);
  });

  it('knows accounts and tenants', async () => {
    const { sim } = await start();
    expect((await postForm(sim, 'nobody/connect/token', {})).status).toBe(404);
    const staging = await call(`${sim.authUrl}/acme/connect/token`, {
      method: 'POST',
      headers: { tenant: 'staging', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        client_id: MESHYDB_PUBLIC_KEYS.staging,
        grant_type: 'password',
        ...MESHYDB_USERS.registered,
        scope: 'meshy.api',
      }).toString(),
    });
    const authorization = `Bearer ${dig(staging.json, 'access_token')}`;
    const ask = (tenant?: string) =>
      call(`${sim.url}/acme/users/me`, { headers: { authorization, ...(tenant ? { tenant } : {}) } });
    expect([(await ask('staging')).status, (await ask()).status, (await ask('nowhere')).status]).toEqual([
      200, 401, 404,
    ]);
  });
});

describe('MeshyDB refresh', () => {
  it('MESHY-04 gives a new pair, and each refresh token once', async () => {
    const { sim } = await start();
    const first = (await logIn(sim)).json;
    const second = await refresh(sim, dig(first, 'refresh_token'), {
      scope: 'meshy.api offline_access openid',
      client_secret: '',
    });
    expect(second).toMatchObject({ status: 200, json: { expires_in: 3600, token_type: 'Bearer' } });
    expect(dig(second.json, 'refresh_token')).not.toBe(dig(first, 'refresh_token'));
    expect((await me(sim, dig(second.json, 'access_token'))).status).toBe(200);
    expect(sim.journal.count({ operation: 'MESHY-04', status: 200 })).toBe(1);
  });

  it('MESHY-04 a token that is shown twice ends all that came of its log-in, and no other log-in', async () => {
    const { sim } = await start();
    const other = (await logIn(sim)).json;
    const first = (await logIn(sim)).json;
    const second = (await refresh(sim, dig(first, 'refresh_token'))).json;
    expect(await refresh(sim, dig(first, 'refresh_token'))).toMatchObject(refused('invalid_grant'));
    expect(await refresh(sim, dig(second, 'refresh_token'))).toMatchObject(refused('invalid_grant'));
    expect(await refresh(sim, dig(other, 'refresh_token'))).toMatchObject({ status: 200 });
  });

  it('MESHY-04 or is refused alone, where that is chosen', async () => {
    const { sim } = await start({ reuse: 'refuse' });
    const first = (await logIn(sim)).json;
    const second = (await refresh(sim, dig(first, 'refresh_token'))).json;
    expect(await refresh(sim, dig(first, 'refresh_token'))).toMatchObject(refused('invalid_grant'));
    expect(await refresh(sim, dig(second, 'refresh_token'))).toMatchObject({ status: 200 });
  });

  it('MESHY-04 without rotation the same token stays good', async () => {
    const { sim } = await start({ rotation: false });
    const token = dig((await logIn(sim)).json, 'refresh_token');
    for (let i = 0; i < 3; i++) expect(dig((await refresh(sim, token)).json, 'refresh_token')).toBe(token);
    await sim.actions.run('rotation', { on: true });
    expect(dig((await refresh(sim, token)).json, 'refresh_token')).not.toBe(token);
    expect((await refresh(sim, token)).status).toBe(400);
  });

  it('MESHY-04 refuses what is expired, unknown, missing, of another tenant, or of a user no longer active', async () => {
    const { sim } = await start({ refreshTokenLifeMs: MINUTE });
    const kept = dig((await logIn(sim)).json, 'refresh_token');
    expect(await refresh(sim, 'unknown')).toMatchObject(refused('invalid_grant'));
    expect(await refresh(sim, '')).toMatchObject(refused('invalid_request'));
    expect(await refresh(sim, kept, { client_id: 'pk-nobody' })).toMatchObject(refused('invalid_client'));
    await sim.actions.run('deactivate-user', { username: 'operator' });
    expect(await refresh(sim, kept)).toMatchObject(refused('invalid_grant'));
    await sim.actions.run('deactivate-user', { username: 'operator', active: true });
    const late = dig((await logIn(sim)).json, 'refresh_token');
    await sim.clock.advance(MINUTE);
    expect(await refresh(sim, late)).toMatchObject(refused('invalid_grant'));
    const expired = dig((await logIn(sim)).json, 'refresh_token');
    await sim.actions.run('expire-refresh-tokens', {});
    expect(await refresh(sim, expired)).toMatchObject(refused('invalid_grant'));
    const foreign = dig((await logIn(sim)).json, 'refresh_token');
    const elsewhere = await postForm(sim, 'globex/connect/token', {
      client_id: MESHYDB_PUBLIC_KEYS.other,
      grant_type: 'refresh_token',
      refresh_token: String(foreign),
    });
    expect(elsewhere).toMatchObject(refused('invalid_grant'));
    expect((await refresh(sim, foreign)).status).toBe(200);
  });
});

describe('MeshyDB sign out', () => {
  it.each([
    ['as on the page', { client_id: 'acme', grant_type: 'refresh_token' }],
    ['as the client libraries do it', { client_id: MESHYDB_PUBLIC_KEYS.demo, token_type_hint: 'refresh_token' }],
  ])('MESHY-10 %s: refreshing ends, the access token lives on until it expires', async (_how, form) => {
    const { sim } = await start();
    const first = (await logIn(sim)).json;
    const second = (await refresh(sim, dig(first, 'refresh_token'))).json;
    const other = (await logIn(sim)).json;
    const answer = await signOut(sim, { ...form, token: String(dig(second, 'refresh_token')) });
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(await refresh(sim, dig(second, 'refresh_token'))).toMatchObject(refused('invalid_grant'));
    expect((await refresh(sim, dig(other, 'refresh_token'))).status).toBe(200);
    expect((await me(sim, dig(second, 'access_token'))).status).toBe(200);
    await sim.clock.advance(HOUR);
    expect((await me(sim, dig(second, 'access_token'))).status).toBe(401);
  });

  it('MESHY-10 with an earlier token of the family ends it too', async () => {
    const { sim } = await start();
    const first = (await logIn(sim)).json;
    const second = (await refresh(sim, dig(first, 'refresh_token'))).json;
    await signOut(sim, { client_id: 'acme', grant_type: 'refresh_token', token: String(dig(first, 'refresh_token')) });
    expect((await refresh(sim, dig(second, 'refresh_token'))).status).toBe(400);
  });

  it('MESHY-10 refuses as listed; an unknown token is no error', async () => {
    const { sim } = await start();
    const form = { client_id: 'acme', grant_type: 'refresh_token', token: 'unknown' };
    expect((await signOut(sim, form)).status).toBe(200);
    expect(await signOut(sim, { ...form, token: '' })).toMatchObject(refused('invalid_request'));
    expect(await signOut(sim, { ...form, client_id: 'globex' })).toMatchObject(refused('invalid_client'));
    expect(await signOut(sim, { ...form, grant_type: 'password' })).toMatchObject(refused('unsupported_token_type'));
    const hint = { client_id: 'acme', token: 'unknown', token_type_hint: 'access_token' };
    expect(await signOut(sim, hint)).toMatchObject(refused('unsupported_token_type'));
  });
});

describe('MeshyDB access tokens', () => {
  it('MESHY-05 are taken under both names of the header', async () => {
    const { sim } = await start();
    const token = await accessToken(sim);
    for (const header of ['authorization', 'authentication']) {
      expect((await me(sim, token, header)).status).toBe(200);
    }
  });

  it('MESHY-05 refuses none, another scheme, a forged one, and one of another account, with an empty body', async () => {
    const { sim } = await start();
    const token = await accessToken(sim);
    const answers = [
      await call(`${sim.url}/acme/users/me`),
      await call(`${sim.url}/acme/users/me`, { headers: { authorization: `Basic ${token}` } }),
      await me(sim, `${token.slice(0, -2)}xx`),
      await me(sim, token, 'authorization', 'globex'),
      await call(`${sim.url}/acme/meshes/person`, { headers: { authorization: 'Bearer nonsense' } }),
    ];
    expect(answers.map(({ status, text }) => [status, text])).toEqual(answers.map(() => [401, '']));
    expect(answers[0]?.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  it('MESHY-05 refuses a token of a simulator with another seed', async () => {
    const { sim } = await start();
    const other = await startStill({ seed: 2 });
    const token = await accessToken(other);
    await other.stop();
    expect((await me(sim, token)).status).toBe(401);
  });

  it('MESHY-03 lives as long as is set, in whole seconds', async () => {
    const { sim } = await start({ tokenLifeMs: 4_001 });
    const { json } = await logIn(sim);
    expect(dig(json, 'expires_in')).toBe(5);
    await sim.clock.advance(4_999);
    expect((await me(sim, dig(json, 'access_token'))).status).toBe(200);
    await sim.clock.advance(1);
    expect((await me(sim, dig(json, 'access_token'))).status).toBe(401);
  });

  it('can all be made to expire, and a user can be thrown out altogether', async () => {
    const { sim } = await start();
    const first = (await logIn(sim)).json;
    sim.faults.expireTokens();
    expect((await me(sim, dig(first, 'access_token'))).status).toBe(401);
    const second = (await refresh(sim, dig(first, 'refresh_token'))).json;
    expect((await me(sim, dig(second, 'access_token'))).status).toBe(200);
    expect(await sim.actions.run('revoke', { username: 'operator' })).toEqual({ ended: expect.any(Number) });
    expect((await me(sim, dig(second, 'access_token'))).status).toBe(401);
    expect((await refresh(sim, dig(second, 'refresh_token'))).status).toBe(400);
    expect((await logIn(sim)).status).toBe(200);
    await sim.actions.run('set-password', { username: 'operator', password: 'another' });
    expect((await logIn(sim)).status).toBe(400);
  });
});

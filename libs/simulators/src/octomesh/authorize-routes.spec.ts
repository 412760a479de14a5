import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { askToken, formOf, logInByForm, postForm, startQuietOctomesh } from '../../test/octomesh-caller.ts';
import { type Answer, call, dig } from '../../test/opticloud-caller.ts';
import { USERS } from './accounts.ts';
import type { OctomeshSimulator } from './server.ts';

const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const REDIRECT = 'http://127.0.0.1:31337/callback';
/** A state that survives no careless encoding. */
const STATE = 'a b&c=d/ä+%';

let sim: OctomeshSimulator;
beforeEach(async () => {
  sim = await startQuietOctomesh();
});
afterEach(() => sim.stop());

const asked = (change: Record<string, string | undefined> = {}): URL => {
  const url = new URL(`${sim.identityUrl}/connect/authorize`);
  const query = {
    response_type: 'code',
    client_id: 'my-application',
    redirect_uri: REDIRECT,
    scope: 'openid profile email role octo_api',
    acr_values: 'tenant:my-tenant',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
    state: STATE,
    ...change,
  };
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
};

const visit = (url: URL): Promise<Answer> => call(url.href, { redirect: 'manual' });

/** The error a browser is shown; undefined when it is sent somewhere instead. */
async function shown(change: Record<string, string | undefined>): Promise<string | undefined> {
  const answer = await visit(asked(change));
  return answer.status === 400 ? /<code>(\w+)<\/code>/.exec(answer.text)?.[1] : undefined;
}

/** The error the application is told of. */
async function told(change: Record<string, string | undefined>): Promise<string | null> {
  const target = new URL((await visit(asked(change))).headers.get('location') ?? '');
  expect([target.origin + target.pathname, target.searchParams.get('state')]).toEqual([REDIRECT, STATE]);
  return target.searchParams.get('error');
}

async function code(
  change: Record<string, string> = {},
  user: { username: string; password: string } = USERS.operator,
) {
  return new URL(await logInByForm(asked(change), user)).searchParams.get('code') ?? '';
}

const redeem = (given: string, change: Record<string, string> = {}) =>
  askToken(sim, {
    grant_type: 'authorization_code',
    client_id: 'my-application',
    code: given,
    redirect_uri: REDIRECT,
    code_verifier: VERIFIER,
    ...change,
  });

describe('OctoMesh log-in of a person', () => {
  it("goes over the tenant's page back to the application, with a code and the untouched state", async () => {
    const first = await visit(asked());
    expect(first.status).toBe(302);
    const page = new URL(first.headers.get('location') ?? '', sim.identityUrl);
    expect(page.pathname).toBe('/my-tenant/login');
    const { text, headers } = await call(page.href);
    expect(headers.get('content-type')).toContain('text/html');
    expect(text).toContain('Sign in to my-tenant');
    expect(formOf(text)).toMatchObject({ method: 'post', action: '/account/login' });
    const target = new URL(await logInByForm(asked(), USERS.operator));
    expect([...target.searchParams.keys()]).toEqual(['code', 'state']);
    expect(target.searchParams.get('state')).toBe(STATE);
  });

  it('shows the page again after a wrong password, and to people of another tenant', async () => {
    const page = new URL((await visit(asked())).headers.get('location') ?? '', sim.identityUrl);
    const { action, fields } = formOf((await call(page.href)).text);
    const enter = (user: object) => postForm(`${sim.identityUrl}${action}`, { ...fields, ...user });
    for (const user of [{ username: USERS.operator.username, password: 'x' }, USERS.visitor]) {
      const answer = await enter({ username: user.username, password: user.password });
      expect([answer.status, answer.headers.get('location')]).toEqual([200, null]);
      expect(answer.text).toContain('wrong');
    }
    const right = { username: USERS.operator.username, password: USERS.operator.password };
    expect((await enter(right)).status).toBe(302);
    expect((await enter(right)).status).toBe(400);
  });

  it('asks for the tenant when none is named', async () => {
    const page = await visit(asked({ acr_values: undefined }));
    expect([page.status, formOf(page.text).method]).toEqual([200, 'get']);
    expect(page.text).toContain('<option value="tenant:my-tenant">');
    const again = new URL(`${sim.identityUrl}/connect/authorize`);
    for (const [name, value] of Object.entries({ ...formOf(page.text).fields, acr_values: 'tenant:my-tenant' }))
      again.searchParams.set(name, value);
    expect(new URL(await logInByForm(again, USERS.operator)).searchParams.get('state')).toBe(STATE);
  });

  it('sends nobody away while the application is not known to belong there', async () => {
    expect(await shown({ client_id: 'nobody' })).toBe('unauthorized_client');
    for (const redirect_uri of ['https://evil.example.com/callback', 'http://127.0.0.1@evil.example.com/', undefined])
      expect(await shown({ redirect_uri })).toBe('invalid_request');
    expect(await shown({ acr_values: 'tenant:other-tenant' })).toBe('unauthorized_client');
    expect(await shown({ acr_values: 'tenant:nowhere' })).toBe('unauthorized_client');
  });

  it('tells the application when it asks wrongly', async () => {
    expect(await told({ code_challenge: undefined })).toBe('invalid_request');
    expect(await told({ code_challenge_method: 'plain', code_challenge: VERIFIER })).toBe('invalid_request');
    expect(await told({ code_challenge_method: undefined })).toBe('invalid_request');
    expect(await told({ response_type: 'token' })).toBe('unsupported_response_type');
    expect(await told({ scope: 'openid everything' })).toBe('invalid_scope');
    expect(await told({ client_id: 'my-kiosk', scope: 'openid offline_access' })).toBe('invalid_scope');
    expect(await told({ client_id: 'my-service', scope: 'octo_api' })).toBe('unauthorized_client');
  });

  it('OCTO-02 gives tokens of the person, bound to the tenant, and no refresh token', async () => {
    const { status, json } = await redeem(await code({ nonce: 'n-1' }));
    expect([status, Object.keys(json as object).sort()]).toEqual([
      200,
      ['access_token', 'expires_in', 'id_token', 'scope', 'token_type'],
    ]);
    expect(decodeJwt(String(dig(json, 'access_token')))).toMatchObject({
      sub: USERS.operator.id,
      tenant_id: 'my-tenant',
      role: [...USERS.operator.roles],
      allowed_tenants: [...USERS.operator.allowedTenants],
    });
    expect(decodeJwt(String(dig(json, 'id_token')))).toMatchObject({ nonce: 'n-1', aud: 'my-application' });
  });

  it('takes a code once, for who asked, where it was sent and with the right verifier', async () => {
    const refused = async (given: string, change: Record<string, string> = {}) =>
      dig((await redeem(given, change)).json, 'error');
    const good = await code();
    expect((await redeem(good)).status).toBe(200);
    expect(await refused(good)).toBe('invalid_grant');
    expect(await refused(await code(), { code_verifier: `${VERIFIER}x` })).toBe('invalid_grant');
    expect(await refused(await code(), { redirect_uri: `${REDIRECT}/x` })).toBe('invalid_grant');
    expect(await refused(await code(), { client_id: 'my-kiosk' })).toBe('invalid_grant');
    expect(await refused('invented')).toBe('invalid_grant');
  });

  it('forgets a code after five minutes', async () => {
    const [early, late] = [await code(), await code()];
    await sim.clock.advance(299_000);
    expect((await redeem(early)).status).toBe(200);
    await sim.clock.advance(1_000);
    expect(dig((await redeem(late)).json, 'error')).toBe('invalid_grant');
  });

  it('refreshes with offline_access alone, and a refresh token serves once', async () => {
    const { json } = await redeem(await code({ scope: 'openid octo_api offline_access' }));
    const refresh = (token: unknown) =>
      askToken(sim, { grant_type: 'refresh_token', client_id: 'my-application', refresh_token: String(token) });
    const first = dig(json, 'refresh_token');
    const renewed = await refresh(first);
    expect(renewed.status).toBe(200);
    expect(decodeJwt(String(dig(renewed.json, 'access_token')))).toMatchObject({ tenant_id: 'my-tenant' });
    expect(dig((await refresh(first)).json, 'error')).toBe('invalid_grant');
    expect((await refresh(dig(renewed.json, 'refresh_token'))).status).toBe(200);
  });

  it('takes further addresses to return to when they are registered', async () => {
    const redirect_uri = 'https://hub.example.com/v1/connections/con_1/oauth/callback';
    expect(await shown({ redirect_uri })).toBe('invalid_request');
    await sim.actions.run('register-redirect-uri', { redirectUri: 'https://hub.example.com/v1/*' });
    expect(await shown({ redirect_uri })).toBeUndefined();
  });
});

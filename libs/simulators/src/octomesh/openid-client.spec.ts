import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { logInByForm, startQuietOctomesh } from '../../test/octomesh-caller.ts';
import { call, dig } from '../../test/opticloud-caller.ts';
import { CLIENTS, USERS } from './accounts.ts';
import type { OctomeshSimulator } from './server.ts';

const REDIRECT = 'http://127.0.0.1:9/callback';
let sim: OctomeshSimulator;
// A real clock: the library judges the lives of tokens by its own.
beforeAll(async () => {
  sim = await startQuietOctomesh({ clock: {} });
});
afterAll(() => sim.stop());

/** Plain HTTP, and signatures checked although the answer came straight from the server: nothing else is special. */
const discover = (id: string, secret?: string) =>
  client.discovery(new URL(sim.identityUrl), id, secret, secret ? undefined : client.None(), {
    execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
  });

describe('OctoMesh identity, by openid-client as it is', () => {
  it('OCTO-03 gives client credentials, and the asset repository takes the token', async () => {
    const config = await discover(CLIENTS.service.id, CLIENTS.service.secret);
    expect(config.serverMetadata().issuer).toBe(`${sim.identityUrl}/`);
    const tokens = await client.clientCredentialsGrant(config, { scope: 'octo_api' });
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: 'octo_api' });
    const answer = await call(`${sim.url}/api/tenants/my-tenant`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(dig(answer.json, 'tenantId')).toBe('my-tenant');
  });

  it.each([
    ['a public client', CLIENTS.application.id, undefined],
    ['a client with a secret', CLIENTS.confidential.id, CLIENTS.confidential.secret],
  ])('OCTO-01 OCTO-02 logs a person in through %s, with PKCE, nonce and refresh', async (_kind, id, secret) => {
    const config = await discover(id, secret);
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const expectedState = client.randomState();
    const expectedNonce = client.randomNonce();
    const start = client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT,
      scope: 'openid profile email role octo_api offline_access',
      acr_values: 'tenant:my-tenant',
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
    });
    const back = await logInByForm(start, USERS.operator);
    const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
    const tokens = await client.authorizationCodeGrant(config, new URL(back), checks);
    expect(tokens.claims()).toMatchObject({
      sub: USERS.operator.id,
      tenant_id: 'my-tenant',
      role: [...USERS.operator.roles],
      email: USERS.operator.username,
    });
    expect(await client.fetchUserInfo(config, tokens.access_token, USERS.operator.id)).toMatchObject({
      name: USERS.operator.name,
    });
    const renewed = await client.refreshTokenGrant(config, String(tokens.refresh_token));
    expect(renewed.refresh_token).not.toBe(tokens.refresh_token);
    expect(renewed.access_token).not.toBe(tokens.access_token);
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { askToken, OctomeshCaller, START, serviceToken, startQuietOctomesh } from '../../test/octomesh-caller.ts';
import { call, dig, postJson } from '../../test/opticloud-caller.ts';
import { CLIENTS } from './accounts.ts';
import type { OctomeshSimulator } from './server.ts';

let sim: OctomeshSimulator;
beforeEach(async () => {
  sim = await startQuietOctomesh();
});
afterEach(() => sim.stop());

const service = { grant_type: 'client_credentials', client_id: 'my-service', client_secret: 'my-secret' };

describe('OctoMesh token endpoint', () => {
  it('takes forms alone, and no parameter twice', async () => {
    const url = `${sim.identityUrl}/connect/token`;
    const json = await postJson(url, service);
    expect([json.status, json.json]).toEqual([400, { error: 'invalid_request' }]);
    expect((await call(url, { method: 'POST' })).json).toEqual({ error: 'invalid_request' });
    const twice = `${new URLSearchParams(service)}&scope=octo_api&scope=octo_api`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await call(url, { method: 'POST', headers, body: twice });
    expect([answer.status, dig(answer.json, 'error')]).toEqual([400, 'invalid_request']);
  });

  it('answers client credentials with exactly four members', async () => {
    const answer = await askToken(sim, { ...service, scope: 'octo_api' });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'octo_api',
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    ['invalid_client', { client_secret: 'wrong' }],
    ['invalid_client', { client_id: 'nobody' }],
    ['unsupported_grant_type', { grant_type: 'password' }],
    ['invalid_request', { grant_type: '' }],
    ['invalid_scope', { scope: 'octo_api everything' }],
    ['invalid_scope', { scope: 'openid' }],
    ['unauthorized_client', { client_id: 'my-kiosk', client_secret: '' }],
    ['unauthorized_client', { grant_type: 'refresh_token', refresh_token: 'x' }],
  ])('refuses with %s: %j', async (error, change) => {
    const form = Object.fromEntries(Object.entries({ ...service, ...change }).filter(([, value]) => value !== ''));
    const answer = await askToken(sim, form);
    expect([answer.status, dig(answer.json, 'error')]).toEqual([400, error]);
  });

  it('ignores parameters it does not know, and reads HTTP Basic as well', async () => {
    expect((await askToken(sim, { ...service, acr_values: 'tenant:my-tenant', more: 'x' })).status).toBe(200);
    const authorization = `Basic ${Buffer.from('my-service:my-secret').toString('base64')}`;
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'octo_api' });
    const basic = await call(`${sim.identityUrl}/connect/token`, { method: 'POST', headers: { authorization }, body });
    expect(basic.status).toBe(200);
  });

  it('gives a service all that its client may have when it names no scope', async () => {
    expect(dig((await askToken(sim, service)).json, 'scope')).toBe('octo_api octo_api.read_only');
  });

  it('signs RS256 tokens of an hour without a person or a tenant in them, by the published key', async () => {
    const token = await serviceToken(sim);
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'RS256', typ: 'JWT' });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ client_id: 'my-service', scope: 'octo_api', iat: START / 1000 });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(3600);
    expect(claims).not.toHaveProperty('sub');
    expect(claims).not.toHaveProperty('tenant_id');
    const keys = await call(`${sim.identityUrl}/.well-known/openid-configuration/jwks`);
    expect(dig(keys.json, 'keys', 0)).toMatchObject({ kty: 'RSA', use: 'sig', alg: 'RS256' });
    expect(dig(keys.json, 'keys', 0)).not.toHaveProperty('d');
  });

  it('gives a revoked client nothing, takes its tokens from it, and knows it again when it is restored', async () => {
    const caller = await OctomeshCaller.logIn(sim);
    await sim.actions.run('revoke-client', { clientId: CLIENTS.service.id });
    expect(dig((await askToken(sim, service)).json, 'error')).toBe('invalid_client');
    expect((await caller.query('{__typename}')).status).toBe(401);
    await sim.actions.run('revoke-client', { clientId: CLIENTS.service.id, revoked: false });
    expect((await askToken(sim, service)).status).toBe(200);
  });
});

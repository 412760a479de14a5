import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPair, SignJWT } from 'jose';
import { OctomeshCaller, serviceToken, startQuietOctomesh, userToken } from '../../test/octomesh-caller.ts';
import { type Answer, call } from '../../test/opticloud-caller.ts';
import { CLIENTS, USERS } from './accounts.ts';
import type { OctomeshSimulator } from './server.ts';

let sim: OctomeshSimulator;
beforeEach(async () => {
  sim = await startQuietOctomesh();
});
afterEach(() => sim.stop());

const UNAUTHORIZED = { data: null, errors: [{ extensions: { code: 'UNAUTHORIZED' } }] };
const TENANT = '/api/tenants/my-tenant';

function shows(authorization: string | undefined): Promise<Answer[]> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const body = JSON.stringify({ query: '{__typename}' });
  const post = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body };
  return Promise.all([
    call(`${sim.url}/tenants/my-tenant/graphql`, post),
    call(`${sim.url}${TENANT}`, { headers }),
    call(`${sim.url}${TENANT}/construction-kits`, { headers }),
  ]);
}

async function forged(): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256');
  return new SignJWT({ client_id: 'my-service', scope: 'octo_api' })
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(`${sim.identityUrl}/`)
    .setJti('1')
    .setExpirationTime('10h')
    .sign(privateKey);
}

describe('OctoMesh access', () => {
  it('answers 401 with the envelope to what is missing, malformed or forged, over GraphQL and REST', async () => {
    const token = await serviceToken(sim);
    const unsigned = `${token.split('.').slice(0, 2).join('.')}.`;
    for (const shown of [
      undefined,
      'Bearer',
      'Bearer x',
      `Basic ${token}`,
      `Bearer ${unsigned}`,
      `Bearer ${await forged()}`,
    ]) {
      for (const answer of await shows(shown)) {
        expect(answer.status).toBe(401);
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
        expect(answer.json).toMatchObject(UNAUTHORIZED);
      }
    }
  });

  it('answers 401 once a token has expired, to the second', async () => {
    const caller = await OctomeshCaller.logIn(sim);
    await sim.clock.advance(3_599_000);
    expect((await caller.get(TENANT)).status).toBe(200);
    await sim.clock.advance(1_000);
    for (const answer of await shows(`Bearer ${caller.token}`)) expect(answer.json).toMatchObject(UNAUTHORIZED);
  });

  it('gives tokens of any life', async () => {
    await sim.stop();
    sim = await startQuietOctomesh({ tokenLifeMs: 10_000 });
    const caller = await OctomeshCaller.logIn(sim);
    await sim.clock.advance(10_000);
    expect((await caller.get(TENANT)).status).toBe(401);
  });

  it('keeps people in their tenant', async () => {
    const caller = new OctomeshCaller(sim, await userToken(sim, USERS.operator));
    expect((await caller.query('{__typename}')).status).toBe(200);
    const foreign = await caller.get('/api/tenants/other-tenant');
    expect([foreign.status, foreign.text]).toEqual([403, '']);
  });

  it('sends the envelope with it when it is told to', async () => {
    await sim.stop();
    sim = await startQuietOctomesh({ forbiddenEnvelope: true });
    const caller = new OctomeshCaller(sim, await userToken(sim, USERS.operator), 'other-tenant');
    const answer = await caller.query('{__typename}');
    expect(answer.status).toBe(403);
    expect(answer.json).toMatchObject({ data: null, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });

  it('opens every tenant to a service, and knows no others', async () => {
    const token = await serviceToken(sim);
    expect((await new OctomeshCaller(sim, token, 'other-tenant').query('{__typename}')).status).toBe(200);
    for (const answer of [
      await new OctomeshCaller(sim, token, 'nowhere').query('{__typename}'),
      await new OctomeshCaller(sim, token).get('/api/tenants/nowhere'),
    ])
      expect([answer.status, answer.text]).toEqual([404, '']);
  });

  it('lets the read-only scope read, and nothing else', async () => {
    const reader = await OctomeshCaller.logIn(sim, CLIENTS.reader, 'octo_api.read_only');
    expect((await reader.query('{runtime{rtIndustryCommonLocation{items{rtId}}}}')).status).toBe(200);
    const write = await reader.query(
      'mutation{runtime{createRtIndustryCommonLocation(entity:{attributes:{name:"x"}}){rtId}}}',
    );
    expect(write.status).toBe(200);
    expect(write.json).toMatchObject({
      data: null,
      errors: [{ path: ['runtime', 'createRtIndustryCommonLocation'], extensions: { code: 'FORBIDDEN' } }],
    });
    const form = new FormData();
    form.set('file', new Blob(['x']), 'x.txt');
    expect((await reader.call(`${TENANT}/files`, { method: 'POST', body: form })).status).toBe(403);
    expect((await reader.post(`${TENANT}/construction-kits`, { libraryId: 'A', version: '1.0.0' })).status).toBe(403);
    expect((await reader.get(`${TENANT}/construction-kits`)).status).toBe(200);
  });

  it('opens nothing to a token without a scope of this API', async () => {
    const stranger = await OctomeshCaller.logIn(sim, CLIENTS.other, 'identity_api');
    expect((await stranger.get(TENANT)).status).toBe(403);
    expect((await stranger.query('{__typename}')).status).toBe(403);
  });

  it('does not mind the case of the scheme, of paths and of tenants', async () => {
    const token = await serviceToken(sim);
    const answer = await call(`${sim.url}/Tenants/My-Tenant/GraphQL?query={__typename}`, {
      headers: { authorization: `bearer ${token}`, 'content-type': 'application/json' },
    });
    expect(answer.json).toEqual({ data: { __typename: 'Query' } });
    expect((await call(`${sim.identityUrl}/Connect/Token`, { method: 'POST' })).status).toBe(400);
  });
});

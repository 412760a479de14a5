import { beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@tributary/runtime';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { z } from 'zod';
import { oidcVerifier, type TokenVerifier } from './oidc.ts';
import { oidcConfig, oidcOptions, withPairs } from './oidc-config.ts';

const issuer = 'https://issuer.example';
const schema = withPairs(z.object(oidcConfig));
const env = { OIDC_ISSUER: issuer, OIDC_AUDIENCE: 'tributary, https://api.example' };
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let verifier: TokenVerifier;

async function verifierOf(more: Record<string, string> = {}): Promise<TokenVerifier> {
  const options = oidcOptions(schema.parse({ ...env, ...more }));
  if (!options) throw new Error('expected an issuer');
  const jwk = { ...(await exportJWK(keys.publicKey)), alg: 'ES256', kid: 'k1' };
  return oidcVerifier(options, { clock: systemClock, log: silentLogger }, createLocalJWKSet({ keys: [jwk] }));
}

beforeAll(async () => {
  keys = await generateKeyPair('ES256');
  verifier = await verifierOf();
});

const good = { workspace: 'acme', scope: 'read', iss: issuer, aud: 'tributary', sub: 'user-1' };
const inSeconds = (s: number) => Math.floor(Date.now() / 1_000) + s;
const token = (claims: JWTPayload = {}, header: { typ?: string } = {}) =>
  new SignJWT({ ...good, exp: inSeconds(300), ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header })
    .sign(keys.privateKey);
const scopesOf = async (of: TokenVerifier, claims: JWTPayload) =>
  (await of.verify(await token({ scope: undefined, ...claims })))?.scopes;

describe('the claims of a token', () => {
  it('name workspace and scopes, of which those count that exist', async () => {
    const caller = await verifier.verify(await token({ scope: 'openid read admin root' }));
    expect(caller).toEqual({ workspace: 'acme', actor: 'oidc:user-1', scopes: ['read', 'admin'] });
  });

  it.each([
    [{ scope: 'read write' }, ['read', 'write']],
    [{ scope: ['read', 'write'] }, ['read', 'write']],
    [{ scp: 'command' }, ['command']],
    [{ scp: ['read'], scope: 'admin' }, ['read', 'admin']],
    [{ scope: [1, null, 'read'] }, ['read']],
    [{ scope: { read: true } }, []],
    [{ roles: ['admin'] }, []],
  ])('%j gives the scopes %j', async (claims, scopes) => {
    expect(await scopesOf(verifier, claims)).toEqual(scopes);
  });

  it('may stand elsewhere, and roles may give scopes', async () => {
    const other = await verifierOf({
      OIDC_WORKSPACE_CLAIM: 'https://acme.example/tenant',
      OIDC_SCOPE_CLAIMS: 'permissions',
      OIDC_ROLES_CLAIM: 'realm_access.roles',
      OIDC_ROLE_SCOPES: 'Field Operators=read+command, admins=admin',
    });
    const tenant = { 'https://acme.example/tenant': 'acme', workspace: 'other' };
    const roles = { realm_access: { roles: ['Field Operators', 'constructor', 'x'] } };
    expect(await scopesOf(other, { ...tenant, ...roles, permissions: ['write'] })).toEqual([
      'read',
      'write',
      'command',
    ]);
    expect(await scopesOf(other, { ...tenant, realm_access: 'admins' })).toEqual([]);
    expect(await other.verify(await token(roles))).toBeUndefined();
  });
});

describe('a token', () => {
  it.each([
    ['of an hour ago', { exp: inSeconds(-3_600) }],
    ['without an end', { exp: undefined }],
    ['of tomorrow', { nbf: inSeconds(86_400) }],
    ['for others', { aud: 'others' }],
    ['for nobody', { aud: undefined }],
    ['of another issuer', { iss: 'https://issuer.example/' }],
    ['of nobody', { sub: undefined }],
    ['of a subject that no log could hold', { sub: 'a\nb' }],
    ['without a workspace', { workspace: undefined }],
    ['of a workspace that could not be', { workspace: 'A B' }],
  ])('%s is none', async (_, claims) => {
    expect(await verifier.verify(await token(claims as JWTPayload))).toBeUndefined();
  });

  it('has one of the audiences, and a clock that may differ a little', async () => {
    for (const claims of [{ aud: ['x', 'https://api.example'] }, { exp: inSeconds(-30) }, { nbf: inSeconds(30) }])
      expect(await verifier.verify(await token(claims))).toBeDefined();
    const strict = await verifierOf({ OIDC_CLOCK_TOLERANCE: '0s' });
    expect(await strict.verify(await token({ nbf: inSeconds(30) }))).toBeUndefined();
  });

  it('is one for access', async () => {
    for (const typ of ['JWT', 'at+jwt', 'application/at+jwt', 'AT+JWT'])
      expect(await verifier.verify(await token({}, { typ }))).toBeDefined();
    for (const typ of ['logout+jwt', 'dpop+jwt', 'secevent+jwt', ''])
      expect(await verifier.verify(await token({}, { typ }))).toBeUndefined();
  });

  it('is signed with a key of the issuer, in a way that is accepted', async () => {
    const [, payload] = (await token()).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    const spki = new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)));
    const shared = await new SignJWT({ ...good, exp: inSeconds(300) })
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .sign(spki);
    const stranger = await new SignJWT({ ...good, exp: inSeconds(300) })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .sign((await generateKeyPair('ES256')).privateKey);
    for (const wrong of [none, shared, stranger, 'garbage', '..', `${await token()}x`])
      expect(await verifier.verify(wrong)).toBeUndefined();
    const onlyRsa = await verifierOf({ OIDC_ALGORITHMS: 'RS256' });
    expect(await onlyRsa.verify(await token())).toBeUndefined();
  });
});

describe('the configuration', () => {
  it('is off without an issuer', () => {
    expect(oidcOptions(schema.parse({}))).toBeUndefined();
  });

  it.each([
    [{ OIDC_ISSUER: issuer }, ['OIDC_AUDIENCE']],
    [{ OIDC_AUDIENCE: 'x', OIDC_JWKS_URL: 'https://issuer.example/k' }, ['OIDC_ISSUER', 'OIDC_ISSUER']],
    [{ ...env, OIDC_ROLES_CLAIM: 'roles' }, ['OIDC_ROLE_SCOPES']],
    [
      { ...env, OIDC_ALGORITHMS: 'RS256,HS256', OIDC_CLOCK_TOLERANCE: '1h' },
      ['OIDC_ALGORITHMS', 'OIDC_CLOCK_TOLERANCE'],
    ],
    [
      { OIDC_ISSUER: 'x', OIDC_ROLE_SCOPES: 'a=root' },
      ['OIDC_AUDIENCE', 'OIDC_ISSUER', 'OIDC_ROLES_CLAIM', 'OIDC_ROLE_SCOPES'],
    ],
  ])('%j: every problem is named', (given, wrong) => {
    const { error } = schema.safeParse(given);
    expect(error?.issues.map(({ path }) => path[0]).sort()).toEqual(wrong);
  });
});

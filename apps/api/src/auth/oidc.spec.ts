import { beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { oidcVerifier, type TokenVerifier } from './oidc.ts';

const issuer = 'https://issuer.example';
const options = { issuer, audience: 'tributary', workspaceClaim: 'workspace', jwksUrl: `${issuer}/jwks` };
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let verifier: TokenVerifier;

beforeAll(async () => {
  keys = await generateKeyPair('ES256');
  verifier = oidcVerifier(
    options,
    createLocalJWKSet({ keys: [{ ...(await exportJWK(keys.publicKey)), alg: 'ES256', kid: 'k1' }] }),
  );
});

const token = (claims: JWTPayload, expires = '5m') =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setIssuer(issuer)
    .setAudience('tributary')
    .setSubject('user-1')
    .setExpirationTime(expires)
    .sign(keys.privateKey);

describe('oidcVerifier', () => {
  it('takes workspace and scopes from the claims, and only scopes that exist', async () => {
    const caller = await verifier.verify(await token({ workspace: 'acme', scope: 'openid read admin root' }));
    expect(caller).toEqual({ workspace: 'acme', actor: 'oidc:user-1', scopes: ['read', 'admin'] });
  });

  it('refuses what is expired, for others, unsigned, signed with a shared secret, or names no workspace', async () => {
    const good = { workspace: 'acme', scope: 'read' };
    const parts = (await token(good)).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${parts[1]}.`;
    const shared = await new SignJWT(good)
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(issuer)
      .setAudience('tributary')
      .setSubject('x')
      .setExpirationTime('5m')
      .sign(new Uint8Array(32));
    const elsewhere = await new SignJWT(good)
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(issuer)
      .setAudience('others')
      .setSubject('x')
      .setExpirationTime('5m')
      .sign(keys.privateKey);
    for (const wrong of [
      await token(good, '-5m'),
      none,
      shared,
      elsewhere,
      'garbage',
      await token({ scope: 'read' }),
      await token({ workspace: 'A B' }),
    ]) {
      expect(await verifier.verify(wrong)).toBeUndefined();
    }
  });
});

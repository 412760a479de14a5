import { silentLogger, systemClock } from '@tributary/runtime';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { oidcVerifier, type TokenVerifier } from '../../src/auth/oidc.ts';

const ISSUER = 'https://issuer.example';
const AUDIENCE = 'tributary';

export interface LocalIssuer {
  verifier: TokenVerifier;
  /** A token with these claims beside good ones; `undefined` takes one away. */
  token(claims: Record<string, unknown>): Promise<string>;
  /** The same, signed by somebody else under the name of the issuer's key. */
  forged(claims: Record<string, unknown>): Promise<string>;
}

/** An issuer whose keys need no network. */
export async function localIssuer(): Promise<LocalIssuer> {
  const [own, foreign] = [await generateKeyPair('ES256'), await generateKeyPair('ES256')];
  const jwk = { ...(await exportJWK(own.publicKey)), alg: 'ES256', kid: 'k1' };
  const options = {
    issuer: ISSUER,
    audience: [AUDIENCE],
    algorithms: ['ES256'],
    clockToleranceMs: 60_000,
    workspaceClaim: 'workspace',
    scopeClaims: ['scope'],
  };
  const sign = (key: typeof own) => (claims: Record<string, unknown>) => {
    const exp = Math.floor(Date.now() / 1_000) + 600;
    const good = { iss: ISSUER, aud: AUDIENCE, sub: 'user-1', exp, scope: 'read write command admin' };
    return new SignJWT({ ...good, ...claims } as JWTPayload)
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .sign(key.privateKey);
  };
  return {
    verifier: oidcVerifier(options, { clock: systemClock, log: silentLogger }, createLocalJWKSet({ keys: [jwk] })),
    token: sign(own),
    forged: sign(foreign),
  };
}

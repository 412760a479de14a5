import { type Scope, scopes } from '@tributary/contracts';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { ProblemError } from '../http/problem-error.ts';
import type { CallerIdentity } from './caller.ts';

export interface OidcOptions {
  issuer: string;
  audience: string;
  /** Claim that names the workspace. */
  workspaceClaim: string;
  jwksUrl: string;
}

export interface TokenVerifier {
  /** Undefined for a token that is not valid here. Throws 503 while the issuer's keys cannot be read. */
  verify(token: string): Promise<CallerIdentity | undefined>;
}

/** Only asymmetric signatures: a shared secret would let every holder of it make tokens. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** Accepts JWTs of one issuer; an unknown key id makes it ask for keys at most every 30 s. */
export function oidcVerifier(options: OidcOptions, keys: JWTVerifyGetKey = remoteKeys(options.jwksUrl)): TokenVerifier {
  return {
    verify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, keys, {
          issuer: options.issuer,
          audience: options.audience,
          algorithms: ALGORITHMS,
          clockTolerance: 60,
          requiredClaims: ['sub', 'exp'],
        });
        return callerOfClaims(payload, options.workspaceClaim);
      } catch (error) {
        if (isWrongToken(error)) return undefined;
        throw new ProblemError('adapter-unavailable', 'The keys of the token issuer cannot be read.', {
          cause: error,
          retryAfterMs: 5_000,
        });
      }
    },
  };
}

const remoteKeys = (url: string): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(url), { cooldownDuration: 30_000, cacheMaxAge: 600_000, timeoutDuration: 5_000 });

const isWrongToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && !(error instanceof errors.JWKSInvalid);

function callerOfClaims(claims: Record<string, unknown>, workspaceClaim: string): CallerIdentity | undefined {
  const workspace = claims[workspaceClaim];
  if (typeof workspace !== 'string' || !/^[a-z0-9_-]{1,40}$/.test(workspace)) return undefined;
  const granted = typeof claims.scope === 'string' ? claims.scope.split(' ') : [];
  return {
    workspace,
    actor: `oidc:${String(claims.sub)}`,
    scopes: scopes.filter((scope): scope is Scope => granted.includes(scope)),
  };
}

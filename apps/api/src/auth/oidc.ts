import type { Clock, Logger } from '@tributary/runtime';
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { ProblemError } from '../http/problem-error.ts';
import type { CallerIdentity } from './caller.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { callerOfClaims } from './oidc-claims.ts';
import type { OidcOptions } from './oidc-config.ts';

export interface TokenVerifier {
  /** Undefined for a token that is not valid here. Throws 503 while the issuer's keys cannot be read. */
  verify(token: string): Promise<CallerIdentity | undefined>;
}

/** A logout token or the proof of possession of another is signed by the same issuer, and is no key to anything. */
const TYPES = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

/** Accepts JWTs of one issuer. */
export function oidcVerifier(
  options: OidcOptions,
  { clock, log }: { clock: Clock; log: Logger },
  keys: JWTVerifyGetKey = new IssuerKeys({ ...options, clock, log }).find,
): TokenVerifier {
  return {
    verify: async (token) => {
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keys, {
          issuer: options.issuer,
          audience: options.audience,
          algorithms: options.algorithms,
          clockTolerance: options.clockToleranceMs / 1_000,
          currentDate: new Date(clock.now()),
          requiredClaims: ['sub', 'exp'],
        });
        const { typ } = protectedHeader;
        if (typ !== undefined && !TYPES.has(typ.toLowerCase())) return undefined;
        return callerOfClaims(payload, options);
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw new ProblemError('adapter-unavailable', 'The keys of the token issuer cannot be read.', {
          cause: error,
          retryAfterMs: 5_000,
        });
      }
    },
  };
}

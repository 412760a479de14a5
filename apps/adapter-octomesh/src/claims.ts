import { type TokenClaims, tokenClaims } from './wire.ts';

/** What a JWT says of itself, unverified: it is ours to carry, not to trust. A token of another form says nothing. */
export function claimsOf(token: string): TokenClaims {
  try {
    return tokenClaims.parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')));
  } catch {
    return {};
  }
}

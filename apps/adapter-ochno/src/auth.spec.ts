import { describe, expect, it } from '@jest/globals';
import { claimsOf } from './auth.ts';

const token = (claims: object) => `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`;

describe('OCHNO-01 a token', () => {
  it('may tell how long it lives, and need not', () => {
    expect(claimsOf(token({ iat: 10, exp: 20, sub: 'me' }))).toMatchObject({ iat: 10, exp: 20 });
    for (const other of ['', 'opaque', 'a.b.c', token({ exp: 'soon' })]) expect(claimsOf(other)).toEqual({});
  });
});

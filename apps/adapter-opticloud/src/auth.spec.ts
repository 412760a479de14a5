import { describe, expect, it } from '@jest/globals';
import { chooseTenant, claimsOf } from './auth.ts';
import type { Authorization } from './wire.ts';

const entry = (authorityId: string, name?: string): Authorization => ({
  authorityId: { id: authorityId },
  ...(name === undefined ? {} : { tenant: { name, id: `id of ${name}` } }),
});

describe('chooseTenant', () => {
  const entries = [entry('none'), entry('a', 'Acme'), entry('b', 'acme'), entry('c', 'Müller & Söhne')];

  it('passes over entries without a tenant, and compares exactly', () => {
    expect(chooseTenant(entries, 'acme').authorityId.id).toBe('b');
    expect(chooseTenant(entries, 'Müller & Söhne').authorityId.id).toBe('c');
  });

  it('needs no choice where there is one tenant', () => {
    expect(chooseTenant([entry('none'), entry('a', 'Acme')], undefined).authorityId.id).toBe('a');
  });

  it.each([
    [entries, undefined, '3 tenants'],
    [entries, 'ACME', '3 tenant(s), none of which'],
    [[entry('none')], undefined, 'no tenant'],
    [[], 'Acme', 'no tenant'],
  ])('says what is wrong without naming a tenant (%#)', (list, wanted, words) => {
    const choose = () => chooseTenant(list, wanted);
    expect(choose).toThrow(words);
    expect(choose).not.toThrow(/Müller|Acme/);
  });
});

describe('claimsOf', () => {
  const token = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;

  it('reads what a JWT says', () => {
    expect(claimsOf(token({ iat: 1, exp: 2, tenantId: 't', more: true }))).toEqual({ iat: 1, exp: 2, tenantId: 't' });
  });

  it.each(['', 'opaque', 'a.b.c', token({ exp: 'soon' }), token(null)])('knows nothing of %j', (text) => {
    expect(claimsOf(text)).toEqual({});
  });
});

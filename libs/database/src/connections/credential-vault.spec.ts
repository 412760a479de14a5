import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Secret } from '@tributary/runtime';
import fc from 'fast-check';
import { CredentialVault, VaultError } from './credential-vault.ts';
import { type VaultKeys, vaultKeys } from './vault-keys.ts';

const key = (id: string): VaultKeys[number] => ({ id, key: new Secret(randomBytes(32).toString('base64')) });
const owner = { workspace: 'default', connectionId: 'con_a' };
const [first, second] = [key('2025'), key('2026')];

describe('CredentialVault', () => {
  it('opens what it sealed, whatever the credentials', () => {
    const vault = new CredentialVault([first]);
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' })), (plain) => {
        expect(vault.open(vault.seal(plain, owner), owner)).toEqual({ ...plain });
      }),
    );
  });

  it('never seals twice alike, and shows nothing of the content', () => {
    const vault = new CredentialVault([first]);
    const sealed = vault.seal({ password: 'hunter2' }, owner);
    expect(sealed).not.toBe(vault.seal({ password: 'hunter2' }, owner));
    expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain('hunter2');
  });

  it.each([
    ['another connection', { ...owner, connectionId: 'con_b' }],
    ['another workspace', { ...owner, workspace: 'other' }],
  ])('does not open for %s', (_name, other) => {
    const vault = new CredentialVault([first]);
    expect(() => vault.open(vault.seal({ a: 'b' }, owner), other)).toThrow(VaultError);
  });

  it('does not open what was changed anywhere, nor under another key id', () => {
    const vault = new CredentialVault([first, second]);
    const sealed = vault.seal({ a: 'b' }, owner);
    const [version, id, body = ''] = sealed.split('.');
    for (let at = 0; at < body.length; at++) {
      const other = body[at] === 'A' ? 'B' : 'A';
      const changed = body.slice(0, at) + other + body.slice(at + 1);
      if (Buffer.from(changed, 'base64url').equals(Buffer.from(body, 'base64url'))) continue;
      expect(() => vault.open(`${version}.${id}.${changed}`, owner)).toThrow(VaultError);
    }
    expect(() => vault.open(`${version}.2026.${body}`, owner)).toThrow(VaultError);
    expect(() => vault.open(`${version}.1999.${body}`, owner)).toThrow('no key with the id "1999"');
    expect(() => vault.open('', owner)).toThrow(VaultError);
  });

  it('rotates: the new key seals, the old one still opens, and is then not needed', () => {
    const sealed = new CredentialVault([first]).seal({ a: 'b' }, owner);
    const both = new CredentialVault([second, first]);
    expect(both.isStale(sealed)).toBe(true);
    const rotated = both.rotate(sealed, owner);
    expect(both.isStale(rotated)).toBe(false);
    expect(both.rotate(rotated, owner)).toBe(rotated);
    expect(new CredentialVault([second]).open(rotated, owner)).toEqual({ a: 'b' });
    expect(() => new CredentialVault([second]).open(sealed, owner)).toThrow(VaultError);
  });

  it('fingerprints by content and owner, not by order', () => {
    const vault = new CredentialVault([first]);
    expect(vault.fingerprint({ a: '1', b: '2' }, owner)).toBe(vault.fingerprint({ b: '2', a: '1' }, owner));
    expect(vault.fingerprint({ a: '1' }, owner)).not.toBe(vault.fingerprint({ a: '2' }, owner));
    expect(vault.fingerprint({ a: '1' }, owner)).not.toBe(
      vault.fingerprint({ a: '1' }, { ...owner, connectionId: 'x' }),
    );
  });
});

describe('vaultKeys', () => {
  const good = randomBytes(32).toString('base64');

  it('reads several keys', () => {
    const keys = vaultKeys().parse(`new:${good}, old:${good}`);
    expect(keys.map((k) => k.id)).toEqual(['new', 'old']);
    expect(JSON.stringify(keys)).not.toContain(good);
  });

  it.each(['', 'x', `:${good}`, `a:${good.slice(4)}`, `a:${good},a:${good}`, `a:${good},`])(
    'refuses %j without showing it',
    (text) => {
      const result = vaultKeys().safeParse(text);
      expect(result.success).toBe(false);
      expect(JSON.stringify(result.error?.issues.map((issue) => issue.message))).not.toContain(good.slice(4));
    },
  );
});

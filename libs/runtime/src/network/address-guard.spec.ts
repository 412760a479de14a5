import type { lookup } from 'node:dns';
import { describe, expect, it } from '@jest/globals';
import { checkedUrl, checkHost, guardedLookup, isPrivateAddress } from './address-guard.ts';

describe('addresses', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '::1',
    '::',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    'fe80::1',
    'fe80::1%eth0',
    'fd00::1',
    'ff02::1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001:db8::1',
    'not an address',
  ])('%s is not public', (address) => expect(isPrivateAddress(address)).toBe(true));

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '2a00:1450:4001::200e'])(
    '%s is public',
    (address) => expect(isPrivateAddress(address)).toBe(false),
  );
});

describe('the guarded look-up', () => {
  const resolving = (...addresses: string[]) =>
    ((_host: string, _options: object, callback: (error: null, found: object[]) => void) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      )) as unknown as typeof lookup;
  const ask = (guard: ReturnType<typeof guardedLookup>, all: boolean) =>
    new Promise((resolve, reject) =>
      guard('host', { all }, (error, address) => (error ? reject(error) : resolve(address))),
    );

  it('refuses when any address is private, so that none can be slipped in', async () => {
    await expect(ask(guardedLookup(false, resolving('8.8.8.8', '10.0.0.1')), true)).rejects.toMatchObject({
      code: 'EREFUSEDADDRESS',
    });
    expect(await ask(guardedLookup(false, resolving('8.8.8.8')), false)).toBe('8.8.8.8');
    expect(await ask(guardedLookup(true, resolving('10.0.0.1')), true)).toEqual([{ address: '10.0.0.1', family: 4 }]);
  });
});

describe('URLs', () => {
  const rules = { secure: ['https:'], plain: ['http:'], allowPrivate: false };

  it.each([
    'http://x.example',
    'https://u:p@x.example',
    'https://2130706433/',
    'https://017700000001/',
    'gopher://x',
    'x',
  ])('refuses %s without repeating it', (url) => {
    expect(() => checkedUrl(url, rules)).toThrow(/^the URL (?!.*example)/);
  });

  it('takes https, and http where private addresses are allowed', () => {
    expect(checkedUrl('https://x.example/base', rules).pathname).toBe('/base');
    expect(checkedUrl('http://127.0.0.1:1', { ...rules, allowPrivate: true }).port).toBe('1');
  });
});

describe('a host that is checked before it is used', () => {
  const resolving = (error: Error | null, address = '') =>
    ((_host: string, _options: object, callback: (error: Error | null, found: object[]) => void) =>
      callback(error, [{ address, family: 4 }])) as unknown as typeof lookup;

  it('is refused for a private address, and let pass while it has none at all', async () => {
    await expect(checkHost('x.example', false, resolving(null, '10.0.0.1'))).rejects.toMatchObject({
      code: 'EREFUSEDADDRESS',
    });
    await checkHost('x.example', true, resolving(null, '10.0.0.1'));
    await checkHost('x.example', false, resolving(null, '8.8.8.8'));
    await checkHost('x.example', false, resolving(new Error('ENOTFOUND')));
  });
});

import type { lookup } from 'node:dns';
import { describe, expect, it } from '@jest/globals';
import { checkedUrl, guardedLookup, isPrivateAddress } from './address-guard.ts';
import { retryAfterMs } from './retry-after.ts';

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
    expect(() => checkedUrl(url, rules)).toThrow(/^the connection's URL (?!.*example)/);
  });

  it('takes https, and http where private addresses are allowed', () => {
    expect(checkedUrl('https://x.example/base', rules).pathname).toBe('/base');
    expect(checkedUrl('http://127.0.0.1:1', { ...rules, allowPrivate: true }).port).toBe('1');
  });
});

describe('Retry-After', () => {
  it.each([
    ['5', 5_000],
    ['0.5', 500],
    ['86400', 900_000],
    ['Thu, 01 Jan 1970 00:00:30 GMT', 20_000],
    ['Thu, 01 Jan 1970 00:00:05 GMT', 0],
    ['soon', undefined],
    ['', undefined],
  ])('%p is %p ms', (text, expected) => {
    expect(retryAfterMs({ 'retry-after': text }, 10_000)).toBe(expected);
  });
});

import type { lookup } from 'node:dns';
import { describe, expect, it } from '@jest/globals';
import type { Json } from '@tributary/contracts';
import { checkAddresses } from './address-check.ts';

const uri = { type: 'string', format: 'uri' };
/** Every name but `localhost` is public here. */
const resolve = ((host: string, _options: object, callback: (error: null, found: object[]) => void) =>
  callback(null, [
    { address: /^[\d.]+$/.test(host) ? host : host === 'localhost' ? '127.0.0.1' : '8.8.8.8', family: 4 },
  ])) as typeof lookup;
const check = (schema: { [key: string]: Json }, settings: unknown, allowPrivate = false) =>
  checkAddresses(schema, settings, { under: '/body/settings', allowPrivate, resolve });
const pointersOf = async (...given: Parameters<typeof check>) => (await check(...given)).map(({ pointer }) => pointer);

describe('addresses in settings', () => {
  it('are found wherever the schema says that one is', async () => {
    const bad = 'https://10.0.0.1';
    const schema: { [key: string]: Json } = {
      properties: {
        a: uri,
        nested: { properties: { b: { anyOf: [{ type: 'null' }, uri] } } },
        list: { items: uri },
        pair: { prefixItems: [{}, uri] },
        'x/y': { $ref: '#/$defs/address' },
        text: { type: 'string' },
      },
      additionalProperties: { oneOf: [uri] },
      allOf: [{ properties: { c: uri } }],
      $defs: { address: uri, loop: { $ref: '#/$defs/loop' } },
    };
    const settings = {
      a: bad,
      nested: { b: bad },
      list: ['https://example.com', bad],
      pair: [bad, bad],
      'x/y': bad,
      text: bad,
      c: bad,
      other: bad,
    };
    expect((await pointersOf(schema, settings)).sort()).toEqual(
      ['/a', '/c', '/list/1', '/nested/b', '/other', '/pair/1', '/x~1y'].map((at) => `/body/settings${at}`),
    );
    expect(await pointersOf({ ...schema, $ref: '#/$defs/loop' }, {})).toEqual([]);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'https://169.254.169.254/',
    'https://127.0.0.1:8443',
    'https://[::1]',
    'https://[::ffff:10.0.0.1]',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://localhost:1',
    'http://example.com',
    'https://user:secret@example.com',
    'https://example.com/#x',
    'gopher://example.com',
    'file:///etc/passwd',
    'mqtt://example.com',
  ])('are refused: %s', async (text) => {
    const [fault] = await check({ properties: { url: uri } }, { url: text });
    expect(fault).toMatchObject({ pointer: '/body/settings/url' });
    expect(fault?.detail).not.toContain('secret');
  });

  it('may be private and without encryption where that is allowed', async () => {
    for (const url of ['http://127.0.0.1:1', 'mqtt://127.0.0.1', 'https://example.com'])
      expect(await check({ properties: { url: uri } }, { url }, true)).toEqual([]);
    for (const url of ['https://example.com', 'mqtts://example.com:8883', 'wss://example.com/mqtt'])
      expect(await check({ properties: { url: uri } }, { url })).toEqual([]);
  });
});

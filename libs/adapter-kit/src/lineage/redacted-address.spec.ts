import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { MAX_VIA_ADDRESS } from '@tributary/contracts';
import fc from 'fast-check';
import { redactedAddress, redactedTopic } from './redacted-address.ts';

const ORIGIN = 'https://cloud.example:8443';
const word = fc.constantFrom('api', 'v1', 'devices', 'page', 'limit', 'from');
const secret = fc.string({ minLength: 12, maxLength: 60 }).filter((text) => text.isWellFormed() && /\w{4}/.test(text));
const secretName = fc.constantFrom(
  'token',
  'access_token',
  'refreshToken',
  'X-Amz-Signature',
  'password',
  'sig',
  'api-key',
  'code',
);

/** Whoever reads the address cannot find the secret, in whatever way it was written there. */
function expectHidden(told: string, value: string): void {
  for (const spelling of [value, encodeURIComponent(value), new URLSearchParams([['', value]]).toString().slice(1)]) {
    expect({ told, holds: told.includes(spelling) }).toEqual({ told, holds: false });
  }
}

describe('a redacted address', () => {
  it('never holds what is hidden, wherever it stands and however it is written', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), secret, fc.boolean(), word, (segments, value, inPath, name) => {
        fc.pre(!segments.join('/').includes(value) && !`${ORIGIN}?${name}=***`.includes(value));
        const path = [...segments, ...(inPath ? [encodeURIComponent(value)] : [])].join('/');
        const query = inPath ? '' : `?${name}=${new URLSearchParams([['', value]]).toString().slice(1)}`;
        expectHidden(redactedAddress(`${ORIGIN}/${path}${query}`, [value]), value);
      }),
    );
  });

  it('never holds the value of a parameter that is a secret by its name', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 3 }), secretName, secret, word, (segments, name, value, other) => {
        fc.pre(!`${ORIGIN}/${segments.join('/')}?${other}=1&${name}=***`.includes(value));
        const query = `${other}=1&${name}=${encodeURIComponent(value)}`;
        const told = redactedAddress(`${ORIGIN}/${segments.join('/')}?${query}`);
        expectHidden(told, value);
        expect(told).toBe(`${ORIGIN}/${segments.join('/')}?${other}=1&${name}=***`);
      }),
    );
  });

  it('never holds what looks like a token', () => {
    for (let n = 0; n < 50; n++) {
      const token = randomBytes(48).toString('base64url');
      const jwt = `eyJhbGciOiJIUzI1NiJ9.${token}.${token}`;
      for (const one of [token, jwt]) {
        expectHidden(redactedAddress(`${ORIGIN}/a/${one}/b?x=${one}`), one);
        expectHidden(redactedTopic(`a/${one}/b`), one);
      }
      expectHidden(redactedAddress(`${ORIGIN}/files/token/${n}short`), `${n}short`);
    }
  });

  it('keeps what says which request it was', () => {
    const address = `${ORIGIN}/api/device/784f394c-42b6-11ed-b878-0242ac120002/values/timeseries?keys=power.watt%2Ctemp&startTs=1759000000000&limit=100`;
    expect(redactedAddress(address)).toBe(address);
    expect(redactedTopic('/ports/5f3c2a9b1e/hub-1')).toBe('/ports/5f3c2a9b1e/hub-1');
  });

  it('is bounded', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, size: 'large' }), (url) => {
        expect(redactedAddress(url + 'x/'.repeat(200)).length).toBeLessThanOrEqual(MAX_VIA_ADDRESS);
      }),
    );
  });
});

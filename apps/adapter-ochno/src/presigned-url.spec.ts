import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalDigest, presignedUrl, signatureOf } from './presigned-url.ts';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5);
const access = (host: string, sessionToken = 'Session/Token+With=Chars') => ({
  accessKeyId: 'ASIAEXAMPLEKEY',
  secretKey: 'wJalrXUtnFEMI/EXAMPLE+SECRET',
  region: 'eu-west-1',
  expiration: '',
  host,
  sessionToken,
});

describe('OCHNO-08 the address of a stream', () => {
  // What the vendor's own client makes of the same input.
  it.each([
    [
      'abc123-ats.iot.eu-west-1.amazonaws.com',
      '705732f600367dd86f84c0116bf55b40cb4f54e30a6c68db39418e8829bb3b12',
      'f041d1f6ac32b11766d2d285b503027d6d40031e58135304a083c5e125599b5e',
    ],
    [
      'localhost:8443',
      '265f3e301be5007d6f027dfd0581bfb34191c89c786ab665534d5d675404338e',
      'a6ef337756797523c209e09c62258b63156fc31a7c362f1745ff480512323b7f',
    ],
  ])('%s is signed as the vendor’s client signs it', (host, digest, signature) => {
    expect(canonicalDigest(access(host), AT)).toBe(digest);
    expect(signatureOf(access(host), AT)).toBe(signature);
  });

  it('has its members in the order of the vendor’s client, and the token last', () => {
    expect(presignedUrl(access('localhost:8443'), AT)).toBe(
      'wss://localhost:8443/mqtt?X-Amz-Algorithm=AWS4-HMAC-SHA256' +
        '&X-Amz-Credential=ASIAEXAMPLEKEY%2F20260102%2Feu-west-1%2Fiotdevicegateway%2Faws4_request' +
        '&X-Amz-Date=20260102T030405Z&X-Amz-SignedHeaders=host' +
        '&X-Amz-Signature=a6ef337756797523c209e09c62258b63156fc31a7c362f1745ff480512323b7f' +
        '&X-Amz-Security-Token=Session%2FToken%2BWith%3DChars',
    );
  });

  it('is the same with the port of the scheme as without', () => {
    expect(presignedUrl(access('a.example:443'), AT)).toBe(presignedUrl(access('a.example'), AT));
  });

  it('carries any token unchanged, outside of the signature', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (token) => {
        const url = new URL(presignedUrl(access('a.example', token), AT));
        expect(url.searchParams.get('X-Amz-Security-Token')).toBe(token);
        expect(url.searchParams.get('X-Amz-Signature')).toBe(signatureOf(access('a.example'), AT));
      }),
    );
  });
});

import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type IotAccess, presign, type SigningChoices } from '../../test/ochno-caller.ts';
import { canonicalRequest, type SigningKey, verifyPresignedUrl } from './presigned-url.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const MINUTE = 60_000;
const VECTORS = [
  {
    host: 'abc123-ats.iot.eu-west-1.amazonaws.com',
    request: '705732f600367dd86f84c0116bf55b40cb4f54e30a6c68db39418e8829bb3b12',
    signature: 'f041d1f6ac32b11766d2d285b503027d6d40031e58135304a083c5e125599b5e',
  },
  {
    host: 'localhost:8443',
    request: '265f3e301be5007d6f027dfd0581bfb34191c89c786ab665534d5d675404338e',
    signature: 'a6ef337756797523c209e09c62258b63156fc31a7c362f1745ff480512323b7f',
  },
] as const;
const KEY: SigningKey = {
  secretKey: 'wJalrXUtnFEMI/EXAMPLE+SECRET',
  sessionToken: 'Session/Token+With=Chars',
  region: 'eu-west-1',
  expiresAt: NOW + 60 * MINUTE,
};
const SIGNED =
  'X-Amz-Algorithm=AWS4-HMAC-SHA256' +
  '&X-Amz-Credential=ASIAEXAMPLEKEY%2F20260102%2Feu-west-1%2Fiotdevicegateway%2Faws4_request' +
  '&X-Amz-Date=20260102T030405Z&X-Amz-SignedHeaders=host';
const TOKEN = '&X-Amz-Security-Token=Session%2FToken%2BWith%3DChars';
const VECTOR_QUERY = `${SIGNED}&X-Amz-Signature=${VECTORS[1].signature}${TOKEN}`;

const verify = (rawQuery: string, { host = 'localhost:8443', path = '/mqtt', now = NOW, key = KEY } = {}) =>
  verifyPresignedUrl(
    { path, rawQuery, host },
    { now, skewMs: 5 * MINUTE, keyOf: (id) => (id === 'ASIAEXAMPLEKEY' ? key : undefined) },
  );

const access: IotAccess = { ...KEY, accessKeyId: 'ASIAEXAMPLEKEY', host: 'localhost:8443', expiration: '' };
const signed = (choices: SigningChoices = {}): string =>
  new URL(presign(access, { now: NOW, ...choices })).search.slice(1);

describe('a presigned URL', () => {
  it.each(VECTORS)('OCHNO-08 is what the npm client makes for $host', ({ host, request, signature }) => {
    const canonical = canonicalRequest('/mqtt', SIGNED, host);
    expect(createHash('sha256').update(canonical).digest('hex')).toBe(request);
    const rawQuery = `${SIGNED}&X-Amz-Signature=${signature}${TOKEN}`;
    expect(verify(rawQuery, { host })).toEqual({ ok: true, accessKeyId: 'ASIAEXAMPLEKEY' });
    // The header's case does not matter.
    expect(verify(rawQuery, { host: host.toUpperCase() }).ok).toBe(true);
  });

  it.each([
    ['another host', verify(VECTOR_QUERY, { host: 'localhost:8444' }), 'wrong signature'],
    ['another path', verify(VECTOR_QUERY, { path: '/' }), 'wrong signature'],
    ['another secret', verify(VECTOR_QUERY, { key: { ...KEY, secretKey: 'x' } }), 'wrong signature'],
    ['an unknown key', verify(VECTOR_QUERY.replace('ASIAEXAMPLEKEY', 'ASIAEXAMPLEKEZ')), 'unknown access key'],
    [
      'another parameter',
      verify(VECTOR_QUERY.replace('&X-Amz-Date', '&X-Amz-Expires=60&X-Amz-Date')),
      'wrong signature',
    ],
    ['no security token', verify(VECTOR_QUERY.replace(TOKEN, '')), 'wrong security token'],
    ['another security token', verify(VECTOR_QUERY.replace('Chars', 'chars')), 'wrong security token'],
    [
      'a token that is not encoded',
      verify(VECTOR_QUERY.replace('%2B', '+').replace('%3D', '%')),
      'wrong security token',
    ],
    ['another service', verify(signed({ service: 'execute-api' })), 'another service'],
    ['another region', verify(signed({ region: 'eu-north-1' })), 'another region'],
    ['other headers', verify(VECTOR_QUERY.replace('=host', '=host%3Bdate')), 'other signed headers'],
    ['another algorithm', verify(VECTOR_QUERY.replace('AWS4-HMAC', 'AWS3-HMAC')), 'another algorithm'],
    ['a parameter twice', verify(`${VECTOR_QUERY}${TOKEN}`), 'a parameter twice'],
    ['a date of another day', verify(VECTOR_QUERY.replace('Date=20260102', 'Date=20260103')), 'date does not fit'],
    ['a date that is none', verify(VECTOR_QUERY.replace('T030405Z', 'T0304Z')), 'date does not fit'],
    ['no signature', verify(VECTOR_QUERY.replace(/&X-Amz-Signature=\w+/, '')), 'no signature'],
    ['nothing', verify(''), 'another algorithm'],
    ['expired credentials', verify(VECTOR_QUERY, { key: { ...KEY, expiresAt: NOW } }), 'expired credentials'],
    ['6 minutes too late', verify(VECTOR_QUERY, { now: NOW + 6 * MINUTE }), 'signed at another time'],
    ['6 minutes too early', verify(VECTOR_QUERY, { now: NOW - 6 * MINUTE }), 'signed at another time'],
  ])('OCHNO-08 is refused with %s', (_what, verdict, reason) => {
    expect(verdict).toMatchObject({ ok: false, reason });
  });

  it('OCHNO-08 is good for 5 minutes around its date', () => {
    for (const now of [NOW - 5 * MINUTE, NOW + 5 * MINUTE]) expect(verify(VECTOR_QUERY, { now }).ok).toBe(true);
  });

  it('OCHNO-08 must not have the security token inside of the signature', () => {
    expect(verify(signed()).ok).toBe(true);
    expect(verify(signed({ tokenInside: true }))).toMatchObject({ ok: false, reason: 'wrong signature' });
  });

  it('OCHNO-08 is refused when any character of the signature differs, and never throws', () => {
    fc.assert(
      fc.property(fc.nat(63), fc.constantFrom(...'0123456789abcdef'), (at, digit) => {
        const { signature } = VECTORS[1];
        const changed = signature.slice(0, at) + digit + signature.slice(at + 1);
        expect(verify(VECTOR_QUERY.replace(signature, changed)).ok).toBe(changed === signature);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => expect(verify(text).ok).toBe(false)));
  });
});

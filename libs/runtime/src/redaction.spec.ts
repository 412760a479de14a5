import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isSecretName, REDACTED, redactBytes, redactText, redactValue, secretValuesOf } from './redaction.ts';

const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLWhlcmU`;
const secretText = fc.stringMatching(/^[A-Za-z0-9]{12,24}$/);
const secretName = fc.constantFrom(
  'password',
  'accessToken',
  'access_token',
  'X-Api-Key',
  'client_secret',
  'Authorization',
  'refreshToken',
  'privateKey',
  'sessionId',
  'Set-Cookie',
);
/** A secret in the forms in which text holds one. */
const carriers: ((secret: string) => string)[] = [
  (secret) => `Authorization: Bearer ${secret}`,
  (secret) => `https://user:${secret}@vendor.example/path`,
  (secret) => `wss://vendor.example/mqtt?X-Amz-Signature=${secret}&b=1`,
  (secret) => `https://vendor.example/files?name=a&sig=${secret}`,
  (secret) => `grant_type=password&password=${secret}`,
  (secret) => `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
  (secret) => `eyJhbGciOiJIUzI1NiJ9.${secret}.${secret}`,
];
const carried = fc.tuple(secretText, fc.constantFrom(...carriers));

/** JSON with what `planted` gives somewhere in it. */
const around = (planted: fc.Arbitrary<unknown>) =>
  fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      planted,
      fc.tuple(fc.jsonValue(), tie('tree')).map(([other, tree]) => [other, tree]),
      fc
        .tuple(fc.constantFrom('a', 'data', 'props', '__proto__x'), tie('tree'))
        .map(([name, tree]) => ({ [name]: tree })),
    ),
  })).tree;

describe('redaction', () => {
  it.each(['password', 'PASSWORD', 'userPassword', 'api_key', 'x-api-key', 'apiKey', 'accessTokens', 'a.token', 'jwt'])(
    'knows %s by its name',
    (name) => expect(isSecretName(name)).toBe(true),
  );

  it.each(['tokenized', 'powerwatt', 'signal', 'key', 'secretary', 'nativeId', 'passage', 'pinned'])(
    'leaves %s alone',
    (name) => expect(isSecretName(name)).toBe(false),
  );

  it('leaves no value of a member that is named like a secret, at any depth', () => {
    const planted = fc.tuple(secretName, secretText).map(([name, secret]) => ({ [name]: `s3cr${secret}` }));
    fc.assert(
      fc.property(around(planted), (tree) => {
        const { text } = redactBytes(Buffer.from(JSON.stringify(tree)));
        expect(text).not.toContain('s3cr');
        expect(() => JSON.parse(text)).not.toThrow();
      }),
    );
  });

  it('leaves no secret that text carries, in JSON or outside of it', () => {
    fc.assert(
      fc.property(carried, ([secret, carrier]) => {
        const text = carrier(secret);
        expect(redactText(text)).not.toContain(secret);
        for (const body of [JSON.stringify({ a: [text] }), `{"a":${JSON.stringify(text)},`, text]) {
          const shown = redactBytes(Buffer.from(body));
          expect(shown.text).not.toContain(secret);
          expect(shown.redacted).toBe(true);
        }
      }),
    );
  });

  it('leaves none of a connection’s own values, however they are written', () => {
    const own = fc.string({ minLength: 6, maxLength: 30 }).filter((text) => text.trim().length >= 6);
    fc.assert(
      fc.property(own, (secret) => {
        const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
        const body = JSON.stringify({ note: forms.map((form) => `<${form}>`) });
        const { text } = redactBytes(Buffer.from(body), [secret]);
        const shown = (JSON.parse(text) as { note: string[] }).note;
        for (const [n, form] of forms.entries()) expect(shown[n]).not.toBe(`<${form}>`);
      }),
    );
  });

  it('does to what is cut off what it does to JSON', () => {
    const { text } = redactBytes(Buffer.from('{"user":"x","password":"hunter2hunter2","a":1,"token":"cut off he'));
    expect(text).toBe(`{"user":"x","password":"${REDACTED}","a":1,"token":"${REDACTED}"`);
  });

  it('changes nothing twice, and nothing where there is no secret', () => {
    fc.assert(
      fc.property(around(carried.map(([secret, carrier]) => carrier(secret))), (tree) => {
        const once = redactBytes(Buffer.from(JSON.stringify(tree))).text;
        expect(redactBytes(Buffer.from(once))).toEqual({ text: once, redacted: false });
      }),
    );
    const plain = '{"points":[{"signal":"power.watt","ts":"yesterday","value":12.50, "unit":"W"}],"key":"a=b"}';
    expect(redactBytes(Buffer.from(plain))).toEqual({ text: plain, redacted: false });
    expect(redactText('basic information, a bearer of news')).toBe('basic information, a bearer of news');
  });

  it('shows bytes that are no text in base64, unless a secret is among them', () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xfe]);
    expect(redactBytes(bytes)).toEqual({ text: bytes.toString('base64'), redacted: false });
    const shown = redactBytes(Buffer.concat([bytes, Buffer.from(`"password":"hunter2hunter2" ${jwt}`)]));
    expect(shown.redacted).toBe(true);
    expect(shown.text).not.toContain('hunter2');
    expect(shown.text).not.toContain('eyJ');
  });

  it('survives what is nested without end, and members with strange names', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(redactBytes(Buffer.from(deep)).redacted).toBe(false);
    const strange = redactValue(JSON.parse('{"__proto__":{"password":"x1"},"token":null}'));
    expect(JSON.stringify(strange)).toBe(`{"__proto__":{"password":"${REDACTED}"},"token":null}`);
  });

  it('knows who logs in from how', () => {
    expect(secretValuesOf({ username: 'anna', password: 'p', clientId: 'c', clientSecret: 's' })).toEqual(['p', 's']);
  });
});

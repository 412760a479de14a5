import { describe, expect, it } from '@jest/globals';
import { checkIfMatch, checkIfMatchVersion, etagOf, matchesNone } from './etag.ts';
import { parseJsonBody } from './json-body.ts';
import { negotiate } from './negotiate.ts';
import { routedUrl, verbPath } from './verb-url.ts';

const status = (work: () => unknown): number | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as { status: number }).status;
  }
};

describe('entity tags', () => {
  const etag = etagOf('dev', 1);
  it('differ where the version does', () => expect(etagOf('dev', 2)).not.toBe(etag));
  it.each([
    [undefined, 428],
    ['garbage', 400],
    ['"other"', 412],
    [`W/${etag}`, 412],
    [etag, undefined],
    [`"a", ${etag}`, undefined],
    ['*', undefined],
  ])('If-Match %s gives %s', (header, expected) => expect(status(() => checkIfMatch(header, etag))).toBe(expected));
  it('of a connection count by their version alone', () => {
    expect(status(() => checkIfMatchVersion('"7-old"', 7, '"7-new"'))).toBeUndefined();
    expect(status(() => checkIfMatchVersion('"6-old"', 7, '"7-new"'))).toBe(412);
  });
  it.each([
    [undefined, false],
    [etag, true],
    [`W/${etag}`, true],
    [`"x", ${etag}`, true],
    ['*', true],
    ['"x"', false],
    ['garbage', false],
  ])('If-None-Match %s is %s', (header, expected) => expect(matchesNone(header, etag)).toBe(expected));
});

describe('verbs at the end of a path', () => {
  it('travel in front inside', () => {
    expect(verbPath('/v1/connections/{connectionId}:test', 'POST')).toBe('/~test/v1/connections/:connectionId');
    expect(verbPath('/v1/{id}/users:exists', 'GET')).toBe('/v1/:id/users::exists');
    expect(routedUrl('POST', '/v1/connections/con_1:test?a=b:c')).toBe('/~test/v1/connections/con_1?a=b:c');
    expect(routedUrl('POST', '/v1/connections:test')).toBe('/~test/v1/connections');
  });
  it('are looked for in POST alone, and the inner form cannot be asked for', () => {
    expect(routedUrl('GET', '/v1/devices/by-native/con_1/aa:bb')).toBe('/v1/devices/by-native/con_1/aa:bb');
    for (const inner of ['/~test/v1/connections/con_1', '/%7Etest/v1/connections/con_1', '/%7etest/v1?a=~']) {
      expect(routedUrl('POST', inner)).toBe('/no-such-route');
    }
  });
  it('are not confused with ids that begin like anything', () => {
    for (const id of ['~test', '~', ':test', '%7Etest', '%3Atest']) {
      expect(routedUrl('GET', `/v1/devices/by-native/con_1/${id}`)).toBe(`/v1/devices/by-native/con_1/${id}`);
    }
    expect(routedUrl('POST', '/v1/connections/con_1/entities/~a')).toBe('/v1/connections/con_1/entities/~a');
  });
});

describe('negotiate', () => {
  const offers = ['application/json', 'text/csv'] as const;
  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['text/csv', 'text/csv'],
    ['text/*;q=0.5, application/json;q=0.1', 'text/csv'],
    ['application/json;q=0, */*', 'text/csv'],
  ])('%s gives %s', (accept, expected) => expect(negotiate(accept, offers)).toBe(expected));
  it('answers 406 where nothing fits', () => expect(status(() => negotiate('image/png', offers))).toBe(406));
});

describe('parseJsonBody', () => {
  it('reads JSON and takes an empty body for none', () => {
    expect(parseJsonBody('{"a":[1,"\\u00e9","[[["]}')).toEqual({ a: [1, 'é', '[[['] });
    expect(parseJsonBody(' ')).toBeUndefined();
  });
  it.each(['{', '['.repeat(65), '{"__proto__":1}', '"\\u0000"', '{"\\ud800":1}', '[NaN]'])('refuses %s', (text) =>
    expect(status(() => parseJsonBody(text))).toBe(400),
  );
  it('lets escaped surrogate pairs and escaped backslashes through', () => {
    expect(parseJsonBody('["\\ud83d\\udca5","\\\\u0000"]')).toEqual(['💥', '\\u0000']);
  });
});

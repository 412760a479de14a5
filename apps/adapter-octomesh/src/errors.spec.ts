import { describe, expect, it } from '@jest/globals';
import { classify, failureOf, readError } from './errors.ts';

const graphql = (code: string, message = 'no') =>
  JSON.stringify({ data: null, errors: [{ message, path: ['runtime', 'x'], extensions: { code } }] });
const answer = (status: number, text: string, headers: Record<string, string> = {}) => ({ status, headers, text });

describe('classify', () => {
  it.each([
    [400, graphql('VALIDATION_ERROR'), 'invalid-request', 'VALIDATION_ERROR'],
    [400, JSON.stringify({ errors: [{ message: 'Cannot query field' }] }), 'invalid-request', undefined],
    [400, '<html>', 'invalid-request', undefined],
    [401, graphql('UNAUTHORIZED'), 'authentication', 'UNAUTHORIZED'],
    [401, '', 'authentication', undefined],
    [403, '', 'permission-denied', undefined],
    [403, graphql('FORBIDDEN'), 'permission-denied', 'FORBIDDEN'],
    [404, '', 'not-found', undefined],
    [413, '{"message":"too large"}', 'invalid-request', undefined],
    [429, '', 'rate-limited', undefined],
    [200, graphql('UNAUTHORIZED'), 'authentication', 'UNAUTHORIZED'],
  ])('reads %d %s', (status, text, code, platformCode) => {
    expect(classify(answer(status, text))).toMatchObject({ code, platformStatus: status, platformCode });
  });

  it.each([
    [200, graphql('ENTITY_NOT_FOUND')],
    [200, '{"data":{"runtime":{"a0":{"name":"UNAUTHORIZED"}}}}'],
    [500, graphql('UNAUTHORIZED')],
    [503, ''],
  ])('leaves %d %s to others', (status, text) => {
    expect(classify(answer(status, text))).toBeUndefined();
  });

  it.each([
    [{ 'retry-after': '60' }, 60_000],
    [{ 'retry-after': '3' }, 3_000],
    [{}, 60_000],
    [{ 'retry-after': 'soon' }, 60_000],
  ])('a 429 with %j waits so long, and up to two seconds more', (headers, ms) => {
    expect(classify(answer(429, '', headers), () => 0)).toMatchObject({ retryAfterMs: ms });
    expect(classify(answer(429, '', headers), () => 1)).toMatchObject({ retryAfterMs: ms + 2_000 });
  });
});

describe('an error of a field', () => {
  it.each([
    ['ENTITY_NOT_FOUND', 'not-found'],
    ['CK_TYPE_NOT_FOUND', 'not-found'],
    ['VALIDATION_ERROR', 'invalid-request'],
    ['ASSOCIATION_ERROR', 'invalid-request'],
    ['FORBIDDEN', 'permission-denied'],
    ['ASSET1000', 'invalid-request'],
  ])('%s is %s', (code, expected) => {
    expect(failureOf(readError({ message: 'm', extensions: { code } }))).toMatchObject({
      code: expected,
      platformCode: code,
    });
  });

  it('shows names and no values of details, and no long words', () => {
    const details = { name: 'secret value', serialNumber: 'another' };
    const error = failureOf(
      readError({ message: 'x'.repeat(5_000), extensions: { code: 'VALIDATION_ERROR', details } }),
    );
    expect(error.message).toContain('(name, serialNumber)');
    expect(error.message).not.toContain('secret');
    expect(error.message.length).toBeLessThan(400);
    expect(failureOf(readError('nonsense'))).toMatchObject({ code: 'invalid-request' });
  });
});

import { describe, expect, it } from '@jest/globals';
import { classify } from './errors.ts';

const body = (errorCode: number, message: string) => JSON.stringify({ status: 400, message, errorCode, timestamp: 1 });

describe('classify', () => {
  it.each([
    [400, body(31, 'bad parameter'), 'invalid-request', '31'],
    [401, body(10, 'Invalid username or password'), 'authentication', '10'],
    [401, body(11, 'Token has expired'), 'authentication', '11'],
    [403, body(20, "You don't have permission"), 'permission-denied', '20'],
    [404, body(32, 'item not found'), 'not-found', '32'],
    [404, '<html>Not Found</html>', 'not-found', undefined],
    [406, '', 'invalid-request', undefined],
  ])('reads %d %s', (status, text, code, platformCode) => {
    expect(classify({ status, headers: {}, text })).toMatchObject({ code, platformStatus: status, platformCode });
  });

  it.each([200, 429, 500, 503])('leaves %d to the kit', (status) => {
    expect(classify({ status, headers: {}, text: '' })).toBeUndefined();
  });

  it('does not repeat a long message', () => {
    expect(classify({ status: 400, headers: {}, text: body(30, 'x'.repeat(10_000)) })?.message.length).toBeLessThan(
      300,
    );
  });
});

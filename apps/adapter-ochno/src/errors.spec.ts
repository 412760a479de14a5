import { describe, expect, it } from '@jest/globals';
import { AuthenticationError, PermissionDeniedError, UnavailableError } from '@tributary/contracts';
import { classify, streamFailure } from './errors.ts';

describe('failures', () => {
  it.each([
    [400, 'invalid-request'],
    [401, 'authentication'],
    [403, 'permission-denied'],
    [404, 'not-found'],
  ])('%i is %s, whatever the body is', (status, code) => {
    for (const text of ['{"message":"no"}', '<html>', '', '[]', '{"message":5}']) {
      expect(classify({ status, headers: {}, text })).toMatchObject({ code, platformStatus: status });
    }
  });

  it('leave the rest to the kit', () => {
    for (const status of [200, 304, 429, 500, 503]) expect(classify({ status, headers: {}, text: '' })).toBeUndefined();
  });

  it('of a handshake say nothing of the user’s log-in', () => {
    for (const error of [new AuthenticationError('no'), new PermissionDeniedError('no', { platformStatus: 403 })]) {
      expect(streamFailure(error)).toMatchObject({ code: 'unavailable' });
    }
    const away = new UnavailableError('away', { platformCode: 'not-sent' });
    expect(streamFailure(away)).toBe(away);
    expect(streamFailure(new Error('x'))).toBeUndefined();
  });
});

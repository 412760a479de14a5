import { describe, expect, it } from '@jest/globals';
import { classify, classifyLogin } from './errors.ts';

const answer = (status: number, body: unknown = '') => ({
  status,
  headers: {},
  text: typeof body === 'string' ? body : JSON.stringify(body),
});

describe('failures of MeshyDB', () => {
  it.each([
    [400, 'invalid-request'],
    [401, 'authentication'],
    [403, 'permission-denied'],
    [404, 'not-found'],
    [429, 'rate-limited'],
  ])('%i is %s, whatever the body', (status, code) => {
    for (const body of ['', '<html>', 'null', '[]', { message: 'Mesh name is invalid' }]) {
      expect(classify(answer(status, body))).toMatchObject({ code, platformStatus: status });
    }
  });

  it('leaves success and the server’s own failures alone', () => {
    for (const status of [200, 201, 204, 500, 503]) expect(classify(answer(status))).toBeUndefined();
  });

  it.each([
    ['You have have either hit your API or Database limit. Please review your account.', 'limit'],
    ['Database limit reached', 'database-limit'],
    ['', 'limit'],
  ])('tells limits apart where the words do: %s', (message, platformCode) => {
    expect(classify(answer(429, { message }))).toMatchObject({ platformCode });
  });

  it('a refused log-in is said in our words, never in theirs', () => {
    const error = classifyLogin(answer(400, { error: 'invalid_grant', error_description: 'bob has password hunter2' }));
    expect(error).toMatchObject({ code: 'authentication', platformCode: 'invalid_grant' });
    expect(error?.message).not.toMatch(/hunter2|bob/);
    expect(classifyLogin(answer(400))).toMatchObject({ code: 'authentication' });
    expect(classifyLogin(answer(429))).toMatchObject({ code: 'rate-limited' });
    expect(classifyLogin(answer(500))).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { ANSWER_LOST } from '@tributary/adapter-kit';
import { TimeoutError, UnavailableError } from '@tributary/contracts';
import { classify, classifyLarge, wasTooMuch } from './errors.ts';

const answer = (status: number, body: unknown) => ({
  status,
  headers: {},
  text: typeof body === 'string' ? body : JSON.stringify(body),
});
const error = (message: string) => ({ errors: [{ message }] });

describe('what an answer means', () => {
  it.each([200, 429, 503])('a limit is a limit whatever the status (%i)', (status) => {
    for (const name of ['ExceededRateLimitRequests', 'ExceededRateLimitTime']) {
      expect(classify(answer(status, error(name)))).toMatchObject({ code: 'rate-limited', platformCode: name });
    }
  });

  it.each([
    ['ExceededMaximumTime', 'invalid-request', 'too-much'],
    ['query exceeded memory limit', 'invalid-request', 'too-much'],
    ['Unauthorized', 'authentication', undefined],
    ['Invalid token', 'authentication', undefined],
    ['Forbidden', 'permission-denied', undefined],
    ['Asset not found', 'not-found', undefined],
    ['Cannot query field "x" on type "Asset".', 'invalid-request', undefined],
    ['internal error', 'unavailable', undefined],
    ['Internal server error', 'unavailable', undefined],
    ['Service temporarily unavailable', 'unavailable', undefined],
  ])('%s', (message, code, platformCode) => {
    expect(classify(answer(200, error(message)))).toMatchObject({ code, platformCode });
  });

  it('goes by the status where there is no message', () => {
    expect(classify(answer(401, ''))).toMatchObject({ code: 'authentication' });
    expect(classify(answer(403, '<html>'))).toMatchObject({ code: 'permission-denied' });
    expect(classify(answer(504, '<html>'))).toBeUndefined();
    expect(classifyLarge(answer(504, '<html>'))).toMatchObject({ code: 'invalid-request', platformCode: 'too-much' });
    expect(classify(answer(500, ''))).toBeUndefined();
    expect(classify(answer(200, 'null'))).toBeUndefined();
  });

  it('leaves data with errors beside it to whoever asked', () => {
    expect(classify(answer(200, { data: { a: null }, ...error('Forbidden') }))).toBeUndefined();
    expect(classify(answer(200, { data: null, ...error('Forbidden') }))).toMatchObject({ code: 'permission-denied' });
  });

  it('never repeats more of a message than a line or two', () => {
    expect(classify(answer(400, error('x'.repeat(5000))))?.message.length).toBeLessThan(400);
    expect(classify(answer(400, { errors: [null, 'x', { message: 5 }] }))).toMatchObject({ code: 'invalid-request' });
  });

  it('tells what was too much: said so, out of time, or cut when the time was up', () => {
    const lost = new UnavailableError('lost', { platformCode: ANSWER_LOST });
    expect(wasTooMuch(classifyLarge(answer(504, '')), 10_000)).toBe(true);
    expect(wasTooMuch(new TimeoutError('no end'), 15_000)).toBe(true);
    expect(wasTooMuch(lost, 9_800)).toBe(true);
    expect(wasTooMuch(lost, 200)).toBe(false);
    expect(wasTooMuch(new UnavailableError('500'), 9_800)).toBe(false);
    expect(wasTooMuch(new Error('ours'), 9_800)).toBe(false);
  });
});

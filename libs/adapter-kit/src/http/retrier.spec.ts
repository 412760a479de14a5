import { describe, expect, it } from '@jest/globals';
import {
  AuthenticationError,
  InvalidRequestError,
  MalformedResponseError,
  RateLimitedError,
  TimeoutError,
  UnavailableError,
} from '@tributary/contracts';
import { ManualClock } from '@tributary/runtime';
import fc from 'fast-check';
import { fullJitterMs, mayRetry, type RetriedCall, Retrier, RetryBudget } from './retrier.ts';

const call: RetriedCall = { class: 'read', lane: 'live', idempotent: true };

describe('what may be tried again', () => {
  it.each([
    [new UnavailableError(''), true, true],
    [new UnavailableError(''), false, false],
    [new UnavailableError('', { platformCode: 'not-sent' }), false, true],
    [new UnavailableError('', { platformCode: 'circuit-open', retryAfterMs: 1 }), true, false],
    [new TimeoutError(''), true, true],
    [new TimeoutError(''), false, false],
    [new RateLimitedError(''), true, false],
    [new RateLimitedError('', { retryAfterMs: 1 }), true, true],
    [new AuthenticationError(''), true, false],
    [new InvalidRequestError(''), true, false],
    [new MalformedResponseError(''), true, false],
    [new Error(''), true, false],
  ])('%p of an idempotent (%p) call: %p', (error, idempotent, expected) => {
    expect(mayRetry(error, idempotent)).toBe(expected);
  });
});

describe('the wait', () => {
  it('is between nothing and a doubling bound of at most a minute', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.double({ min: 0, max: 0.999, noNaN: true }), (n, random) => {
        const ms = fullJitterMs(n, () => random);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThan(Math.min(60_000, 250 * 2 ** n));
      }),
    );
  });

  it('is at least what the platform asked for', async () => {
    const clock = new ManualClock();
    let tries = 0;
    const done = new Retrier(clock, () => 0.5).run(call, async () => {
      if (++tries < 3) throw new RateLimitedError('', { retryAfterMs: 9_000 });
      return tries;
    });
    await clock.advance(8_999);
    expect(tries).toBe(1);
    await clock.advance(9_001);
    expect(await done).toBe(3);
  });

  it('is left to the caller when it is longer than the lane can bear', async () => {
    const clock = new ManualClock();
    const told = new RateLimitedError('', { retryAfterMs: 61_000 });
    await expect(new Retrier(clock).run(call, () => Promise.reject(told))).rejects.toBe(told);
    const soon = new RateLimitedError('', { retryAfterMs: 3_000 });
    const interactive = { ...call, lane: 'interactive' as const };
    await expect(new Retrier(clock).run(interactive, () => Promise.reject(soon))).rejects.toBe(soon);
    expect(clock.pending).toBe(0);
  });

  it('ends with the reason of an abort', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const failing = new Retrier(clock, () => 0.9).run({ ...call, signal: stop.signal }, () =>
      Promise.reject(new UnavailableError('')),
    );
    await clock.advance(0);
    stop.abort(new Error('enough'));
    await expect(failing).rejects.toThrow('enough');
  });
});

describe('the budget of retries', () => {
  it('allows a fifth of first attempts, and a few at the start', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 500 }), (wantsRetry) => {
        const budget = new RetryBudget();
        let retries = 0;
        for (const [n, wants] of wantsRetry.entries()) {
          budget.firstAttempt();
          if (wants && budget.spend()) retries += 1;
          expect(retries).toBeLessThanOrEqual(3 + (n + 1) * 0.2 + 1e-6);
        }
      }),
    );
  });

  it('fails fast once it is spent, of its class alone', async () => {
    const clock = new ManualClock();
    const retrier = new Retrier(clock, () => 0);
    let tries = 0;
    const failing = async (of: RetriedCall) => {
      const ended = retrier.run(of, () => {
        tries += 1;
        return Promise.reject(new UnavailableError(''));
      });
      ended.catch(() => undefined);
      await clock.advance(1);
    };
    for (let n = 0; n < 20; n++) await failing(call);
    // 20 first attempts, 3 saved, 20 / 5 earned.
    expect(tries).toBe(27);
    await failing({ ...call, class: 'command' });
    expect(tries).toBe(31);
  });
});

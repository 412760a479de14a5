import { describe, expect, it } from '@jest/globals';
import { PlatformError, platformErrorCodes } from '@tributary/contracts';
import fc from 'fast-check';
import { costHeaders, costIn, remainingMs, timingHeaders, toPlatformError, toWireError } from './request-wire.ts';

describe('timing of a request', () => {
  it('is never lengthened by clocks that differ', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: -1e9, max: 1e9 }), (budgetMs, skewMs) => {
        const sentAtMs = 1_780_000_000_000;
        const headers = timingHeaders({ deadlineMs: sentAtMs + budgetMs, budgetMs });
        const left = remainingMs(headers, sentAtMs + skewMs, 1);
        expect(left).toBeLessThanOrEqual(budgetMs);
        if (skewMs === 0) expect(left).toBe(budgetMs);
      }),
    );
  });

  it('falls back where the asker said nothing that makes sense', () => {
    expect(remainingMs({}, 0, 77)).toBe(77);
    expect(remainingMs({ 'x-deadline-ms': 'soon', 'x-budget-ms': {} }, 0, 77)).toBe(77);
  });
});

describe('what an answer has cost', () => {
  it('is told where it was counted, and is not known where it was not', () => {
    expect(costIn(costHeaders({ vendorCalls: 0 }))).toEqual({ vendorCalls: 0 });
    for (const headers of [costHeaders({}), { 'x-vendor-calls': 'many' }]) expect(costIn(headers)).toEqual({});
  });
});

describe('failures across the broker', () => {
  it('keep what a platform error says', () => {
    for (const code of platformErrorCodes) {
      const error = new PlatformError(code, 'text', { retryAfterMs: 5, platformStatus: 418, platformCode: 'teapot' });
      const back = toPlatformError(JSON.parse(JSON.stringify(toWireError(error))));
      expect(back).toMatchObject({
        code,
        message: 'text',
        retryAfterMs: 5,
        platformStatus: 418,
        platformCode: 'teapot',
      });
    }
  });

  it('say nothing of what was not expected', () => {
    expect(JSON.stringify(toWireError(new Error('password hunter2')))).not.toContain('hunter2');
    expect(toPlatformError('There is no matching message handler')).toMatchObject({ code: 'malformed-response' });
  });
});

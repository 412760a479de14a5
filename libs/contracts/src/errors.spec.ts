import { describe, expect, it } from '@jest/globals';
import {
  failurePolicies,
  fromWire,
  PlatformError,
  platformErrorCodes,
  RateLimitedError,
  TimeoutError,
  wireError,
} from './errors.ts';

describe('platform errors', () => {
  it('keep code and wait across the broker', () => {
    const sent = new RateLimitedError('spent', {
      retryAfterMs: 1500,
      platformStatus: 429,
      platformCode: '33',
      cause: new Error('inner'),
    });
    const received = fromWire(wireError.parse(JSON.parse(JSON.stringify(sent.toWire()))));
    expect(received).toBeInstanceOf(PlatformError);
    expect(received).toMatchObject({
      code: 'rate-limited',
      message: 'spent',
      retryAfterMs: 1500,
      platformStatus: 429,
      platformCode: '33',
    });
    expect(JSON.stringify(sent.toWire())).not.toContain('inner');
  });

  it('have one policy each; a vendor limit is never the caller’s', () => {
    expect(Object.keys(failurePolicies).toSorted()).toEqual([...platformErrorCodes].toSorted());
    for (const code of platformErrorCodes) expect(failurePolicies[code].status).not.toBe(429);
  });

  it('carry the name of their class', () => {
    expect(new TimeoutError('late').name).toBe('TimeoutError');
  });
});

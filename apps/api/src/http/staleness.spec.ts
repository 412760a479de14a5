import { describe, expect, it } from '@jest/globals';
import { readStaleness, staleHeaders, staleMark } from './staleness.ts';

describe('what a caller says of older answers', () => {
  it.each([
    [undefined, Number.POSITIVE_INFINITY],
    ['', Number.POSITIVE_INFINITY],
    ['no-transform', Number.POSITIVE_INFINITY],
    ['max-stale', Number.POSITIVE_INFINITY],
    ['no-cache', 0],
    ['max-age=0', 0],
    ['max-age=60', 60_000],
    ['max-stale=90', 90_000],
    ['stale-if-error=5', 5_000],
    ['min-fresh=1', 0],
    ['MAX-AGE="60" , max-stale=3600', 60_000],
    ['max-stale=3600, no-cache', 0],
    // Somebody wants a bound, and it cannot be read: no older answer is the safe one.
    ['max-age=soon', 0],
    ['max-age', 0],
    ['max-stale=-5', 0],
  ])('%s: up to %d ms', (header, upToMs) => {
    expect(readStaleness(header)).toEqual({ upToMs, keep: true });
  });

  it('no-store keeps nothing of this answer, and takes an older one', () => {
    expect(readStaleness('no-store')).toEqual({ upToMs: Number.POSITIVE_INFINITY, keep: false });
  });
});

describe('the mark of a stale answer', () => {
  const stale = { ageMs: 61_900, asked: false, because: 'circuit-open' as const };

  it('says its age, and why it is given', () => {
    expect(staleHeaders({ stale })).toEqual({
      age: '61',
      'cache-status': 'tributary; hit; ttl=-61; detail=circuit-open',
    });
    expect(staleHeaders({ stale: { ...stale, asked: true, because: 'platform-timeout' } })['cache-status']).toBe(
      'tributary; fwd=stale; fwd-status=504; ttl=-61; detail=platform-timeout',
    );
    expect(staleMark({ stale, observedAtMs: 0 })).toEqual({
      stale: true,
      observedAt: '1970-01-01T00:00:00.000Z',
      ageMs: 61_900,
    });
  });

  it('is not there on an answer of now', () => {
    expect(staleHeaders({})).toEqual({});
    expect(staleMark({ observedAtMs: 0 })).toEqual({});
  });
});

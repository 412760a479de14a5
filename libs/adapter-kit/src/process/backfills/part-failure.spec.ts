import { describe, expect, it } from '@jest/globals';
import {
  InvalidRequestError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitedError,
  UnavailableError,
} from '@tributary/contracts';
import fc from 'fast-check';
import { fateOf, MOST_REFUSALS } from './part-failure.ts';

const half = () => 0.5;

describe('after a failure', () => {
  it.each([new InvalidRequestError('too old'), new NotFoundError('no such signal')])(
    'what the platform says of the range itself is believed at once: %s',
    (error) => {
      expect(fateOf(error, { attempts: 1, refusals: 0, random: half })).toEqual({
        kind: 'lost',
        reason: error.message,
      });
    },
  );

  it('a platform that is away is waited for, however often it was tried', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempts, at) => {
          const fate = fateOf(new UnavailableError('away'), { attempts, refusals: 0, random: () => at });
          expect(fate).toMatchObject({ kind: 'later', refused: false });
          if (fate.kind === 'later') expect(fate.waitMs).toBeLessThanOrEqual(300_000);
        },
      ),
    );
  });

  it('it is never asked before it said', () => {
    const error = new RateLimitedError('busy', { retryAfterMs: 77_000 });
    expect(fateOf(error, { attempts: 1, refusals: 0, random: () => 0 })).toMatchObject({ waitMs: 77_000 });
  });

  it('a refusal is tried again with growing pauses, and believed in the end', () => {
    const error = new PermissionDeniedError('no right');
    const waits: number[] = [];
    for (let refusals = 0; refusals < MOST_REFUSALS - 1; refusals += 1) {
      const fate = fateOf(error, { attempts: refusals + 1, refusals, random: half });
      if (fate.kind === 'later') waits.push(fate.waitMs);
    }
    expect(waits).toEqual([30_000, 60_000, 120_000, 240_000]);
    expect(fateOf(error, { attempts: 9, refusals: MOST_REFUSALS - 1, random: half }).kind).toBe('lost');
  });

  it('a fault of the adapter does not go round for ever, and says nothing of its insides', () => {
    const fate = fateOf(new TypeError('undefined is not a function'), { attempts: 1, refusals: 4, random: half });
    expect(fate).toEqual({ kind: 'lost', reason: 'an unexpected error of the adapter' });
  });

  it('a database of ours that is away is waited for: nothing is given up because of it', () => {
    const error = Object.assign(new Error('could not extend file'), { code: '53100' });
    const fate = fateOf(error, { attempts: 9, refusals: MOST_REFUSALS + 3, random: half });
    expect(fate).toMatchObject({ kind: 'later', refused: false, reason: 'our database could not be written' });
  });
});

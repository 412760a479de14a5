import { describe, expect, it } from '@jest/globals';
import { InvalidRequestError, RateLimitedError, UnavailableError } from '@tributary/contracts';
import { ManualClock } from '@tributary/runtime';
import fc from 'fast-check';
import { RETRY_AFTER_CAP_MS, retryDelayMs } from './backoff.ts';
import { DueQueue } from './due-queue.ts';
import { Repeater } from './repeater.ts';

describe('DueQueue', () => {
  it('fires everything once, in the order of due times, behind one timer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ ms: fc.integer({ min: 0, max: 500 }), cancel: fc.boolean() })),
        async (jobs) => {
          const clock = new ManualClock();
          const due = new DueQueue(clock);
          const fired: { ms: number; index: number; at: number }[] = [];
          for (const [index, job] of jobs.entries()) {
            const cancel = due.after(job.ms, () => fired.push({ ms: job.ms, index, at: clock.monotonicMs() }));
            if (job.cancel) cancel();
          }
          expect(clock.pending).toBeLessThanOrEqual(1);
          await clock.advance(1_000);
          const kept = [...jobs.entries()].filter(([, job]) => !job.cancel);
          const expected = kept.sort(([a, x], [b, y]) => x.ms - y.ms || a - b).map(([index]) => index);
          expect(fired.map((f) => f.index)).toEqual(expected);
          expect(fired.every((f) => f.at >= f.ms - 1)).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('retryDelayMs', () => {
  const options = { baseMs: 1_000, capMs: 60_000, random: () => 0.999 };

  it('waits as long as the platform asked, up to the cap', () => {
    expect(retryDelayMs(new RateLimitedError('slow down', { retryAfterMs: 90_000 }), 1, 30_000, options)).toBe(90_000);
    const absurd = new RateLimitedError('slow down', { retryAfterMs: 10 ** 9 });
    expect(retryDelayMs(absurd, 1, 30_000, options)).toBe(RETRY_AFTER_CAP_MS);
  });

  it('grows and is capped', () => {
    const delays = [1, 2, 3, 20].map((n) => retryDelayMs(new UnavailableError('away'), n, 30_000, options));
    expect(delays[0]).toBeLessThan(1_001);
    expect(delays[2]).toBeGreaterThan(delays[1] ?? 0);
    expect(delays[3]).toBeLessThanOrEqual(60_000);
  });

  it('leaves what cannot heal by asking again to its regular turn', () => {
    expect(retryDelayMs(new InvalidRequestError('no'), 1, 30_000, options)).toBe(30_000);
  });
});

describe('Repeater', () => {
  function repeater(run: () => Promise<void>) {
    const clock = new ManualClock();
    const abort = new AbortController();
    const failures: number[] = [];
    const subject = new Repeater({
      due: new DueQueue(clock),
      clock,
      random: () => 0.5,
      intervalMs: 10_000,
      signal: abort.signal,
      run,
      onSuccess: () => {},
      onFailure: (_error, count) => failures.push(count),
    });
    return { clock, abort, failures, subject };
  }

  it('never runs two rounds at once, and skips the turns a long round has missed', async () => {
    let running = 0;
    let most = 0;
    let rounds = 0;
    const { clock, subject } = repeater(async () => {
      running += 1;
      rounds += 1;
      most = Math.max(most, running);
      await clock.sleep(25_000);
      running -= 1;
    });
    subject.start();
    await clock.advance(65_000);
    expect(most).toBe(1);
    expect(rounds).toBe(3);
  });

  it('comes back sooner after a failure and finds its rhythm again', async () => {
    let rounds = 0;
    const { clock, failures, subject } = repeater(async () => {
      rounds += 1;
      if (rounds <= 2) throw new UnavailableError('away');
    });
    subject.start();
    await clock.advance(8_000);
    expect(failures).toEqual([1, 2]);
    expect(rounds).toBe(3);
    await clock.advance(10_000);
    expect(rounds).toBe(4);
  });

  it('has another round at once when asked, also during a round', async () => {
    let rounds = 0;
    const { clock, subject } = repeater(async () => {
      rounds += 1;
      await clock.sleep(1_000);
    });
    subject.soon();
    await clock.advance(500);
    subject.soon();
    subject.soon();
    await clock.advance(1_000);
    expect(rounds).toBe(2);
  });

  it('tries sooner when encouraged, but never against the word of the platform', async () => {
    const rounds: number[] = [];
    let error = new UnavailableError('away');
    const { clock, subject } = repeater(async () => {
      rounds.push(clock.monotonicMs());
      throw error;
    });
    subject.start();
    await clock.advance(200_000);
    const before = rounds.length;
    subject.encourage();
    await clock.advance(2_500);
    expect(rounds.length).toBeGreaterThan(before);
    error = new RateLimitedError('wait', { retryAfterMs: 120_000 });
    await clock.advance(60_000);
    const limited = rounds.length;
    subject.encourage();
    await clock.advance(60_000);
    expect(rounds.length).toBe(limited);
  });

  it('stops for good when the connection is let go', async () => {
    let rounds = 0;
    const { clock, abort, subject } = repeater(async () => {
      rounds += 1;
    });
    subject.start();
    await clock.advance(10_000);
    abort.abort();
    await subject.stopped();
    const before = rounds;
    await clock.advance(60_000);
    expect(rounds).toBe(before);
  });
});

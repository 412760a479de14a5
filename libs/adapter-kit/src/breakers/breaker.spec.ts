import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { NotFoundError, RateLimitedError, TimeoutError, UnavailableError } from '@tributary/contracts';
import { ManualClock } from '@tributary/runtime';
import { defaultOperationPolicies } from '../http/operation-policy.ts';
import { Breaker, type BreakerTurn } from './breaker.ts';
import { bucketRotation } from './bucket-rotation.ts';

// Opossum keeps its reset in a timer of its own; everything else goes by the clock.
afterEach(() => {
  jest.useRealTimers();
});

function breaker(random = () => 1) {
  jest.useFakeTimers({ now: 0 });
  const clock = new ManualClock();
  const turns: BreakerTurn[] = [];
  const policy = defaultOperationPolicies.read;
  const made = new Breaker({ class: 'read', policy, clock, random, onChange: (turn) => turns.push(turn) });
  const run = (outcome: Error | 'ok', answered = true) =>
    made
      .run('ACME-01', async (contact) => {
        contact.answered = answered;
        if (outcome !== 'ok') throw outcome;
      })
      .catch((error: unknown) => error);
  const pass = async (ms: number) => {
    jest.advanceTimersByTime(ms);
    await Promise.resolve();
  };
  return { made, run, pass, clock, turns };
}

const down = new UnavailableError('503');

describe('a breaker', () => {
  it('opens after five failures in a row, however slowly they come', async () => {
    const { made, run, clock } = breaker();
    for (let n = 0; n < 4; n++) {
      await run(down);
      bucketRotation(clock, 5_000).emit('rotate');
      bucketRotation(clock, 5_000).emit('rotate');
    }
    expect(made.state()).toMatchObject({ state: 'closed', failures: 4 });
    await run(new TimeoutError(''));
    expect(made.state()).toMatchObject({ state: 'open', failures: 5 });
  });

  it('opens when half of five or more fail, not before', async () => {
    const { made, run } = breaker();
    for (const outcome of [down, 'ok', down, 'ok'] as const) await run(outcome);
    expect(made.state().state).toBe('closed');
    await run(down);
    expect(made.state().state).toBe('open');
  });

  it('takes answers that we dislike, limits and aborts for no sign of sickness', async () => {
    const { made, run } = breaker();
    for (let n = 0; n < 10; n++) {
      await run(new NotFoundError(''));
      await run(new RateLimitedError(''), false);
      await run(new Error('aborted'), false);
    }
    expect(made.state()).toMatchObject({ state: 'closed', failures: 0 });
  });

  it('pauses longer each time its probe fails, up to its bound, and anew from the start after a success', async () => {
    const { made, run, pass, clock } = breaker();
    for (let n = 0; n < 5; n++) await run(down);
    for (const resetMs of [15_000, 30_000, 60_000, 120_000, 120_000]) {
      expect(Date.parse(made.state().retryAt ?? '') - clock.now()).toBe(resetMs);
      await pass(resetMs - 1);
      expect(made.state().state).toBe('open');
      await pass(1);
      expect(made.state().state).toBe('half-open');
      await run(down);
    }
    await pass(120_000);
    await run('ok');
    expect(made.state().state).toBe('closed');
    for (let n = 0; n < 5; n++) await run(down);
    expect(Date.parse(made.state().retryAt ?? '') - clock.now()).toBe(15_000);
  });

  it('spreads its pauses by jitter', async () => {
    const { made, run, clock } = breaker(() => 0);
    for (let n = 0; n < 5; n++) await run(down);
    expect(Date.parse(made.state().retryAt ?? '') - clock.now()).toBe(7_500);
  });

  it('lets one probe through and refuses the others', async () => {
    const { made, run, pass } = breaker();
    for (let n = 0; n < 5; n++) await run(down);
    await pass(15_000);
    let asked = 0;
    const held = Promise.withResolvers<void>();
    const calls = [1, 2, 3].map(() =>
      made
        .run('ACME-01', async () => {
          asked += 1;
          await held.promise;
        })
        .catch((error: unknown) => error),
    );
    expect(asked).toBe(1);
    held.resolve();
    const [first, second] = await Promise.all(calls);
    expect(first).toBeUndefined();
    expect(second).toMatchObject({ platformCode: 'circuit-open' });
  });

  it('does not close because a probe was aborted, and probes again soon', async () => {
    const { made, run, pass } = breaker();
    for (let n = 0; n < 5; n++) await run(down);
    await pass(15_000);
    await run(new Error('aborted'), false);
    expect(made.state().state).toBe('open');
    await pass(100);
    expect(made.state().state).toBe('half-open');
    await run(down);
    // Grown by the failure, not by the abort.
    await pass(29_999);
    expect(made.state().state).toBe('open');
    await pass(1);
    expect(made.state().state).toBe('half-open');
  });

  it('tells what it does, with the failure that made it', async () => {
    const { run, pass, turns } = breaker();
    for (let n = 0; n < 5; n++) await run(new TimeoutError('silence'));
    await pass(15_000);
    await run(down);
    await pass(30_000);
    await run('ok');
    expect(turns.map(({ from, state, failures }) => [from, state, failures])).toEqual([
      ['closed', 'open', 5],
      ['open', 'half-open', 5],
      ['half-open', 'open', 6],
      ['open', 'half-open', 6],
      ['half-open', 'closed', 0],
    ]);
    expect(turns[0]).toMatchObject({ code: 'timeout', error: { code: 'timeout', message: 'silence' } });
    expect(turns[2]).toMatchObject({ code: 'unavailable' });
    expect(turns[4]).not.toHaveProperty('code');
  });

  it('that is let go while open is nobody’s any more, and says nothing of the platform', async () => {
    const { made, run, pass, turns } = breaker();
    for (let n = 0; n < 5; n++) await run(down);
    made.shutdown();
    made.shutdown();
    await pass(200_000);
    expect(turns.slice(1)).toMatchObject([{ from: 'open', state: 'closed', code: 'let-go' }]);
  });

  it('lets go of its listeners, and refuses afterwards', async () => {
    const { made, run, clock } = breaker();
    expect(bucketRotation(clock, 5_000).listenerCount('rotate')).toBe(1);
    made.shutdown();
    expect(bucketRotation(clock, 5_000).listenerCount('rotate')).toBe(0);
    expect(await run('ok')).toMatchObject({ code: 'unavailable' });
  });

  it('costs no timer of its own: a thousand share one', () => {
    const clock = new ManualClock();
    const policy = defaultOperationPolicies.read;
    for (let n = 0; n < 1_000; n++) new Breaker({ class: 'read', policy, clock });
    expect(clock.pending).toBe(1);
  });
});

import { describe, expect, it, jest } from '@jest/globals';
import { AuthenticationError, TimeoutError, UnavailableError } from '@tributary/contracts';
import { Metrics, systemClock } from '@tributary/runtime';
import { eventually } from '@tributary/testing';
import { type AdapterQuestions, PlatformGateway } from './platform-gateway.ts';

const target = { platform: 'acme', connectionId: `con_${'a'.repeat(26)}` };
const other = { platform: 'acme', connectionId: `con_${'b'.repeat(26)}` };

function setUp(answer: () => Promise<unknown>) {
  const request = jest.fn(answer);
  const gateway = new PlatformGateway({ request } as unknown as AdapterQuestions, systemClock, new Metrics('test'));
  const ask = (at = target) => gateway.ask(at, 'connection.budget', { connectionId: at.connectionId });
  const failure = async (at = target) => {
    try {
      await ask(at);
    } catch (error) {
      return error as { code: string; options?: { retryAfterMs?: number } };
    }
    throw new Error('it answered');
  };
  return { request, gateway, ask, failure };
}

describe('PlatformGateway', () => {
  it('leaves a platform alone after repeated silence, answers in less than a millisecond, and disturbs no other connection', async () => {
    const { request, gateway, failure } = setUp(async () => {
      throw new TimeoutError('no answer');
    });
    for (let i = 0; i < 5; i += 1) expect((await failure()).code).toBe('timeout');
    expect((await failure()).code).toBe('circuit-open');
    expect(request).toHaveBeenCalledTimes(5);
    const rounds = 1_000;
    // What it costs, not how long it takes: others may be using the machine.
    const before = process.cpuUsage();
    for (let i = 0; i < rounds; i += 1) await failure();
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000 / rounds).toBeLessThan(1);
    expect((await failure()).options?.retryAfterMs).toBeGreaterThan(0);
    expect(gateway.states(target.connectionId).read).toBe('open');
    expect((await failure(other)).code).toBe('timeout');
    gateway.close();
  });

  it('does not take an answer that it dislikes for a failure', async () => {
    const { request, gateway, failure } = setUp(async () => {
      throw new AuthenticationError('refused');
    });
    for (let i = 0; i < 20; i += 1) expect((await failure()).code).toBe('authentication');
    expect(request).toHaveBeenCalledTimes(20);
    gateway.close();
  });

  it('rests at once, and for as long, when the adapter says that its own breaker is open', async () => {
    const { request, gateway, failure } = setUp(async () => {
      throw new UnavailableError('left alone', { platformCode: 'circuit-open', retryAfterMs: 40_000 });
    });
    expect((await failure()).code).toBe('circuit-open');
    const refused = await failure();
    expect(refused.options?.retryAfterMs).toBeGreaterThan(20_000);
    expect(request).toHaveBeenCalledTimes(1);
    gateway.close();
  });

  it('asks again after its rest, and closes with the first answer', async () => {
    let away = true;
    const { gateway, ask, failure } = setUp(async () => {
      if (away) throw new UnavailableError('left alone', { platformCode: 'circuit-open', retryAfterMs: 100 });
      return { budgets: [] };
    });
    await failure();
    away = false;
    const answer = await eventually('it asks again', () => ask().catch(() => undefined), { everyMs: 10 });
    expect(answer).toEqual({ budgets: [] });
    expect(gateway.states(target.connectionId).read).toBe('closed');
    gateway.close();
  }, 60_000);
});

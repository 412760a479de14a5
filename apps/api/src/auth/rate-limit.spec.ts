import { describe, expect, it } from '@jest/globals';
import { systemClock } from '@tributary/runtime';
import { Redis } from 'ioredis';
import { RateLimit } from './rate-limit.ts';

async function allowed(limit: RateLimit, key: string, tries: number): Promise<number> {
  let count = 0;
  for (let i = 0; i < tries; i += 1) {
    const { allowed: yes } = limit.takeHeld(key) ?? (await limit.take(key));
    if (yes) count += 1;
  }
  return count;
}

describe('RateLimit', () => {
  it('lets through as many as the limit says, for each caller', async () => {
    const limit = new RateLimit(50, { clock: systemClock, prefix: 'test' });
    expect(await allowed(limit, 'a', 80)).toBe(50);
    expect(await allowed(limit, 'b', 80)).toBe(50);
  });

  it.each([50, 10_000])('counts what is dear as many: of %i as many fit as are paid for', async (most) => {
    const limit = new RateLimit(most, { clock: systemClock, prefix: 'test' });
    const take = async (cost: number) => (limit.takeHeld('a', cost) ?? (await limit.take('a', cost))).allowed;
    let spent = 0;
    for (let n = 0; spent <= 2 * most && (await take(n % 2 ? 10 : 1)); n += 1) spent += n % 2 ? 10 : 1;
    expect(spent).toBeGreaterThan(most - 60);
    expect(spent).toBeLessThanOrEqual(most);
  });

  it('lets one through that costs more than the whole limit', async () => {
    const limit = new RateLimit(5, { clock: systemClock, prefix: 'test' });
    expect([(await limit.take('a', 10)).allowed, (await limit.take('a', 10)).allowed]).toEqual([true, false]);
  });

  it('takes portions of large limits, so that most requests wait for nothing', async () => {
    const limit = new RateLimit(10_000, { clock: systemClock, prefix: 'test' });
    await limit.take('a');
    expect(await allowed(limit, 'a', 12_000)).toBe(9_999);
  });

  it('shares a portion among requests that come at once', async () => {
    const limit = new RateLimit(10_000, { clock: systemClock, prefix: 'test' });
    let count = 0;
    const caller = async () => {
      for (let i = 0; i < 400; i += 1) {
        const { allowed: yes } = limit.takeHeld('a') ?? (await limit.take('a'));
        if (yes) count += 1;
      }
    };
    await Promise.all(Array.from({ length: 32 }, caller));
    expect(count).toBe(10_000);
  });

  it('counts in memory while Redis is away', async () => {
    const redis = new Redis('redis://127.0.0.1:1', {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    redis.on('error', () => undefined);
    const limit = new RateLimit(10, { clock: systemClock, prefix: 'test', redis });
    expect(await allowed(limit, 'a', 20)).toBe(10);
    redis.disconnect();
  });
});

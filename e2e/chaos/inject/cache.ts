import { Redis } from 'ioredis';
import type { Fault } from '../plan/faults.ts';
import type { World } from '../world/world.ts';
import type { Injection } from './injection.ts';

type OfCache = Extract<Fault, { kind: `cache-${string}` }>;

const BETWEEN_POINTS = 100;

export function injectIntoCache(fault: OfCache, { world, progress, turns, made }: Injection): Promise<void> {
  const { redis } = world.backings;
  return turns.take('redis', async () => {
    made.budgetsForgotten = true;
    switch (fault.kind) {
      case 'cache-flush':
        for (let time = 0; time < fault.times; time += 1) {
          await told(world, (client) => client.flushall());
          await progress.producedMore(BETWEEN_POINTS);
        }
        return;
      case 'cache-kill':
        await redis.kill();
        await progress.producedMore(fault.forPoints);
        return redis.start();
      case 'cache-full':
        await told(world, (client) => client.config('SET', 'maxmemory', '1mb'));
        await progress.producedMore(fault.forPoints);
        await told(world, (client) => client.config('SET', 'maxmemory', '0'));
        return;
    }
  });
}

async function told(world: World, order: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(world.backings.redis.url, { maxRetriesPerRequest: 20, retryStrategy: () => 200 });
  try {
    await order(client);
  } finally {
    client.disconnect();
  }
}

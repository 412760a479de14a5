import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, startStill } from '../../test/exosense-caller.ts';
import { dig, list } from '../../test/opticloud-caller.ts';
import type { ExosenseSimulator } from './server.ts';

let sim: ExosenseSimulator;
beforeEach(async () => {
  sim = await startStill();
});
afterEach(() => sim.stop());

describe('ExoSense endpoint', () => {
  it('EXO-05 answers a plain list of assets, with the cost of it', async () => {
    const answer = await ask(sim, '{ assets { id name } }');
    expect(answer.status).toBe(200);
    expect(list(answer.json, 'data', 'assets')).toHaveLength(12);
    expect(dig(answer.json, 'data', 'assets', 0)).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'Customer A Child 1 Asset 1',
    });
    expect(Object.keys(answer.json as object)).toEqual(['data', 'extensions']);
    expect(dig(answer.json, 'extensions')).toEqual({
      cost: {
        overRateLimit: false,
        rateUsage: { query: 0, time: 0, requests: 1, cost: 0 },
        rateLimits: { query: 1_000_000, time: 100_000, requests: 10, cost: 1_000_000 },
        limits: { query: 1_000_000, time: 10_000, cost: 1_000_000 },
        time: 44,
        overUsageLimit: false,
        usage: { query: 0, time: 44, cost: 0 },
      },
    });
  });
});

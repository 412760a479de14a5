import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, rollOver, startStill } from '../../test/exosense-caller.ts';
import { dig } from '../../test/opticloud-caller.ts';
import { fingerprint } from '../kit/fingerprint.ts';
import { TOKENS } from './accounts.ts';
import type { GivenOptions } from './options.ts';
import type { ExosenseSimulator } from './server.ts';

let sim: ExosenseSimulator;
beforeEach(async () => {
  sim = await startStill({ producing: false });
});
afterEach(() => sim.stop());

const again = async (options: GivenOptions) => {
  await sim.stop();
  sim = await startStill({ producing: false, ...options });
};
const one = (token?: string) => ask(sim, '{ assets(pagination: {limit: 1}) { id } }', token);
const TOO_MANY = '{"errors":[{"message":"ExceededRateLimitRequests"}]}';
const used = (json: unknown) => dig(json, 'extensions', 'cost', 'rateUsage');

describe('ExoSense limits', () => {
  it('EXO-15 EXO-17 takes ten requests of a token in ten seconds, and lets the window roll request by request', async () => {
    for (let i = 1; i <= 10; i++) {
      const { status, json } = await one();
      expect([status, used(json)]).toEqual([200, { query: 0, time: (i - 1) * 22, requests: i, cost: 0 }]);
      await sim.clock.advance(500);
    }
    const refused = await one();
    expect([refused.status, refused.text, refused.headers.has('retry-after')]).toEqual([200, TOO_MANY, false]);
    expect((await one(TOKENS.viewer)).status).toBe(200);
    // The first was asked five seconds ago; one of exactly ten seconds of age still counts.
    await sim.clock.advance(5_000);
    expect((await one()).text).toBe(TOO_MANY);
    await sim.clock.advance(1);
    expect(used((await one()).json)).toMatchObject({ requests: 10 });
    expect((await one()).text).toBe(TOO_MANY);
    await rollOver(sim);
    expect(used((await one()).json)).toEqual({ query: 0, time: 0, requests: 1, cost: 0 });
  });

  it('EXO-17 journals what was refused, by token; refused requests count for nothing', async () => {
    for (let i = 0; i < 25; i++) await one();
    await one(TOKENS.viewer);
    const entries = await sim.journal.until({ credential: fingerprint(TOKENS.admin) }, 25);
    expect(entries).toHaveLength(25);
    expect(sim.journal.count({ detail: 'Exceeded*' })).toBe(15);
    expect(sim.journal.entries({ detail: 'Exceeded*' }).every((entry) => entry.operation === 'EXO-06')).toBe(true);
    expect(await sim.actions.run('budget', { token: 'admin' })).toMatchObject({ requests: 10 });
    await rollOver(sim);
    expect(used((await one()).json)).toMatchObject({ requests: 1 });
  });

  it('EXO-17 says it with 429, with and without Retry-After, where that is set', async () => {
    for (let i = 0; i < 10; i++) await one();
    await sim.clock.advance(2_500);
    await sim.actions.run('set-answers', { limitStatus: 429 });
    const bare = await one();
    expect([bare.status, bare.text, bare.headers.has('retry-after')]).toEqual([429, TOO_MANY, false]);
    await sim.actions.run('set-answers', { limitRetryAfter: true });
    const told = await one();
    expect([told.status, told.text, told.headers.get('retry-after')]).toEqual([429, TOO_MANY, '8']);
  });

  it('EXO-15 adds up execution time, and refuses when the window holds too much of it', async () => {
    await sim.actions.run('spend-budget', { token: 'admin', requests: 2, timeMs: 100_000 });
    expect(used((await one()).json)).toEqual({ query: 0, time: 100_000, requests: 3, cost: 0 });
    const refused = await one();
    expect([refused.status, refused.text]).toEqual([200, '{"errors":[{"message":"ExceededRateLimitTime"}]}']);
    expect((await one(TOKENS.viewer)).status).toBe(200);
    await rollOver(sim);
    expect(used((await one()).json)).toEqual({ query: 0, time: 0, requests: 1, cost: 0 });
  });

  it('EXO-15 lets another client of the token spend the budget', async () => {
    await sim.actions.run('spend-budget', { token: fingerprint(TOKENS.admin), requests: 8 });
    expect(used((await one()).json)).toMatchObject({ requests: 9 });
    await one();
    expect((await one()).text).toBe(TOO_MANY);
  });

  it('EXO-15 limits the whole instance where that is set', async () => {
    await sim.actions.run('set-limits', { instanceRequests: 4 });
    for (const token of [TOKENS.admin, TOKENS.viewer, TOKENS.admin, TOKENS.manager]) {
      expect(dig((await one(token)).json, 'data')).toBeDefined();
    }
    expect((await one(TOKENS.customerA)).text).toBe(TOO_MANY);
    await rollOver(sim);
    expect(dig((await one(TOKENS.customerA)).json, 'data')).toBeDefined();
  });

  it('EXO-14 EXO-16 reports a time that grows with what is selected, the same everywhere', async () => {
    const timeOf = async (query: string) => {
      const { json } = await ask(sim, query);
      const time = dig(json, 'extensions', 'cost', 'time');
      expect(dig(json, 'extensions', 'cost', 'usage', 'time')).toBe(time);
      return time;
    };
    expect(await timeOf('{ products { pid } }')).toBe(20);
    expect(await timeOf('{ assets(pagination: {limit: 10}) { id } }')).toBe(40);
    expect(await timeOf('{ assets(pagination: {limit: 10, offset: 2}) { signals { id } } }')).toBe(80);
    // 80 signals with 5 points each.
    expect(
      await timeOf(
        '{ assets(pagination: {limit: 10, offset: 2}) { signals { data(options: {limit: 5}) { value } } } }',
      ),
    ).toBe(88);
    expect(await sim.actions.run('budget', { token: 'admin' })).toEqual({ requests: 4, timeMs: 228 });
    await again({ answers: { rateTimeIncludesCurrent: true } });
    expect(used((await one()).json)).toEqual({ query: 0, time: 22, requests: 1, cost: 0 });
  });

  it('EXO-14 waits the time where that is set; a request counts from its start', async () => {
    await again({ execution: { scale: 1, baseMs: 3_000 } });
    let answered = false;
    const slow = one().finally(() => {
      answered = true;
    });
    const usage = () => sim.state.rates.usage(sim.state.accounts.findToken('admin')?.id ?? '');
    while (usage().requests === 0) await new Promise(setImmediate);
    await sim.clock.advance(3_001);
    expect(answered).toBe(false);
    await sim.clock.advance(1);
    expect(dig((await slow).json, 'extensions', 'cost', 'time')).toBe(3_002);
    expect(usage()).toEqual({ requests: 1, timeMs: 3_002 });
    await sim.clock.advance(6_999);
    expect(usage().requests).toBe(0);
  });

  it('EXO-14 gives up what takes too long: 504 without a word of GraphQL, and ten seconds are counted', async () => {
    await sim.actions.run('slow-execution', { factor: 500 });
    const html = await one();
    expect([html.status, html.headers.get('content-type'), html.json]).toEqual([504, 'text/html', undefined]);
    expect(html.text).toContain('504');
    expect(await sim.actions.run('budget', { token: 'admin' })).toEqual({ requests: 1, timeMs: 10_000 });
    await sim.actions.run('set-answers', { timeout: 'empty' });
    expect([(await one()).status, (await one()).text]).toEqual([504, '']);
    await sim.actions.run('set-answers', { timeout: 'cut' });
    await expect(one()).rejects.toThrow();
    await sim.actions.run('set-answers', { timeout: 'named' });
    expect((await one()).text).toBe('{"errors":[{"message":"ExceededMaximumTime"}]}');
    await sim.actions.run('slow-execution', { factor: 1 });
    expect(dig((await one()).json, 'data')).toBeDefined();
    expect(sim.journal.count({ detail: 'timeout' })).toBe(4);
  });

  it('EXO-14 gives up a selection that is too large, and not the two halves of it', async () => {
    await sim.actions.run('slow-execution', { factor: 100 });
    const read = (limit: number, offset: number) =>
      ask(
        sim,
        `{ assets(pagination: {limit: ${limit}, offset: ${offset}}) { signals { data(options: {limit: 5}) { value } } } }`,
      );
    expect((await read(12, 0)).status).toBe(504);
    expect([(await read(6, 0)).status, (await read(6, 6)).status]).toEqual([200, 200]);
  });

  it('EXO-21 exceeds memory with the data of too many assets, where that is set', async () => {
    await again({ devices: 60 });
    const read = (limit: number) =>
      ask(sim, `{ assets(pagination: {limit: ${limit}}) { signals { data(options: {limit: 1}) { value } } } }`);
    expect(dig((await read(60)).json, 'data')).toBeDefined();
    await sim.actions.run('memory-fault');
    const { json } = await read(51);
    expect([dig(json, 'data'), dig(json, 'errors', 0, 'message')]).toEqual([
      undefined,
      expect.stringMatching(/memory/i),
    ]);
    expect(dig((await read(50)).json, 'data')).toBeDefined();
    await sim.actions.run('memory-fault', { assets: 0 });
    expect(dig((await read(60)).json, 'data')).toBeDefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { PermissionDeniedError, UnavailableError } from '@tributary/contracts';
import type { Poll } from './contract.ts';
import { Limitations } from './limitations.ts';
import { PermittedPoll, type PermittedPollOptions } from './permitted-poll.ts';

const HOUR_MS = 3_600_000;

function setUp(rest?: PermittedPollOptions['rest']) {
  const state = { failure: new PermissionDeniedError('no') as Error | undefined, runs: 0 };
  const poll: Poll = {
    schedule: 'logs',
    run: async function* () {
      state.runs += 1;
      if (state.failure) throw state.failure;
      yield { items: [], checkpoint: { at: 7 } };
    },
  };
  const limitations = new Limitations();
  const options = { limitations, what: 'log', text: 'the log may not be read', ...(rest ? { rest } : {}) };
  const permitted = new PermittedPoll(poll, options);
  const round = async () => {
    const pages = [];
    for await (const page of permitted.run(undefined, new AbortController().signal)) pages.push(page);
    return pages;
  };
  return { state, limitations, permitted, round };
}

describe('a poll that may be forbidden', () => {
  it('is said and is no failure; other failures are; all it gives is passed on', async () => {
    const { state, limitations, permitted, round } = setUp();
    expect(permitted.schedule).toBe('logs');
    expect(await round()).toEqual([]);
    expect(limitations.list()).toEqual(['the log may not be read']);
    state.failure = new UnavailableError('away');
    await expect(round()).rejects.toThrow('away');
    expect(limitations.list()).toEqual(['the log may not be read']);
    state.failure = undefined;
    expect(await round()).toEqual([{ items: [], checkpoint: { at: 7 } }]);
    expect(limitations.list()).toEqual([]);
    expect(state.runs).toBe(3);
  });

  it('rests after a refusal where it is told to, and then tries again', async () => {
    let nowMs = 1;
    const { state, limitations, round } = setUp({ ms: HOUR_MS, clock: { now: () => nowMs } });
    await round();
    nowMs += HOUR_MS - 1;
    await round();
    expect(state.runs).toBe(1);
    expect(limitations.list()).toEqual(['the log may not be read']);
    nowMs += 1;
    state.failure = undefined;
    await round();
    expect(state.runs).toBe(2);
    expect(limitations.list()).toEqual([]);
  });
});

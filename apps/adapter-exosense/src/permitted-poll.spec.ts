import { describe, expect, it } from '@jest/globals';
import { type Clock, Limitations, type Poll } from '@tributary/adapter-kit';
import { PermissionDeniedError, UnavailableError } from '@tributary/contracts';
import { PermittedPoll } from './permitted-poll.ts';

describe('a poll that the role forbids', () => {
  it('is said, rests for an hour, and is no failure; others are', async () => {
    let failure: Error | undefined = new PermissionDeniedError('no');
    let runs = 0;
    let nowMs = 1;
    const poll: Poll = {
      schedule: 'logs',
      run: async function* () {
        runs += 1;
        if (failure) throw failure;
        yield { items: [] };
      },
    };
    const limitations = new Limitations();
    const clock = { now: () => nowMs } as Clock;
    const permitted = new PermittedPoll(poll, { what: 'the log', limitations, clock });
    const round = async () => {
      for await (const _page of permitted.run(undefined, new AbortController().signal));
    };
    await round();
    await round();
    expect(runs).toBe(1);
    expect(limitations.list()).toEqual(["the token's role does not allow reading the log"]);
    nowMs += 3_600_000;
    failure = new UnavailableError('away');
    await expect(round()).rejects.toThrow('away');
    failure = undefined;
    await round();
    expect(limitations.list()).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { OneAtATime } from './one-at-a-time.ts';

function setUp() {
  const turns = new OneAtATime();
  const log: string[] = [];
  const work = (key: string, name: string) => {
    const { promise: end, resolve, reject } = Promise.withResolvers<string>();
    const done = turns.run(key, () => {
      log.push(`${name} begins`);
      return end;
    });
    return { done, end: () => resolve(name), fail: () => reject(new Error(name)) };
  };
  const soon = () => new Promise(setImmediate);
  return { turns, log, work, soon };
}

describe('OneAtATime', () => {
  it('does the work of one key in the order asked for, and that of others beside it', async () => {
    const { log, work, soon } = setUp();
    const [first, second, third] = [work('a', 'a1'), work('a', 'a2'), work('a', 'a3')];
    const other = work('b', 'b1');
    await soon();
    expect(log).toEqual(['a1 begins', 'b1 begins']);
    other.end();
    first.end();
    expect(await first.done).toBe('a1');
    await soon();
    expect(log).toEqual(['a1 begins', 'b1 begins', 'a2 begins']);
    second.end();
    third.end();
    expect(await third.done).toBe('a3');
  });

  it('goes on after a failure, which only its own caller is told', async () => {
    const { work } = setUp();
    const [first, second] = [work('a', 'a1'), work('a', 'a2')];
    first.fail();
    second.end();
    await expect(first.done).rejects.toThrow('a1');
    expect(await second.done).toBe('a2');
  });

  it('is idle when all that is under way has ended, well or not', async () => {
    const { turns, work, soon } = setUp();
    const [first, second] = [work('a', 'a1'), work('b', 'b1')];
    const refused = expect(second.done).rejects.toThrow('b1');
    let idle = false;
    const waiting = turns.idle().then(() => {
      idle = true;
    });
    first.end();
    await soon();
    expect(idle).toBe(false);
    second.fail();
    await refused;
    await waiting;
    expect(idle).toBe(true);
  });
});

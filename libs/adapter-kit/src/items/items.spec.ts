import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@tributary/runtime';
import { z } from 'zod';
import { each } from './each.ts';
import { ItemReader, type SetAside } from './items.ts';

describe('items', () => {
  it('gives what fits and sets the rest aside with its place and reason, never its value', () => {
    const aside: SetAside[] = [];
    const reader = new ItemReader({ log: silentLogger, now: () => 0, onSetAside: (item) => aside.push(item) });
    const list = [{ id: 'a' }, { id: { secret: 1 } }, null, { id: 'b' }];
    expect(reader.read(z.object({ id: z.string() }), list, 'device')).toEqual([{ id: 'a' }, { id: 'b' }]);
    expect(aside).toEqual([
      { what: 'device', index: 1, problems: 'id (invalid_type)' },
      { what: 'device', index: 2, problems: '(all) (invalid_type)' },
    ]);
    expect(reader.setAside).toBe(2);
  });

  it('goes on after an item nested deep enough to exhaust the stack', () => {
    let deep: unknown = [];
    for (let n = 0; n < 200_000; n++) deep = [deep];
    const reader = new ItemReader({ log: silentLogger, now: () => 0 });
    expect(reader.read(z.json(), [deep, 1], 'value')).toEqual([1]);
  });
});

describe('each', () => {
  const forever = new AbortController().signal;

  it('runs all, never more than so many at once', async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    const work = async (n: number) => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running -= 1;
      done.push(n);
    };
    await each([1, 2, 3, 4, 5, 6, 7], 3, work, forever);
    expect(done.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it('stops at the first failure, aborts the rest and waits for them', async () => {
    const started: number[] = [];
    let ended = 0;
    const work = async (n: number, signal: AbortSignal) => {
      started.push(n);
      if (n === 2) throw new Error('two');
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      ended += 1;
    };
    await expect(each([1, 2, 3, 4], 2, work, forever)).rejects.toThrow('two');
    expect(started).toEqual([1, 2]);
    expect(ended).toBe(1);
  });

  it('rejects with the reason of the caller’s abort', async () => {
    const stop = new AbortController();
    const work = async () => stop.abort(new Error('enough'));
    await expect(each([1, 2], 1, work, stop.signal)).rejects.toThrow('enough');
    await expect(each([], 0, work, forever)).rejects.toThrow(RangeError);
  });
});

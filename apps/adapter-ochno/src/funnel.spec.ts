import { describe, expect, it } from '@jest/globals';
import { Funnel } from './funnel.ts';

const never = new AbortController().signal;

describe('Funnel', () => {
  it('gives everything in the order in which it came, and then how it ended', async () => {
    const funnel = new Funnel<number>(10);
    await funnel.put(1);
    await funnel.put(2);
    funnel.end(new Error('over'));
    const got: number[] = [];
    const read = async () => {
      for await (const batch of funnel.read(never)) got.push(...batch);
    };
    await expect(read()).rejects.toThrow('over');
    expect(got).toEqual([1, 2]);
  });

  it('holds writers back while the reader is behind, and lets them go when it leaves', async () => {
    const funnel = new Funnel<number>(2);
    const progress: string[] = [];
    await funnel.put(1);
    const second = funnel.put(2).then(() => progress.push('second'));
    await new Promise(setImmediate);
    expect(progress).toEqual([]);
    const reader = funnel.read(never);
    expect((await reader.next()).value).toEqual([1, 2]);
    await second;
    await funnel.put(3);
    const fourth = funnel.put(4);
    await reader.return(undefined as never);
    await fourth;
  });

  it('stops with the signal', async () => {
    const stop = new AbortController();
    const reading = new Funnel<number>(2).read(stop.signal).next();
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});

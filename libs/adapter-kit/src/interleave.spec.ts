import { describe, expect, it } from '@jest/globals';
import { interleave } from './interleave.ts';

const never = new AbortController().signal;

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

describe('interleave', () => {
  it('brings every item of every input, and keeps to the concurrency', async () => {
    let open = 0;
    let most = 0;
    const found = await collect(
      interleave(
        [1, 2, 3, 4, 5],
        2,
        async function* (n) {
          most = Math.max(most, ++open);
          for (let i = 0; i < n; i++) yield `${n}.${i}`;
          open--;
        },
        never,
      ),
    );
    expect(found).toHaveLength(15);
    expect(new Set(found).size).toBe(15);
    expect(most).toBe(2);
  });

  it('throws the first failure after the others were told to stop', async () => {
    const seen: AbortSignal[] = [];
    const source = interleave(
      ['good', 'bad'],
      2,
      async function* (name, signal) {
        seen.push(signal);
        if (name === 'bad') throw new RangeError('bad');
        yield name;
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      },
      never,
    );
    await expect(collect(source)).rejects.toThrow('bad');
    expect(seen.every((signal) => signal.aborted)).toBe(true);
  });

  it('stops what runs when its reader leaves early', async () => {
    let ended = false;
    const source = interleave(
      [0],
      1,
      async function* () {
        try {
          for (let i = 0; ; i++) yield i;
        } finally {
          ended = true;
        }
      },
      never,
    );
    for await (const item of source) if (item === 3) break;
    expect(ended).toBe(true);
  });

  it('does not begin when the signal is already aborted', async () => {
    const work = async function* () {
      yield 1;
    };
    await expect(collect(interleave([1], 1, work, AbortSignal.abort(new Error('off'))))).rejects.toThrow('off');
  });
});

import { describe, expect, it } from '@jest/globals';
import { WorkspaceFence } from '@tributary/database';
import { inThisContext } from './this-context.ts';

const fence = new WorkspaceFence();

async function* served(left: { closed: boolean }): AsyncGenerator<string | undefined> {
  try {
    for (;;) yield fence.served();
  } finally {
    left.closed = fence.served() === 'ant';
  }
}

describe('what is made item by item', () => {
  it('is made on behalf of whom it began for, whoever asks for it, to its end', async () => {
    const left = { closed: false };
    const mine = fence.within('ant', () => inThisContext(served(left)));
    const seen: unknown[] = [];
    await fence.within('bee', async () => {
      for await (const item of mine) if (seen.push(item) === 2) break;
    });
    expect({ seen, ...left }).toEqual({ seen: ['ant', 'ant'], closed: true });
  });

  it('fails outside a request otherwise', async () => {
    const items = fence.within('ant', () => served({ closed: false }));
    await expect(items.next()).rejects.toThrow('outside a request');
  });
});

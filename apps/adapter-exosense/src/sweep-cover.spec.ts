import { describe, expect, it } from '@jest/globals';
import { LAG_MS, madeUp, newestAlone, SweepCover } from './sweep-cover.ts';

const AT = 1_000_000;
const watch = (device: string, wholeUntilMs: number, trouble?: string) => ({ device, wholeUntilMs, trouble });

describe('what a sweep of the newest values covers', () => {
  it('is nothing at first, for nothing overlaps, and from then on whatever all assets have been read for', () => {
    const cover = new SweepCover();
    cover.begin(undefined);
    expect(cover.swept([watch('a', AT), watch('b', AT + 5)])).toEqual([]);
    expect(cover.swept([watch('a', AT + 100), watch('b', AT + 90)])).toEqual([
      { fromMs: AT - LAG_MS, toMs: AT + 90 - LAG_MS },
    ]);
  });

  it('goes on from the checkpoint after a restart', () => {
    const cover = new SweepCover();
    cover.begin(AT);
    expect(cover.swept([watch('a', AT + 100)])).toEqual([{ fromMs: AT - LAG_MS, toMs: AT + 100 - LAG_MS }]);
  });

  it('names what could not be read beside it, and says exceptions in the same breath', () => {
    const cover = new SweepCover();
    cover.begin(AT);
    cover.except([newestAlone('a', 's', AT + 1 - LAG_MS, AT + 2 - LAG_MS)]);
    const said = cover.swept([watch('a', AT + 100), watch('b', AT, 'malformed-response'), watch('c', AT, 'not-found')]);
    expect(said).toMatchObject([
      { fromMs: AT - LAG_MS, toMs: AT + 100 - LAG_MS },
      { device: 'b', state: 'missing', toMs: AT + 100 - LAG_MS },
      { device: 'c', state: 'unrecoverable' },
      { device: 'a', signal: 's', state: 'partial' },
    ]);
    expect(cover.swept([watch('a', AT + 200)])).toHaveLength(1);
  });

  it('says an exception with what is said of all devices at its time, which would hold for it later on', () => {
    const cover = new SweepCover();
    cover.begin(AT);
    cover.except([newestAlone('a', 's', AT, AT + 150)]);
    expect(cover.swept([watch('a', AT + LAG_MS - 1)])).toHaveLength(1);
    expect(cover.swept([watch('a', AT + LAG_MS + 100)])).toMatchObject([
      { fromMs: AT - 1, toMs: AT + 100 },
      { signal: 's', fromMs: AT, toMs: AT + 100, state: 'partial' },
    ]);
    expect(cover.swept([watch('a', AT + LAG_MS + 200)])).toMatchObject([
      { fromMs: AT + 100, toMs: AT + 200 },
      { signal: 's', fromMs: AT + 100, toMs: AT + 150, state: 'partial' },
    ]);
    expect(cover.swept([watch('a', AT + LAG_MS + 300)])).toHaveLength(1);
  });

  it('makes up for an asset that is read again', () => {
    expect(madeUp('a', AT, AT + LAG_MS + 1)).toEqual([{ device: 'a', fromMs: AT, toMs: AT + 1 }]);
    expect(madeUp('a', AT, AT)).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { besides, slice, TailCover } from './telemetry.cover.ts';

describe('what live data covers', () => {
  it('is one stretch a round for all devices', () => {
    const cover = new TailCover();
    expect(cover.round({ fromMs: 0, toMs: 10 }, 0)).toEqual([{ fromMs: 0, toMs: 10 }]);
    expect(cover.round({ fromMs: 10, toMs: 10 }, 0)).toEqual([]);
  });

  it('is a part while a stream is refused, and whole once all have been read from where they were left', () => {
    const cover = new TailCover();
    cover.round({ fromMs: 0, toMs: 10 }, 0);
    expect(cover.round({ fromMs: 10, toMs: 20 }, 2)).toMatchObject([{ fromMs: 10, toMs: 20, state: 'partial' }]);
    expect(cover.round({ fromMs: 20, toMs: 30 }, 1)).toMatchObject([{ fromMs: 20, toMs: 30, state: 'partial' }]);
    expect(cover.round({ fromMs: 30, toMs: 40 }, 0)).toEqual([{ fromMs: 10, toMs: 40 }]);
    expect(cover.round({ fromMs: 40, toMs: 50 }, 0)).toEqual([{ fromMs: 40, toMs: 50 }]);
  });

  it('leaves what is read beside it to be read by nobody else', () => {
    const gaps = [
      { fromMs: 0, toMs: 10 },
      { fromMs: 0, toMs: 10, stream: 'Meter' },
    ];
    expect(besides(gaps)).toMatchObject([{ fromMs: 0, toMs: 10, state: 'partial' }]);
  });

  it('is a slice of what was missed, and nothing where the slice is of one stream', () => {
    expect(slice({ fromMs: 0, toMs: 100 }, { fromMs: 90, toMs: 100 }, 0)).toEqual([{ fromMs: 90, toMs: 100 }]);
    expect(slice({ fromMs: 0, toMs: 100 }, { fromMs: 90, toMs: 100 }, 1)).toMatchObject([{ state: 'partial' }]);
    expect(slice({ fromMs: 0, toMs: 100, stream: 'Meter' }, { fromMs: 90, toMs: 100 }, 0)).toEqual([]);
  });
});

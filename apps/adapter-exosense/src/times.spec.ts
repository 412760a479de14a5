import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readTime } from './times.ts';

const from = Date.UTC(1980, 0, 1);
const to = Date.UTC(2200, 0, 1);

describe('times of the platform', () => {
  it('are read alike whether written in seconds, milliseconds, microseconds or as text', () => {
    fc.assert(
      fc.property(fc.integer({ min: from, max: to }), fc.integer({ min: 0, max: 999 }), (ms, micros) => {
        const iso = new Date(ms).toISOString();
        expect(readTime(ms)).toBe(ms);
        expect(readTime(String(ms))).toBe(ms);
        expect(readTime(Math.floor(ms / 1000))).toBe(Math.floor(ms / 1000) * 1000);
        expect(readTime(ms * 1000 + micros)).toBe(ms);
        expect(readTime(iso)).toBe(ms);
        expect(readTime(iso.replace('Z', `${String(micros).padStart(3, '0')}Z`))).toBe(ms);
        expect(readTime(iso.replace('Z', ''))).toBe(ms);
        expect(readTime(iso.replace('T', ' ').replace('Z', ''))).toBe(ms);
        expect(readTime(iso.replace('Z', '+00:00'))).toBe(ms);
      }),
    );
  });

  it.each([null, undefined, '', 'yesterday', '12:00', -1, Number.NaN, 1e30, 'Mon, 01 Jan 2026'])(
    '%p is none',
    (written) => {
      expect(readTime(written)).toBeUndefined();
    },
  );
});

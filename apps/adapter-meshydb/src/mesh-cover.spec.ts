import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MeshCover } from './mesh-cover.ts';

describe('what the polls of several meshes cover', () => {
  it('never reaches beyond what all of them have read, and has no seam', () => {
    const step = fc.record({ mesh: fc.constantFrom('a', 'b', 'c'), pauseMs: fc.integer({ min: 0, max: 5 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const cover = new MeshCover(['a', 'b', 'c']);
        const readTo = new Map<string, number>();
        let [nowMs, spokenMs] = [100, undefined as number | undefined];
        for (const { mesh, pauseMs } of steps) {
          nowMs += pauseMs;
          const goesOn = readTo.has(mesh);
          const said = cover.read(mesh, { fromMs: readTo.get(mesh) ?? 90, toMs: nowMs, goesOn });
          readTo.set(mesh, nowMs);
          for (const { fromMs, toMs } of said) {
            expect(readTo.size).toBe(3);
            expect(fromMs).toBe(spokenMs ?? 90);
            expect(toMs).toBe(Math.min(...readTo.values()));
            spokenMs = toMs;
          }
        }
        if (readTo.size === 3) expect(spokenMs).toBe(Math.min(...readTo.values()));
      }),
    );
  });

  it('goes on behind a restart without leaving anything out', () => {
    const cover = new MeshCover(['a', 'b']);
    expect(cover.read('a', { fromMs: 40, toMs: 100, goesOn: true })).toEqual([]);
    expect(cover.read('b', { fromMs: 10, toMs: 101, goesOn: true })).toEqual([{ fromMs: 10, toMs: 100 }]);
  });

  it('begins, for a mesh that is new, where that was first read', () => {
    const cover = new MeshCover(['a', 'b']);
    cover.read('a', { fromMs: 40, toMs: 100, goesOn: true });
    expect(cover.read('b', { fromMs: 60, toMs: 100, goesOn: false })).toEqual([{ fromMs: 60, toMs: 100 }]);
  });

  it('is a part while one of them may not be read, and says nothing again after memory was lost', () => {
    const cover = new MeshCover(['a', 'b']);
    cover.refuse('b');
    expect(cover.read('a', { fromMs: 0, toMs: 10, goesOn: true })).toMatchObject([{ state: 'partial' }]);
    cover.forget('a');
    expect(cover.read('a', { fromMs: 8, toMs: 20, goesOn: true })).toMatchObject([{ fromMs: 8, toMs: 20 }]);
    // The right was given.
    expect(cover.read('b', { fromMs: 0, toMs: 20, goesOn: false })).toEqual([]);
    expect(cover.read('a', { fromMs: 20, toMs: 30, goesOn: true })).toEqual([]);
    expect(cover.read('b', { fromMs: 20, toMs: 30, goesOn: true })).toEqual([{ fromMs: 20, toMs: 30 }]);
  });
});

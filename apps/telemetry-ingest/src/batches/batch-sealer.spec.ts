import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@tributary/runtime';
import fc from 'fast-check';
import { BatchSealer, type SealLimits } from './batch-sealer.ts';

const limits: SealLimits = { points: 10, bytes: 1_000, lingerMs: 100, slots: 2 };

function sealer(overrides: Partial<SealLimits> = {}) {
  const clock = new ManualClock();
  const batches: number[][] = [];
  const it = new BatchSealer<number>({ ...limits, ...overrides }, clock, (batch) => batches.push(batch));
  return { clock, batches, sealer: it };
}

describe('BatchSealer', () => {
  it('seals at once when idle', async () => {
    const { clock, batches, sealer: s } = sealer();
    s.add(1, { points: 1, bytes: 10 });
    s.add(2, { points: 1, bytes: 10 });
    await clock.advance(0);
    expect(batches).toEqual([[1, 2]]);
  });

  it('lingers only while a batch is under way', async () => {
    const { clock, batches, sealer: s } = sealer();
    s.add(1, { points: 1, bytes: 10 });
    await clock.advance(0);
    s.add(2, { points: 1, bytes: 10 });
    await clock.advance(99);
    expect(batches).toEqual([[1]]);
    await clock.advance(1);
    expect(batches).toEqual([[1], [2]]);
  });

  it('seals what waits as soon as the last batch is through', async () => {
    const { clock, batches, sealer: s } = sealer();
    s.add(1, { points: 1, bytes: 10 });
    await clock.advance(0);
    s.add(2, { points: 1, bytes: 10 });
    s.done();
    await clock.advance(0);
    expect(batches).toEqual([[1], [2]]);
  });

  it('seals by size without waiting, by points and by bytes', async () => {
    const { batches, sealer: s } = sealer();
    s.add(1, { points: 4, bytes: 10 });
    s.add(2, { points: 6, bytes: 10 });
    expect(batches).toEqual([[1, 2]]);
    s.add(3, { points: 1, bytes: 999 });
    s.add(4, { points: 1, bytes: 999 });
    expect(batches).toEqual([[1, 2], [3]]);
  });

  it('keeps growing while all slots are taken, and then seals full batches only', async () => {
    const { clock, batches, sealer: s } = sealer({ slots: 1 });
    s.add(0, { points: 10, bytes: 1 });
    for (let i = 1; i <= 25; i += 1) s.add(i, { points: 1, bytes: 1 });
    await clock.advance(1_000);
    expect(batches.length).toBe(1);
    s.done();
    expect(batches.at(-1)).toHaveLength(10);
    s.done();
    expect(batches.at(-1)).toHaveLength(10);
    s.done();
    await clock.advance(0);
    expect(batches.at(-1)).toEqual([21, 22, 23, 24, 25]);
  });

  it('seals nothing while held, and gives back what it has', async () => {
    const { clock, batches, sealer: s } = sealer();
    s.hold();
    for (let i = 0; i < 30; i += 1) s.add(i, { points: 1, bytes: 1 });
    await clock.advance(10_000);
    expect(batches).toEqual([]);
    expect(s.clear()).toHaveLength(30);
    s.release();
    await clock.advance(1_000);
    expect(batches).toEqual([]);
    expect(s.waitingPoints).toBe(0);
  });

  it('a batch of one item heavier than the limit', () => {
    const { batches, sealer: s } = sealer();
    s.add(1, { points: 500, bytes: 5_000 });
    expect(batches).toEqual([[1]]);
  });

  it('loses nothing, keeps the order, and never exceeds its limits or slots', async () => {
    const action = fc.oneof(
      fc.record({ add: fc.integer({ min: 1, max: 9 }), bytes: fc.integer({ min: 1, max: 700 }) }),
      fc.constant('done' as const),
      fc.record({ wait: fc.integer({ min: 0, max: 150 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        const clock = new ManualClock();
        const weights = new Map<number, { points: number; bytes: number }>();
        const seen: number[] = [];
        let open = 0;
        const s = new BatchSealer<number>(limits, clock, (batch) => {
          open += 1;
          expect(open).toBeLessThanOrEqual(limits.slots);
          const sum = (key: 'points' | 'bytes') => batch.reduce((n, id) => n + (weights.get(id)?.[key] ?? 0), 0);
          if (batch.length > 1) {
            expect(sum('points')).toBeLessThanOrEqual(limits.points);
            expect(sum('bytes')).toBeLessThanOrEqual(limits.bytes);
          }
          seen.push(...batch);
        });
        const finish = () => {
          open -= 1;
          s.done();
        };
        let next = 0;
        for (const a of actions) {
          if (a === 'done') {
            if (open > 0) finish();
          } else if ('wait' in a) await clock.advance(a.wait);
          else {
            weights.set(next, { points: a.add, bytes: a.bytes });
            s.add(next, { points: a.add, bytes: a.bytes });
            next += 1;
          }
        }
        for (let i = 0; i <= next * 2 && seen.length < next; i += 1) {
          if (open > 0) finish();
          await clock.advance(limits.lingerMs);
        }
        expect(seen).toEqual(Array.from({ length: next }, (_, i) => i));
      }),
      { numRuns: 150 },
    );
  });
});

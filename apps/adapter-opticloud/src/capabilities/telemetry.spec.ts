import { describe, expect, it } from '@jest/globals';
import type { OpticloudClient } from '../client.ts';
import type { SeriesRow } from '../wire.ts';
import { planRanges, TelemetryLook } from './telemetry.ts';

const row = (key: string, ts: number) => ({ key, ts, value: 1 });
const starts = { deep: true, fromMs: 1000, deepFromMs: 700 };

describe('planRanges', () => {
  it('reads the look-back of signals that speak, and nothing of those that are silent', () => {
    const before = new Map([
      ['steady', 1100],
      ['silent', 200],
    ]);
    expect(planRanges([row('steady', 1200), row('silent', 200)], before, starts)).toEqual([
      { keys: ['steady'], fromMs: 1000 },
    ]);
  });

  it('reads a signal that returns from where it fell silent', () => {
    const before = new Map([
      ['steady', 1100],
      ['back', 300],
      ['back too', 500],
    ]);
    const latest = [row('steady', 1200), row('back', 1200), row('back too', 1300)];
    expect(planRanges(latest, before, starts)).toEqual([
      { keys: ['steady'], fromMs: 1000 },
      { keys: ['back', 'back too'], fromMs: 301 },
    ]);
  });

  it('reads a signal that is new with the whole look-back', () => {
    const before = new Map([['steady', 1100]]);
    expect(planRanges([row('new', 800)], before, starts)).toEqual([{ keys: ['new'], fromMs: 700 }]);
    expect(planRanges([row('new', 600)], before, starts)).toEqual([]);
  });

  it('asks for nothing between deep looks when nothing is newer', () => {
    const before = new Map([
      ['a', 1100],
      ['b', 1100],
    ]);
    const shallow = { ...starts, deep: false };
    expect(planRanges([row('a', 1100), row('b', 1100)], before, shallow)).toEqual([]);
    expect(planRanges([row('a', 1100), row('b', 1200)], before, shallow)).toEqual([{ keys: ['b'], fromMs: 1000 }]);
  });

  it('reads everything recent at a first look', () => {
    const first = { deep: true, fromMs: 700, deepFromMs: 700 };
    expect(planRanges([row('a', 800), row('b', 100)], undefined, first)).toEqual([{ keys: ['a'], fromMs: 700 }]);
  });
});

describe('a look', () => {
  const SECOND = 1_000;
  const AT = Date.UTC(2026, 2, 1);
  const settings = {
    ...{ firstLook: 0, longestRest: 0, slice: 0, pageSize: 1_000, values: 'native' as const },
    ...{ lookBack: 300 * SECOND, lateEvery: 60 * SECOND },
  };
  const call = { lane: 'live' as const, signal: new AbortController().signal };

  /** A platform that holds values of one signal, and a look that visits its only device. */
  function start() {
    const held: SeriesRow[] = [];
    const client = {
      latest: async (): Promise<SeriesRow[]> => held.toSorted((a, b) => b.ts - a.ts).slice(0, 1),
      range: async (_device: string, { fromMs, toMs }: { fromMs: number; toMs: number }) => ({
        rows: held.filter(({ ts }) => ts >= fromMs && ts <= toMs).toSorted((a, b) => a.ts - b.ts),
        full: [],
      }),
    } as unknown as OpticloudClient;
    const connect = () => new TelemetryLook(client, settings, { heard: () => undefined });
    const hold = (second: number) => held.push({ key: 's', ts: AT + second * SECOND, value: second });
    return { connect, hold };
  }

  /** What a visit brings, which follows one at `since`; seconds. */
  async function visit(look: TelemetryLook, since: number, now: number): Promise<number[]> {
    const window = { fromMs: AT + since * SECOND - settings.lookBack, toMs: AT + now * SECOND };
    const found: number[] = [];
    for await (const observation of look.visit('d', window, call)) {
      if (observation.type === 'points') found.push(...observation.points.map(({ tsMs = 0 }) => (tsMs - AT) / SECOND));
    }
    return found;
  }

  it('finds what came late right after a deep look, and what came late before a restart', async () => {
    const { connect, hold } = start();
    const look = connect();
    for (const second of [400, 500, 590, 600]) hold(second);
    expect(await visit(look, 590, 600)).toEqual(expect.arrayContaining([400, 500, 590, 600]));
    hold(301);
    hold(610);
    for (const now of [610, 620, 630, 640, 650]) {
      hold(now);
      expect(await visit(look, now - 10, now)).not.toContain(301);
    }
    // Whoever comes now knows only when the last look was.
    expect(await visit(connect(), 650, 651)).toContain(301);
    hold(660);
    expect(await visit(look, 650, 660)).toContain(301);
    hold(720);
    expect(await visit(look, 660, 720)).not.toContain(301);
  });
});

import { describe, expect, it } from '@jest/globals';
import { MalformedResponseError, PermissionDeniedError, UnavailableError } from '@tributary/contracts';
import { ManualClock, silentLogger } from '@tributary/runtime';
import type { Checkpoint, Observation } from '../contract.ts';
import { type Look, Sweep, type SweepOptions, type Window } from './sweep.ts';

const START = Date.UTC(2026, 0, 1);
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const never = new AbortController().signal;

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

/** A sweep over named devices, with what each visit was asked and a way to make visits fail. */
function setUp(devices: string[], options: Partial<SweepOptions> = {}) {
  const clock = new ManualClock(START);
  const visits: [string, Window][] = [];
  const failing = new Map<string, Error>();
  const quiet = new Set<string>();
  let forgotten = 0;
  const visit: Look['visit'] = async function* (device, window) {
    visits.push([device, window]);
    const failure = failing.get(device);
    if (failure) throw failure;
    yield { type: 'points', device, origin: 'poll', points: [] } satisfies Observation;
    return !quiet.has(device);
  };
  const sweep = new Sweep(
    { clock, devices: () => devices, log: silentLogger },
    {
      schedule: 'telemetry',
      lane: 'live',
      look: { visit, forget: () => void forgotten++ },
      firstLookMs: HOUR,
      lookBackMs: 60 * SECOND,
      longestRestMs: 60 * SECOND,
      sliceMs: 6 * HOUR,
      concurrency: 2,
      ...options,
    },
  );
  const run = async (from?: Checkpoint) =>
    (await collect(sweep.run(from, never))).findLast((page) => page.checkpoint)?.checkpoint;
  const visitedNow = () =>
    visits
      .splice(0)
      .map(([device]) => device)
      .sort();
  return { clock, sweep, visits, failing, quiet, run, visitedNow, forgotten: () => forgotten };
}

describe('Sweep', () => {
  it('looks back from the checkpoint, and gives one that is flat whatever the number of devices', async () => {
    const { clock, visits, run } = setUp(['a', 'b', 'c']);
    const first = await run();
    expect(visits.map(([, { fromMs, toMs }]) => [START - fromMs, START - toMs])).toEqual(
      Array(3).fill([HOUR + 60 * SECOND, 0]),
    );
    expect(first).toEqual({ sweptUntil: START, sweep: expect.any(Number) });
    visits.splice(0);
    await clock.advance(30 * SECOND);
    await run(first);
    expect(visits.map(([, { fromMs }]) => START - fromMs)).toEqual(Array(3).fill(60 * SECOND));
  });

  it('claims nothing before there are devices', async () => {
    const { run } = setUp([]);
    expect(await run()).toBeUndefined();
  });

  it('gives a device that turns up later a first look of its own', async () => {
    const devices = ['a'];
    const { clock, visits, run } = setUp(devices);
    const first = await run();
    devices.push('b');
    visits.splice(0);
    await clock.advance(30 * SECOND);
    await run(first);
    const fresh = visits.find(([device]) => device === 'b');
    expect(fresh?.[1].fromMs).toBe(clock.now() - HOUR - 60 * SECOND);
  });

  it('lets a device without news rest, longer each time and never beyond its longest rest', async () => {
    const { clock, quiet, run, visitedNow } = setUp(['a', 'b']);
    quiet.add('b');
    let checkpoint = await run();
    visitedNow();
    const restless: number[] = [];
    for (let second = 5; second <= 300; second += 5) {
      await clock.advance(5 * SECOND);
      checkpoint = await run(checkpoint);
      if (visitedNow().includes('b')) restless.push(second);
    }
    expect(restless.slice(0, 5)).toEqual([5, 15, 35, 75, 135]);
    expect(checkpoint?.sweptUntil).toBeGreaterThanOrEqual(clock.now() - 60 * SECOND);
  });

  it('begins again at the checkpoint when what it brought may not have arrived', async () => {
    const { clock, failing, visits, run, forgotten } = setUp(['a', 'b']);
    const first = await run();
    const before = forgotten();
    await clock.advance(60 * SECOND);
    failing.set('b', new UnavailableError('away'));
    await expect(run(first)).rejects.toMatchObject({ code: 'unavailable' });
    failing.clear();
    visits.splice(0);
    await clock.advance(60 * SECOND);
    await run(first);
    expect(visits.map(([, { fromMs }]) => fromMs)).toEqual([START - 60 * SECOND, START - 60 * SECOND]);
    expect(forgotten()).toBe(before + 1);
  });

  it('reads an outage in slices, each with a checkpoint', async () => {
    const { sweep } = setUp(['a'], { sliceMs: HOUR });
    const pages = await collect(sweep.run({ sweptUntil: START - 3.5 * HOUR, sweep: 1 }, never));
    const swept = pages.flatMap((page) => page.checkpoint?.sweptUntil ?? []);
    expect(swept).toEqual([-2.5, -1.5, -0.5, 0].map((hours) => START + hours * HOUR));
  });

  it('goes on with the others when one device cannot be read, and catches up when it can', async () => {
    const { clock, failing, visits, run, sweep } = setUp(['a', 'b']);
    failing.set('b', new MalformedResponseError('no'));
    const first = await run();
    expect(first?.sweptUntil).toBe(START - HOUR);
    expect(sweep.limitations()).toEqual(['telemetry: malformed-response for 1 device(s)']);
    failing.clear();
    visits.splice(0);
    await clock.advance(60 * SECOND);
    const second = await run(first);
    expect(visits.find(([device]) => device === 'b')?.[1].fromMs).toBe(START - HOUR - 60 * SECOND);
    expect(second?.sweptUntil).toBe(clock.now());
    expect(sweep.limitations()).toEqual([]);
  });

  it('does not wait for a device that it may not see', async () => {
    const { failing, run } = setUp(['a', 'b']);
    failing.set('b', new PermissionDeniedError('no'));
    expect((await run())?.sweptUntil).toBe(START);
  });

  it('takes it for the platform when no device can be read', async () => {
    const { failing, run } = setUp(['a', 'b']);
    for (const device of ['a', 'b']) failing.set(device, new MalformedResponseError('no'));
    await expect(run()).rejects.toMatchObject({ code: 'malformed-response' });
  });

  describe('that says what it has covered', () => {
    const covers = { lagMs: 10 * SECOND };
    /** As a round of a supervisor: what it says, and where the next one begins. */
    const round = async ({ sweep }: ReturnType<typeof setUp>, from?: Checkpoint) => {
      const pages = await collect(sweep.run(from, never));
      return {
        said: pages
          .flatMap((page) => page.covers ?? [])
          .map(({ fromMs, toMs, ...rest }) => ({
            ...rest,
            from: (fromMs - START) / SECOND,
            to: (toMs - START) / SECOND,
          })),
        next: pages.findLast((page) => page.checkpoint)?.checkpoint,
      };
    };

    it('speaks for the whole connection, from round to round without a seam, up to the youngest that may be on its way', async () => {
      const set = setUp(['a', 'b', 'c'], { covers });
      const first = await round(set);
      expect(first.said).toEqual([{ from: -3_610, to: -10 }]);
      await set.clock.advance(30 * SECOND);
      const second = await round(set, first.next);
      expect(second.said).toEqual([{ from: -10, to: 20 }]);
      // Another process: it begins where the checkpoint stands, and leaves nothing out.
      const other = setUp(['a', 'b', 'c'], { covers });
      await other.clock.advance(90 * SECOND);
      expect((await round(other, second.next)).said).toEqual([{ from: 20, to: 80 }]);
    });

    it('reaches as far as the device that was looked at longest ago', async () => {
      const set = setUp(['a', 'b'], { covers });
      set.quiet.add('b');
      const { next } = await round(set);
      await set.clock.advance(2 * SECOND);
      // The quiet one rests: nothing new can be said of all of them.
      expect((await round(set, next)).said).toEqual([]);
    });

    it('names a device that cannot be read, and makes up for it when it can', async () => {
      const set = setUp(['a', 'b'], { covers });
      const { next } = await round(set);
      set.failing.set('b', new PermissionDeniedError('no'));
      await set.clock.advance(60 * SECOND);
      const second = await round(set, next);
      expect(second.said).toEqual([
        { from: -10, to: 50 },
        { device: 'b', from: -10, to: 50, state: 'missing', reason: expect.stringMatching(/may not read/) },
      ]);
      set.failing.clear();
      await set.clock.advance(60 * SECOND);
      expect((await round(set, second.next)).said).toEqual([
        { from: 50, to: 110 },
        { device: 'b', from: -60, to: 110 },
      ]);
    });

    it('says nothing when no device can be read, nor when a round does not come to its end', async () => {
      const set = setUp(['a', 'b'], { covers });
      const { next } = await round(set);
      await set.clock.advance(60 * SECOND);
      for (const device of ['a', 'b']) set.failing.set(device, new PermissionDeniedError('no'));
      expect((await round(set, next)).said).toEqual([]);
      set.failing.set('a', new UnavailableError('away'));
      await set.clock.advance(60 * SECOND);
      await expect(round(set, next)).rejects.toMatchObject({ code: 'unavailable' });
    });
  });

  it('goes on at once when the clock goes back, and reads again what the look-back holds', async () => {
    const { clock, visits, run } = setUp(['a']);
    const first = await run();
    clock.jump(240 * SECOND);
    const ahead = await run(first);
    visits.length = 0;
    clock.jump(-235 * SECOND);
    const back = await run(ahead);
    expect(visits).toHaveLength(1);
    const [, window] = visits[0] ?? [];
    expect(window?.toMs).toBe(START + 5 * SECOND);
    expect(window?.fromMs).toBeLessThanOrEqual(START - 54 * SECOND);
    expect(back?.sweptUntil).toBe(START + 5 * SECOND);
  });
});

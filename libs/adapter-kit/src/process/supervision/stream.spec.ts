import { describe, expect, it } from '@jest/globals';
import { PermissionDeniedError, UnavailableError } from '@tributary/contracts';
import { type Clock, ManualClock, silentLogger } from '@tributary/runtime';
import type { Adapter, Observation, StreamItem } from '../../contract.ts';
import { HouseClock } from '../house-clock.ts';
import { HeldLease } from '../leases/held-lease.ts';
import { DueQueue } from '../scheduling/due-queue.ts';
import { MemoryCheckpoints } from '../testing/memory-checkpoints.ts';
import { streamCheckpoint } from './stream-gap.ts';
import { StreamParts } from './stream-parts.ts';

const CONNECTION = `con_${'e'.repeat(26)}`;
type Stream = NonNullable<Adapter['stream']>;

/** A process of its own over the same clock and checkpoints; `observed` is what the broker has confirmed. */
function process(
  stream: Stream,
  shared = { clock: new ManualClock(), checkpoints: new MemoryCheckpoints() },
  time: Clock = shared.clock,
) {
  const { clock, checkpoints } = shared;
  const lease = new HeldLease({ connectionId: CONNECTION, epoch: 1, revFloor: 0n }, clock);
  lease.renewed(clock.monotonicMs(), 1e12, lease.wantedFloor(1e12));
  const observed: Observation[] = [];
  const said: string[] = [];
  const holding = { on: false };
  const streams = new StreamParts({
    adapter: { probe: async () => {}, stream },
    everyMs: 60_000,
    lease,
    checkpoints,
    devices: () => ['d'],
    observe: async (observation) => {
      if (holding.on) await new Promise(() => {});
      observed.push(observation);
    },
    due: new DueQueue(clock),
    clock: time,
    failpoint: () => undefined,
    random: () => 0.5,
    log: silentLogger,
    onOpen: (name, note) => said.push(`${name} open${note ? `: ${note}` : ''}`),
    onFailure: (name) => said.push(`${name} failed`),
    onDown: (name) => said.push(`${name} down`),
    onGone: (name) => said.push(`${name} gone`),
  });
  const stop = new AbortController();
  const ended = streams.run(stop.signal);
  return {
    ...shared,
    observed,
    said,
    holding,
    /** As SIGTERM would. */
    stop: async () => {
      stop.abort(new Error('stop'));
      await clock.advance(0);
      await ended;
    },
    /** As kill -9 would: nothing is written any more. */
    kill: () => lease.lose('killed'),
    saved: (part = '') => checkpoints.rows.get(`${CONNECTION}/${streamCheckpoint(part)}`)?.value,
    gaps: () => observed.flatMap((item) => (item.type === 'gap' ? [item.gap] : [])),
  };
}

const point = (value: number): StreamItem => ({
  type: 'points',
  device: 'd',
  origin: 'live',
  points: [{ signal: 's', value }],
});

/** Stands for as long as `standsMs` says, bringing a point each second; then it is cut. */
function source(clock: () => ManualClock, standsMs: () => number): Stream['open'] {
  return async function* (signal) {
    yield { type: 'opened' };
    const until = clock().now() + standsMs();
    while (clock().now() < until) {
      await clock().sleep(1_000, signal);
      yield point(clock().now());
    }
    throw new UnavailableError('cut');
  };
}

describe('what a stream missed', () => {
  it('is said where nothing can bring it back', async () => {
    let stands = 30_000;
    const rig = process({
      open: source(
        () => rig.clock,
        () => stands,
      ),
    });
    await rig.clock.advance(30_500);
    stands = 1e9;
    await rig.clock.advance(10_000);
    const [gap] = rig.gaps();
    expect(rig.gaps()).toHaveLength(1);
    // From a second before the last point, for what was under way, to when it stood again: half a second of backoff.
    expect((gap?.toMs ?? 0) - (gap?.fromMs ?? 0)).toBeLessThan(2_000);
    expect(rig.said.join()).toMatch(/keeps no history/);
    await rig.stop();
  });

  it('includes the millisecond in which the stream stood again', async () => {
    const ends: { toMs: number; stoodMs: number }[] = [];
    const rig = process({
      open: source(
        () => rig.clock,
        () => 30_000,
      ),
      async *repair({ toMs }) {
        ends.push({ toMs, stoodMs: rig.clock.now() });
        yield { items: [] };
      },
    });
    await rig.clock.advance(45_000);
    expect(ends.length).toBeGreaterThan(0);
    for (const { toMs, stoodMs } of ends) expect(toMs).toBe(stoodMs + 1);
    await rig.stop();
  });

  it('is asked of the adapter, again and again until that comes through, also by the next process', async () => {
    const asked: { fromMs: number; toMs: number }[] = [];
    let failing = true;
    const stream: Stream = {
      open: source(
        () => first.clock,
        () => 1e9,
      ),
      async *repair({ fromMs, toMs }) {
        asked.push({ fromMs, toMs });
        if (failing) throw new UnavailableError('no answer');
        yield { items: [{ type: 'gap', gap: { fromMs, toMs, reason: 'lost' } }] };
      },
    };
    const first = process(stream);
    await first.clock.advance(20_500);
    first.kill();
    await first.stop();
    const second = process(stream, first);
    await second.clock.advance(5_000);
    expect(asked.length).toBeGreaterThan(1);
    expect(second.saved()).toHaveProperty('gaps');
    second.kill();
    await second.stop();

    failing = false;
    const third = process(stream, first);
    await third.clock.advance(5_000);
    // The one of the first process, exactly, and the one of the second.
    expect(third.gaps()).toHaveLength(2);
    expect(third.gaps()[0]).toMatchObject(asked[0] ?? {});
    expect(third.saved()).not.toHaveProperty('gaps');
    await third.stop();
  });

  it('begins before what the broker had not confirmed', async () => {
    const asked: number[] = [];
    const stream: Stream = {
      open: source(
        () => first.clock,
        () => 1e9,
      ),
      // biome-ignore lint/correctness/useYield: there is nothing to bring back
      async *repair({ fromMs }) {
        asked.push(fromMs);
      },
    };
    const first = process(stream);
    await first.clock.advance(12_500);
    const confirmedUntil = first.clock.now();
    first.holding.on = true;
    await first.clock.advance(60_000);
    first.kill();
    // What never was confirmed is never waited for here.
    const second = process(stream, first);
    await second.clock.advance(1_000);
    expect(asked[0]).toBeLessThanOrEqual(confirmedUntil);
    await second.stop();
  });
});

describe('a wall clock that is wrong', () => {
  const forEver = (rig: () => ManualClock): Stream => ({ open: source(rig, () => 1e12) });
  const MINUTE = 60_000;

  /** As it is in an adapter: compared with a database whose clock is right. */
  async function houseTime(clock: ManualClock, rightMs: () => number): Promise<HouseClock> {
    const time = new HouseClock(clock);
    await time.compare(async () => rightMs());
    return time;
  }

  it.each([4, -4])('by %d minutes for a while hides nothing of what nobody heard', async (minutes) => {
    const shared = { clock: new ManualClock(), checkpoints: new MemoryCheckpoints() };
    const { clock } = shared;
    const startMs = clock.now();
    const rightMs = () => startMs + clock.monotonicMs();
    const first = process(
      forEver(() => clock),
      shared,
      await houseTime(clock, rightMs),
    );
    await clock.advance(20_500);
    clock.jump(minutes * MINUTE);
    await clock.advance(20_500);
    first.kill();
    const heardMs = rightMs();
    await first.stop();
    await clock.advance(30_000);
    clock.jump(-minutes * MINUTE);
    const second = process(
      forEver(() => clock),
      shared,
      await houseTime(clock, rightMs),
    );
    await clock.advance(1_000);
    const [gap] = second.gaps();
    expect(gap?.fromMs).toBeLessThanOrEqual(heardMs);
    expect(gap?.toMs).toBeGreaterThanOrEqual(heardMs + 30_000);
    expect(gap?.toMs).toBeLessThanOrEqual(rightMs() + 1);
    await second.stop();
  });

  it('covers nothing again that was covered, when the next process is behind', async () => {
    const stream: Stream = { ...forEver(() => first.clock), covers: () => ({}) };
    const first = process(stream);
    await first.clock.advance(40_500);
    first.kill();
    await first.stop();
    const seenMs = Number(first.saved()?.seenMs);
    first.clock.jump(-10 * MINUTE);
    const second = process(stream, first);
    await second.clock.advance(30_000);
    expect(second.gaps()[0]?.toMs).toBeGreaterThan(seenMs);
    expect(second.saved()?.seenMs).toBe(seenMs);
    await second.stop();
  });
});

describe('streams that live apart', () => {
  it('break apart, are forbidden apart, and come and go', async () => {
    let parts = ['a', 'b', 'forbidden'];
    const opened: string[] = [];
    const rig = process({
      parts: async () => parts,
      async *open(signal, part) {
        opened.push(part);
        if (part === 'forbidden') throw new PermissionDeniedError('not yours');
        yield* source(
          () => rig.clock,
          () => (part === 'b' ? 2_000 : 1e9),
        )(signal, part);
      },
    });
    await rig.clock.advance(59_000);
    expect(opened.filter((part) => part === 'a')).toHaveLength(1);
    expect(opened.filter((part) => part === 'forbidden')).toHaveLength(1);
    expect(rig.said).not.toContain('stream forbidden down');
    // A gap for each time that b was away, and none of a.
    expect(rig.gaps().length).toBe(opened.filter((part) => part === 'b').length - 1);
    parts = ['a', 'c'];
    await rig.clock.advance(5_000);
    expect(rig.said).toEqual(expect.arrayContaining(['stream b gone', 'stream forbidden gone', 'stream c open']));
    await rig.stop();
    expect(rig.saved('a')).toHaveProperty('seenMs');
  });

  it('one that breaks as soon as it stands is opened ever more slowly', async () => {
    const opened: number[] = [];
    const rig = process({
      async *open() {
        opened.push(rig.clock.now());
        yield { type: 'opened' };
        throw new UnavailableError('cut at once');
      },
    });
    await rig.clock.advance(120_000);
    expect(opened.length).toBeLessThan(12);
    await rig.stop();
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Acks, AckWatermark } from './ack-watermark.ts';

/** What a broker does with acknowledgements: it refuses a tag that is not outstanding, also as the end of a range. */
class StrictBroker {
  readonly outstanding = new Set<number>();
  readonly acked = new Set<number>();

  take(acks: Acks, unresolved: ReadonlySet<number>): void {
    if (acks.upTo !== undefined) {
      this.#must(acks.upTo);
      for (const tag of [...this.outstanding].filter((t) => t <= (acks.upTo as number))) this.#ack(tag, unresolved);
    }
    for (const tag of acks.singly) {
      this.#must(tag);
      this.#ack(tag, unresolved);
    }
  }

  #must(tag: number): void {
    if (!this.outstanding.has(tag)) throw new Error(`precondition failed: unknown delivery tag ${tag}`);
  }

  #ack(tag: number, unresolved: ReadonlySet<number>): void {
    if (unresolved.has(tag)) throw new Error(`unresolved tag ${tag} was acknowledged`);
    this.outstanding.delete(tag);
    this.acked.add(tag);
  }
}

type Step =
  | { do: 'deliver'; parts: number }
  | { do: 'resolve'; picks: number[] }
  | { do: 'wait'; ms: number }
  | { do: 'reconnect' }
  | { do: 'late'; pick: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), parts: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('resolve' as const),
      picks: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 500, 9_000, 11_000) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'reconnect' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('late' as const), pick: fc.nat() }) },
);

interface Lost {
  generation: number;
  tag: number;
}

/** Runs the steps against the broker; ends by resolving everything that is left. */
function run(window: number, steps: readonly Step[]): StrictBroker {
  let nowMs = 0;
  const watermark = new AckWatermark({ window, monotonicMs: () => nowMs });
  let broker = new StrictBroker();
  let generation = 1;
  let nextTag = 1;
  const parts = new Map<number, number>();
  const lost: Lost[] = [];
  const unresolved = () => new Set([...parts].filter(([, n]) => n > 0).map(([tag]) => tag));
  const resolve = (tags: number[]) => {
    for (const tag of tags) parts.set(tag, (parts.get(tag) ?? 0) - 1);
    broker.take(watermark.resolve(generation, tags), unresolved());
  };
  for (const s of steps) {
    if (s.do === 'deliver' && broker.outstanding.size < window) {
      broker.outstanding.add(nextTag);
      parts.set(nextTag, s.parts);
      watermark.deliver(generation, nextTag, s.parts);
      nextTag += 1;
    } else if (s.do === 'resolve') {
      const open = [...unresolved()];
      if (open.length > 0) resolve([...new Set(s.picks.map((p) => open[p % open.length] as number))]);
    } else if (s.do === 'wait') {
      nowMs += s.ms;
      broker.take(watermark.sweep(), unresolved());
    } else if (s.do === 'reconnect') {
      for (const tag of unresolved()) lost.push({ generation, tag });
      parts.clear();
      broker = new StrictBroker();
      generation += 1;
      nextTag = 1;
      watermark.reset(generation);
    } else if (s.do === 'late' && lost.length > 0) {
      const old = lost[s.pick % lost.length] as Lost;
      expect(watermark.resolve(old.generation, [old.tag])).toEqual({ singly: [] });
    }
  }
  while (unresolved().size > 0) resolve([...unresolved()].reverse());
  expect(watermark.held).toBe(0);
  return broker;
}

describe('AckWatermark', () => {
  it('never acknowledges an unresolved tag or one twice, and in the end acknowledges every one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 120 }), (window, steps) => {
        const broker = run(window, steps);
        expect([...broker.outstanding]).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  const at = (nowMs: { value: number }, window = 10) => new AckWatermark({ window, monotonicMs: () => nowMs.value });

  it('sends one multiple acknowledgement for a run of resolved tags', () => {
    const watermark = at({ value: 0 });
    for (const tag of [1, 2, 3, 4]) watermark.deliver(1, tag);
    expect(watermark.resolve(1, [3, 2])).toEqual({ singly: [] });
    expect(watermark.resolve(1, [1])).toEqual({ upTo: 3, singly: [] });
    expect(watermark.held).toBe(1);
  });

  it('waits for each part of a message', () => {
    const watermark = at({ value: 0 });
    watermark.deliver(1, 1, 2);
    expect(watermark.resolve(1, [1])).toEqual({ singly: [] });
    expect(watermark.resolve(1, [1])).toEqual({ upTo: 1, singly: [] });
  });

  it('waits for a part that was added later', () => {
    const watermark = at({ value: 0 });
    watermark.deliver(1, 1);
    watermark.addPart(1, 1);
    watermark.addPart(2, 1);
    expect(watermark.resolve(1, [1])).toEqual({ singly: [] });
    expect(watermark.resolve(1, [1])).toEqual({ upTo: 1, singly: [] });
  });

  it('goes past a hole that is old once more than half of the window waits behind it', () => {
    const now = { value: 0 };
    const watermark = at(now);
    for (let tag = 1; tag <= 7; tag += 1) watermark.deliver(1, tag);
    expect(watermark.resolve(1, [2, 3, 4, 5, 6, 7])).toEqual({ singly: [] });
    now.value = 10_001;
    expect(watermark.sweep()).toEqual({ singly: [2, 3, 4, 5, 6, 7] });
    expect(watermark.resolve(1, [1])).toEqual({ upTo: 1, singly: [] });
    expect(watermark.held).toBe(0);
  });

  it('leaves a hole alone while the window has room', () => {
    const now = { value: 0 };
    const watermark = at(now);
    for (let tag = 1; tag <= 5; tag += 1) watermark.deliver(1, tag);
    watermark.resolve(1, [2, 3, 4, 5]);
    now.value = 60_000;
    expect(watermark.sweep()).toEqual({ singly: [] });
    expect(watermark.oldestMs).toBe(60_000);
  });

  it('ends a multiple acknowledgement at a tag that is still outstanding', () => {
    const now = { value: 0 };
    const watermark = at(now, 4);
    for (const tag of [1, 2, 3, 4]) watermark.deliver(1, tag);
    watermark.resolve(1, [2, 3, 4]);
    now.value = 10_001;
    expect(watermark.sweep().singly).toEqual([2, 3, 4]);
    expect(watermark.resolve(1, [1])).toEqual({ upTo: 1, singly: [] });
  });
});

import { describe, expect, it } from '@jest/globals';
import { ManualClock, silentLogger } from '@tributary/runtime';
import fc from 'fast-check';
import type { Lane } from '../contract.ts';
import { type BudgetLane, type BudgetLimit, budgetLanes, budgetLimits, costOf } from './budget-plan.ts';
import { LaneGate, type Pass, type Wanted } from './lane-gate.ts';
import { MemoryBudgetStore } from './memory-budget-store.ts';
import { RollingWindow } from './rolling-window.ts';
import { SingleFlight } from './single-flight.ts';

const limitOf = (limit: number, windowMs = 10_000): BudgetLimit => ({
  name: 'requests',
  unit: 'requests',
  limit,
  windowMs,
  countedMs: windowMs,
  documented: true,
});

const anyLane = fc.constantFrom(...budgetLanes);

describe('a rolling window', () => {
  it('never grants more than its limit within any window, whoever asks for how much and when', () => {
    const asks = fc.array(
      fc.record({ afterMs: fc.nat(4_000), lane: anyLane, units: fc.integer({ min: 1, max: 12 }) }),
      {
        maxLength: 80,
      },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), asks, (limit, list) => {
        const window = new RollingWindow(limitOf(limit));
        const granted: { atMs: number; units: number }[] = [];
        let nowMs = 0;
        for (const [n, ask] of list.entries()) {
          nowMs += ask.afterMs;
          const units = Math.min(ask.units, limit);
          if (window.waitMs(nowMs, ask.lane, units) > 0) continue;
          window.spend(nowMs, String(n), ask.lane, units);
          granted.push({ atMs: nowMs, units });
        }
        for (const { atMs } of granted) {
          const within = granted.filter((other) => other.atMs >= atMs && other.atMs < atMs + 10_000);
          expect(within.reduce((sum, { units }) => sum + units, 0)).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('answers with the very moment at which there is room', () => {
    const asks = fc.array(fc.record({ afterMs: fc.nat(3_000), lane: anyLane }), { maxLength: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), asks, anyLane, (limit, list, lane) => {
        const window = new RollingWindow(limitOf(limit));
        let nowMs = 0;
        for (const [n, ask] of list.entries()) {
          nowMs += ask.afterMs;
          if (window.waitMs(nowMs, ask.lane, 1) === 0) window.spend(nowMs, String(n), ask.lane, 1);
        }
        const waitMs = window.waitMs(nowMs, lane, 1);
        if (waitMs > 0) expect(window.waitMs(nowMs + waitMs - 1, lane, 1)).toBeGreaterThan(0);
        expect(window.waitMs(nowMs + waitMs, lane, 1)).toBe(0);
      }),
    );
  });

  it('always has room for a command while commands have not spent their share, however greedy the rest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 100 }),
        fc.array(fc.constantFrom<BudgetLane>('interactive', 'live', 'reconcile', 'backfill'), { maxLength: 120 }),
        (limit, greedy) => {
          const window = new RollingWindow(limitOf(limit));
          for (const [n, lane] of greedy.entries()) {
            if (window.waitMs(0, lane, 1) === 0) window.spend(0, `g${n}`, lane, 1);
          }
          for (let n = 0; n < Math.floor(limit * 0.25); n++) {
            expect(window.waitMs(0, 'command', 1)).toBe(0);
            window.spend(0, `c${n}`, 'command', 1);
          }
        },
      ),
    );
  });

  it('holds, halves, and grows back by a twentieth a clean minute', () => {
    const window = new RollingWindow(limitOf(100));
    window.limited(0, 60_000);
    window.limited(5, 30_000);
    expect(window.waitMs(5, 'live', 1)).toBe(59_995);
    expect(window.effectiveLimit(0)).toBe(50);
    expect(window.effectiveLimit(59_999)).toBe(50);
    expect(window.effectiveLimit(180_000)).toBeCloseTo(65);
    expect(window.effectiveLimit(600_000)).toBe(100);
  });

  it('counts what the platform says was really spent', () => {
    const window = new RollingWindow(limitOf(100));
    window.spend(0, 'a', 'live', 10);
    window.correct(1, { id: 'a', atMs: 0, lane: 'live' }, 65);
    expect(window.waitMs(1, 'live', 1)).toBe(9_999);
    window.correct(2, { id: 'a', atMs: 0, lane: 'live' }, 0);
    expect(window.waitMs(2, 'live', 65)).toBe(0);
  });
});

function gate(limit: number, options: { places?: number; store?: MemoryBudgetStore } = {}) {
  const clock = new ManualClock();
  const store = options.store ?? new MemoryBudgetStore([limitOf(limit)], clock);
  const places = options.places ?? 1_000;
  const concurrency = { auth: places, read: places, command: places, bulk: places };
  return { clock, store, gate: new LaneGate({ store, concurrency, clock, log: silentLogger }) };
}

const wanted = (lane: BudgetLane, more: Partial<Wanted> = {}): Wanted => ({
  operation: 'ACME-01',
  lane,
  class: 'read',
  cost: new Map([['requests', 1]]),
  ...more,
});

describe('the lane gate', () => {
  it('serves the most urgent first, and within a lane who came first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyLane, { minLength: 2, maxLength: 12 }), async (order) => {
        const { clock, gate: lanes } = gate(1);
        const served: string[] = [];
        (await lanes.enter(wanted('live'))).done();
        const all = order.map(async (lane, n) => {
          const pass = await lanes.enter(wanted(lane));
          served.push(`${budgetLanes.indexOf(lane)}/${String(n).padStart(2, '0')}`);
          pass.done();
        });
        for (let n = 0; n <= order.length; n++) await clock.advance(10_000);
        await Promise.all(all);
        expect(served).toEqual(served.toSorted());
      }),
      { numRuns: 30 },
    );
  });

  it('lets a command pass a queue of others that have used up what is theirs', async () => {
    const { gate: lanes } = gate(10);
    const others = Array.from({ length: 20 }, () => lanes.enter(wanted('backfill')));
    await others[6];
    await lanes.enter(wanted('command'));
    await lanes.enter(wanted('command'));
    expect(lanes.waiting).toBe(13);
  });

  it('does not hold up a call that spends another budget', async () => {
    const clock = new ManualClock();
    const store = new MemoryBudgetStore([limitOf(1), { ...limitOf(1), name: 'uploads' }], clock);
    const { gate: lanes } = gate(1, { store });
    await lanes.enter(wanted('command'));
    void lanes.enter(wanted('command'));
    await lanes.enter(wanted('backfill', { cost: new Map([['uploads', 1]]) }));
    expect(lanes.waiting).toBe(1);
  });

  it('bounds the calls of a class that are under way', async () => {
    const { clock, gate: lanes } = gate(1_000, { places: 2 });
    const passes: Pass[] = [];
    for (let n = 0; n < 5; n++) void lanes.enter(wanted('live')).then((pass) => passes.push(pass));
    await clock.advance(0);
    expect(passes).toHaveLength(2);
    passes[0]?.done();
    passes[0]?.done();
    await clock.advance(0);
    expect(passes).toHaveLength(3);
  });

  it('says at once when the wait would be too long, and lets go of who gave up', async () => {
    const { clock, gate: lanes } = gate(1);
    await lanes.enter(wanted('live'));
    await expect(lanes.enter(wanted('interactive', { maxWaitMs: 5_000 }))).rejects.toMatchObject({
      code: 'rate-limited',
      platformCode: 'budget-spent',
      retryAfterMs: 10_000,
    });
    const aborted = new AbortController();
    const waiting = lanes.enter(wanted('live', { signal: aborted.signal }));
    aborted.abort(new Error('never mind'));
    await expect(waiting).rejects.toThrow('never mind');
    expect(lanes.waiting).toBe(0);
    const next = lanes.enter(wanted('backfill'));
    await clock.advance(10_000);
    await next;
  });

  it('stops all lanes for as long as the platform asked', async () => {
    const { clock, gate: lanes } = gate(10);
    const pass = await lanes.enter(wanted('live'));
    void pass.limited(60_000);
    pass.done();
    let passed = false;
    void lanes.enter(wanted('command')).then(() => {
      passed = true;
    });
    await clock.advance(59_999);
    expect(passed).toBe(false);
    await clock.advance(10);
    expect(passed).toBe(true);
  });
});

describe('a budget with a margin of its own', () => {
  const own = budgetLimits({
    requests: {
      limit: 10,
      use: 8,
      per: '10s',
      documented: true,
      reserved: { command: 0.125, interactive: 0.125, reconcile: 0.125 },
      afterLimit: { slowFor: '60s' },
    },
  })[0];
  if (!own) throw new Error('one limit');
  const taken = (window: RollingWindow, lane: BudgetLane, atMs: number) => {
    let n = 0;
    while (window.waitMs(atMs, lane, 1) === 0) window.spend(atMs, `${lane}${atMs}/${n++}`, lane, 1);
    return n;
  };

  it('leaves each lane what is reserved for it, and takes no more than it allows itself', () => {
    const window = new RollingWindow(own);
    expect(['live', 'backfill', 'reconcile', 'interactive', 'command'].map((l) => taken(window, l as Lane, 0))).toEqual(
      [5, 0, 1, 1, 1],
    );
  });

  it('lets callers that nobody knows have half and no more', () => {
    expect(taken(new RollingWindow(own), 'pass-through', 0)).toBe(4);
  });

  it('counts as spent elsewhere what the platform counts beyond our calls, and the newest reading alone', () => {
    const window = new RollingWindow(own);
    window.spend(0, 'a', 'live', 1);
    window.spend(10, 'b', 'live', 1);
    window.metered(20, { id: 'a', atMs: 0, spent: 1 }, { spent: 2 });
    expect(window.byLane(20)).toEqual({ live: 2 });
    window.metered(30, { id: 'b', atMs: 10, spent: 2 }, { spent: 5 });
    expect(window.byLane(30)).toEqual({ live: 2, elsewhere: 3 });
    // An answer that was overtaken.
    window.metered(40, { id: 'a', atMs: 0, spent: 1 }, { spent: 1 });
    expect(window.byLane(40)).toEqual({ live: 2, elsewhere: 3 });
    expect(taken(window, 'interactive', 50)).toBe(1);
    window.metered(60, { id: 'interactive50/0', atMs: 50, spent: 3 }, { spent: 3, limit: 5 });
    expect(window.byLane(60)).toMatchObject({ elsewhere: 5 });
  });

  it('never takes its own calls for those of another, in whatever order answers come', () => {
    const calls = fc.array(fc.record({ afterMs: fc.nat(3_000), tookMs: fc.nat(9_000) }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(calls, (list) => {
        const window = new RollingWindow(own);
        const starts: number[] = [];
        const answers: { id: string; atMs: number; spent: number; endMs: number }[] = [];
        let nowMs = 0;
        const settle = (untilMs: number) => {
          for (const answer of answers.splice(0).toSorted((a, b) => a.endMs - b.endMs)) {
            if (answer.endMs > untilMs) answers.push(answer);
            else {
              // The vendor counts when a call comes in, and forgets after ten seconds.
              const spent = starts.filter((at) => at > answer.endMs - 10_000 && at <= answer.endMs).length;
              window.metered(answer.endMs, answer, { spent });
              expect(window.byLane(answer.endMs).elsewhere ?? 0).toBe(0);
            }
          }
        };
        for (const [n, { afterMs, tookMs }] of list.entries()) {
          nowMs += afterMs;
          settle(nowMs);
          if (window.waitMs(nowMs, 'live', 1) > 0) continue;
          window.spend(nowMs, String(n), 'live', 1);
          starts.push(nowMs);
          answers.push({ id: String(n), atMs: nowMs, spent: window.spent(nowMs), endMs: nowMs + tookMs });
        }
        settle(Number.POSITIVE_INFINITY);
      }),
    );
  });

  it('after a refusal rests until its oldest call is over, goes at half the pace for a minute, then as before', () => {
    const window = new RollingWindow(own);
    window.spend(0, 'a', 'live', 1);
    expect(window.limited(4_000, undefined)).toBe(6_500);
    expect(window.waitMs(4_000, 'command', 1)).toBe(6_500);
    expect(window.effectiveLimit(63_999)).toBe(4);
    expect(window.effectiveLimit(64_000)).toBe(8);
    expect(new RollingWindow(own).limited(0, undefined)).toBe(10_000);
    expect(new RollingWindow(limitOf(8)).limited(0, undefined)).toBeUndefined();
  });
});

describe('lanes with a share of their own', () => {
  const [shared] = budgetLimits({
    requests: {
      limit: 8,
      per: '10s',
      documented: true,
      reserved: { command: 0.125, 'interactive+pass-through': 0.125, reconcile: 0.125 },
    },
  });
  if (!shared) throw new Error('one limit');

  it('get it in every window, however much a more urgent lane wants', async () => {
    const clock = new ManualClock();
    const store = new MemoryBudgetStore([shared], clock);
    const concurrency = { auth: 99, read: 99, command: 99, bulk: 99 };
    const lanes = new LaneGate({ store, limits: [shared], concurrency, clock, log: silentLogger });
    const served: Partial<Record<BudgetLane, number>> = {};
    const greedy = (lane: BudgetLane) => {
      void lanes.enter(wanted(lane)).then((pass) => {
        served[lane] = (served[lane] ?? 0) + 1;
        pass.done();
        greedy(lane);
      });
    };
    for (const lane of ['live', 'live', 'reconcile', 'pass-through', 'backfill'] as const) greedy(lane);
    for (let second = 0; second < 100; second += 1) await clock.advance(1_000);
    expect(served).toEqual({ live: 50, reconcile: 10, 'pass-through': 10 });
  });

  it('may share one', () => {
    const window = new RollingWindow(shared);
    for (let n = 0; n < 5; n += 1) window.spend(0, `live${n}`, 'live', 1);
    expect(window.waitMs(0, 'live', 1)).toBeGreaterThan(0);
    expect(window.waitMs(0, 'pass-through', 1)).toBe(0);
    window.spend(0, 'i', 'interactive', 1);
    expect(window.waitMs(0, 'pass-through', 1)).toBeGreaterThan(0);
    expect(window.waitMs(0, 'reconcile', 1)).toBe(0);
  });
});

describe('calls under way', () => {
  it('are bounded all together where the manifest says so, and those of unknown callers to half', async () => {
    const clock = new ManualClock();
    const store = new MemoryBudgetStore([limitOf(1_000)], clock);
    const concurrency = { auth: 4, read: 4, command: 4, bulk: 4 };
    const lanes = new LaneGate({ store, concurrency, inFlight: 4, clock, log: silentLogger });
    const passes: Pass[] = [];
    const enter = (more: Partial<Wanted>) => void lanes.enter(wanted('live', more)).then((pass) => passes.push(pass));
    for (let n = 0; n < 3; n++) enter({ lane: 'pass-through', class: 'bulk' });
    await clock.advance(0);
    expect(passes).toHaveLength(2);
    for (let n = 0; n < 3; n++) enter({ class: n === 0 ? 'command' : 'read' });
    await clock.advance(0);
    expect(passes).toHaveLength(4);
    for (const pass of passes.slice(0, 3)) pass.done();
    await clock.advance(0);
    expect(passes).toHaveLength(6);
  });
});

describe('equal questions under way', () => {
  const signal = new AbortController().signal;

  it('are asked once, and again when they have been answered', async () => {
    const flights = new SingleFlight<number>();
    let asked = 0;
    const ask = async () => ++asked;
    const call = { lane: 'interactive' as const, signal };
    expect(await Promise.all([flights.run('a', call, ask), flights.run('a', call, ask)])).toEqual([1, 1]);
    expect(await flights.run('a', call, ask)).toBe(2);
    expect(flights.size).toBe(0);
  });

  it('do not wait in a lane less urgent than their own', async () => {
    const flights = new SingleFlight<number>();
    let asked = 0;
    const ask = async () => ++asked;
    const slow = flights.run('a', { lane: 'reconcile', signal }, ask);
    expect(await flights.run('a', { lane: 'interactive', signal }, ask)).toBe(2);
    expect(await slow).toBe(1);
  });

  it('are given up only when everybody has', async () => {
    const flights = new SingleFlight<number>();
    const [one, other] = [new AbortController(), new AbortController()];
    let given: AbortSignal | undefined;
    const ask = (s: AbortSignal) =>
      new Promise<number>((_, reject) => {
        given = s;
        s.addEventListener('abort', () => reject(s.reason));
      });
    const first = flights.run('a', { lane: 'live', signal: one.signal }, ask);
    const second = flights.run('a', { lane: 'live', signal: other.signal }, ask);
    one.abort(new Error('first'));
    await expect(first).rejects.toThrow('first');
    expect(given?.aborted).toBe(false);
    other.abort(new Error('second'));
    await expect(second).rejects.toThrow('second');
    expect(given?.aborted).toBe(true);
  });
});

describe('the plan', () => {
  it('charges one request by default and refuses what can never be paid or is not known', () => {
    const limits = budgetLimits({
      requests: { limit: 10, per: '10s', documented: true },
      execution: { limit: 100_000, per: '10s', unit: 'ms', documented: true },
    });
    expect([...costOf('ACME-01', limits)]).toEqual([['requests', 1]]);
    expect([...costOf('ACME-01', limits, { requests: 0, execution: 5 })]).toEqual([['execution', 5]]);
    expect(() => costOf('ACME-01', limits, { execution: 100_001 })).toThrow('than it ever holds');
    expect(() => costOf('ACME-01', limits, { other: 1 })).toThrow('no budget other');
    expect(() => budgetLimits({ requests: { limit: 10, use: 11, per: '10s', documented: true } })).toThrow(RangeError);
    expect(() => budgetLimits({ requests: { limit: 0, per: '10s', documented: true } })).toThrow(RangeError);
  });
});

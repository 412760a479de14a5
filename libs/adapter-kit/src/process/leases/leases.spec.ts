import { describe, expect, it } from '@jest/globals';
import { type Clock, ManualClock, silentLogger } from '@tributary/runtime';
import fc from 'fast-check';
import { MemoryLeases } from '../testing/memory-leases.ts';
import type { HeldLease } from './held-lease.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { type Census, fairShare, surplus } from './lease-share.ts';

const TTL_MS = 30_000;

function replica(name: string, store: MemoryLeases, clock: Clock, max = 1_000) {
  const owned = new Set<HeldLease>();
  const errors: unknown[] = [];
  const keeper = new LeaseKeeper({
    store,
    clock,
    log: silentLogger,
    platform: 'acme',
    replica: name,
    ttlMs: TTL_MS,
    max,
    onGained: (lease) => owned.add(lease),
    onLost: (lease) => owned.delete(lease),
    onRound: (error) => error && errors.push(error),
  });
  return { keeper, owned, errors };
}

const ids = (count: number) => Array.from({ length: count }, (_, i) => `con_${i}`);

describe('LeaseKeeper', () => {
  it('takes everything when it is alone, and keeps it', async () => {
    const clock = new ManualClock();
    const a = replica('a', new MemoryLeases(clock, ids(40)), clock);
    a.keeper.start();
    await clock.advance(2_000);
    expect(a.owned.size).toBe(40);
    const epochs = [...a.owned].map((lease) => lease.epoch);
    await clock.advance(10 * TTL_MS);
    expect(a.owned.size).toBe(40);
    expect([...a.owned].map((lease) => lease.epoch)).toEqual(epochs);
  });

  it('shares evenly with a replica that starts beside it, and takes over when that one dies', async () => {
    const clock = new ManualClock();
    const store = new MemoryLeases(clock, ids(40));
    const a = replica('a', store, clock);
    const clockOfB = new ManualClock();
    const b = replica('b', store, clockOfB);
    a.keeper.start();
    b.keeper.start();
    for (let ms = 0; ms < 2_000; ms += 50) {
      await clock.advance(50);
      await clockOfB.advance(50);
    }
    expect(a.owned.size).toBe(20);
    expect(b.owned.size).toBe(20);
    // From here on b's time stands still: it is dead, and gives nothing back.
    await clock.advance(TTL_MS + TTL_MS / 3 + 1_000);
    expect(a.owned.size).toBe(40);
  });

  it('hands its share to a replica that comes later, and then everything rests', async () => {
    const clock = new ManualClock();
    const store = new MemoryLeases(clock, ids(41));
    const a = replica('a', store, clock);
    const b = replica('b', store, clock);
    const c = replica('c', store, clock);
    a.keeper.start();
    await clock.advance(2_000);
    expect(a.owned.size).toBe(41);
    b.keeper.start();
    await clock.advance(TTL_MS);
    expect([a.owned.size, b.owned.size]).toEqual([21, 20]);
    c.keeper.start();
    await clock.advance(2 * TTL_MS);
    expect([a.owned.size, b.owned.size, c.owned.size].toSorted()).toEqual([13, 14, 14]);
    const epochs = () => [...store.rows.values()].map(({ epoch }) => epoch);
    const settled = epochs();
    await clock.advance(20 * TTL_MS);
    expect(epochs()).toEqual(settled);
    // One that leaves in order is no longer counted.
    await c.keeper.stop();
    await clock.advance(2 * TTL_MS);
    expect(a.owned.size + b.owned.size).toBe(41);
    expect(Math.abs(a.owned.size - b.owned.size)).toBeLessThanOrEqual(1);
  });

  it('hands nothing to a replica that has no room', async () => {
    const clock = new ManualClock();
    const store = new MemoryLeases(clock, ids(40));
    const a = replica('a', store, clock);
    const small = replica('small', store, clock, 3);
    a.keeper.start();
    await clock.advance(2_000);
    small.keeper.start();
    await clock.advance(10 * TTL_MS);
    expect([a.owned.size, small.owned.size]).toEqual([37, 3]);
    const before = [...store.rows.values()].map(({ epoch }) => epoch);
    await clock.advance(10 * TTL_MS);
    expect([...store.rows.values()].map(({ epoch }) => epoch)).toEqual(before);
  });

  it('leaves to others what is above its maximum, and gives everything back when it stops', async () => {
    const clock = new ManualClock();
    const store = new MemoryLeases(clock, ids(10));
    const a = replica('a', store, clock, 7);
    a.keeper.start();
    await clock.advance(2_000);
    expect(a.owned.size).toBe(7);
    await a.keeper.stop();
    expect(a.owned.size).toBe(0);
    expect([...store.rows.values()].every((row) => row.replica === undefined)).toBe(true);
  });

  it('lets go by its own clock when the store is away, before another could take over', async () => {
    const clock = new ManualClock();
    const store = new MemoryLeases(clock, ids(3));
    const a = replica('a', store, clock);
    a.keeper.start();
    await clock.advance(1_000);
    store.away = true;
    await clock.advance(TTL_MS * 0.95);
    expect(a.owned.size).toBe(0);
    expect(a.errors.length).toBeGreaterThan(0);
    expect([...store.rows.values()].every((row) => row.untilMs >= clock.monotonicMs() - TTL_MS / 3)).toBe(true);
    store.away = false;
    await clock.advance(TTL_MS);
    expect(a.owned.size).toBe(3);
  });

  it('hands a connection out only once revs are reserved for it, however many rounds that takes', async () => {
    const clock = new ManualClock();
    const store = new MemoryLeases(clock, ids(1));
    const renew = store.renew.bind(store);
    let failures = 2;
    store.renew = async (query) => {
      failures -= 1;
      if (failures >= 0) throw new Error('the database went away in between');
      return renew(query);
    };
    const a = replica('a', store, clock);
    a.keeper.start();
    await clock.advance(500);
    expect(a.owned.size).toBe(0);
    await clock.advance(TTL_MS);
    expect(a.owned.size).toBe(1);
    for (const lease of a.owned) expect(lease.revs.next()).toBeLessThanOrEqual(store.rows.get('con_0')?.revFloor ?? 0n);
  });

  it('gives a woken zombie nothing: invalid at the first look, revs below the new owner', async () => {
    const clock = new ManualClock();
    const store = new MemoryLeases(clock, ids(1));
    const stopped = { ms: 0 };
    // Time passes for the zombie while none of its timers fires.
    const zombieClock: Clock = {
      now: () => clock.now() + stopped.ms,
      monotonicMs: () => clock.monotonicMs() + stopped.ms,
      sleep: (ms, signal) => clock.sleep(ms, signal),
      after: (ms, fire) => clock.after(ms, fire),
      every: (ms, fire) => clock.every(ms, fire),
    };
    const zombie = replica('zombie', store, zombieClock);
    zombie.keeper.start();
    await clock.advance(1_000);
    const [stale] = zombie.owned;
    const row = store.rows.get('con_0');
    if (!stale || !row) throw new Error('nothing owned');
    const before = stale.revs.next();
    stopped.ms = 60_000;
    row.untilMs = 0;
    const [grant] = await store.acquire({ replica: 'heir', max: 1, ttlMs: TTL_MS });
    expect(grant?.epoch).toBe(stale.epoch + 1);
    expect(grant?.revFloor).toBeGreaterThan(before);
    expect(stale.revs.next()).toBeLessThanOrEqual(grant?.revFloor ?? 0n);
    expect(() => stale.check()).toThrow('the lease has run out');
    expect(stale.signal.aborted).toBe(true);
    await clock.advance(TTL_MS / 3);
    expect(zombie.owned.size).toBe(0);
  });
});

const census = fc
  .record({
    free: fc.nat(100),
    mine: fc.nat(100),
    theirs: fc.nat(100),
    others: fc.nat(10),
    wantedElsewhere: fc.nat(200),
  })
  .map(({ free, mine, theirs, others, wantedElsewhere }): Census => {
    const total = free + mine + (others > 0 ? theirs : 0);
    return { free, mine, total, others, wantedElsewhere: others > 0 ? wantedElsewhere : 0 };
  });

describe('fairShare', () => {
  it('never takes more than is free, and leaves nothing for good', () => {
    fc.assert(
      fc.property(census, fc.nat(2 * TTL_MS), (seen, freeForMs) => {
        const share = fairShare(seen, freeForMs, TTL_MS);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(seen.free);
        if (freeForMs >= TTL_MS) expect(share).toBe(seen.free);
      }),
    );
  });
});

describe('surplus', () => {
  it('never falls below an even share, and never gives more than is wanted', () => {
    fc.assert(
      fc.property(census, (seen) => {
        const given = surplus(seen);
        expect(given).toBeGreaterThanOrEqual(0);
        if (given === 0) return;
        expect(seen.mine - given).toBeGreaterThanOrEqual(Math.ceil(seen.total / (seen.others + 1)));
        expect(given + seen.free).toBeLessThanOrEqual(seen.wantedElsewhere);
        // What is given is not taken back before the others had their turn.
        expect(fairShare({ ...seen, mine: seen.mine - given, free: seen.free + given }, 0, TTL_MS)).toBe(0);
      }),
    );
  });
});

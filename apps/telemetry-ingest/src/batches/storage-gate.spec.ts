import { describe, expect, it } from '@jest/globals';
import type { DatabaseFault } from '@tributary/database';
import { ManualClock, silentLogger } from '@tributary/runtime';
import { RefusedByDatabase, StorageGate } from './storage-gate.ts';

class Failure extends Error {
  constructor(readonly fault: DatabaseFault) {
    super(fault);
  }
}

const never = new AbortController().signal;

function setUp(ask: () => Promise<unknown> = async () => undefined) {
  const clock = new ManualClock();
  const told: (string | undefined)[] = [];
  const gate = new StorageGate({
    clock,
    log: silentLogger,
    random: () => 0.999,
    classify: (error) => (error as Failure).fault,
    ask,
    signal: never,
  });
  gate.onChange((trouble) => told.push(trouble));
  return { clock, gate, told };
}

const failing =
  (faults: DatabaseFault[], calls: number[] = [], clock?: ManualClock) =>
  async () => {
    calls.push(clock?.monotonicMs() ?? 0);
    const fault = faults.shift();
    if (fault) throw new Failure(fault);
    return 'done';
  };

describe('StorageGate', () => {
  it('waits out an outage with growing pauses of at most 15 s, and tells its beginning and end once', async () => {
    const { clock, gate, told } = setUp();
    const calls: number[] = [];
    const result = gate.run(failing(Array(12).fill('environment'), calls, clock), never);
    await clock.advance(200_000);
    await expect(result).resolves.toBe('done');
    const pauses = calls.slice(1).map((at, i) => at - (calls[i] as number));
    expect(pauses[0]).toBeLessThanOrEqual(500);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(15_000);
    expect(told).toEqual(['environment', undefined]);
  });

  it('lets one caller alone try whether the database is back', async () => {
    const { clock, gate } = setUp();
    let away = true;
    let atOnce = 0;
    let most = 0;
    const work = async () => {
      atOnce += 1;
      if (gate.trouble) most = Math.max(most, atOnce);
      await Promise.resolve();
      atOnce -= 1;
      if (away) throw new Failure('environment');
    };
    await Promise.race([gate.run(work, never), clock.advance(1)]);
    const all = Promise.all(Array.from({ length: 20 }, () => gate.run(work, never)));
    await clock.advance(60_000);
    expect(most).toBe(1);
    away = false;
    await clock.advance(20_000);
    await all;
    expect(gate.trouble).toBeUndefined();
  });

  it('blames the data at once, without waiting', async () => {
    const { gate, told } = setUp();
    await expect(gate.run(failing(['bad-message']), never)).rejects.toBeInstanceOf(RefusedByDatabase);
    expect(told).toEqual([]);
  });

  it('tries a conflict five times at once, then takes it for trouble', async () => {
    const { clock, gate, told } = setUp();
    const calls: number[] = [];
    const result = gate.run(failing(Array(6).fill('conflict'), calls, clock), never);
    await clock.advance(10_000);
    await expect(result).resolves.toBe('done');
    expect(calls[5]).toBeLessThan(1_000);
    expect(told).toEqual(['environment', undefined]);
  });

  it('holds everything when code and schema do not fit, and goes on when they do', async () => {
    const { clock, gate, told } = setUp();
    const result = gate.run(failing(['deploy', 'deploy']), never);
    await clock.advance(1);
    expect(gate.trouble).toBe('deploy');
    await clock.advance(20_000);
    await expect(result).resolves.toBe('done');
    expect(told).toEqual(['deploy', undefined]);
  });

  it('lets go of who waits when the signal aborts, and the next one takes over', async () => {
    const { clock, gate } = setUp();
    const leave = new AbortController();
    const first = gate.run(failing(Array(99).fill('environment')), leave.signal).catch((e: unknown) => e);
    await clock.advance(1);
    const second = gate.run(failing([]), never);
    leave.abort(new Error('left'));
    expect(await first).toMatchObject({ message: 'left' });
    await clock.advance(20_000);
    await expect(second).resolves.toBe('done');
  });

  it('finds out by itself that the database is back when nobody has work for it any more', async () => {
    const faults: DatabaseFault[] = ['environment', 'environment'];
    const { clock, gate, told } = setUp(failing(faults));
    const gone = new AbortController();
    const result = gate.run(failing(Array(50).fill('environment')), gone.signal);
    result.catch(() => undefined);
    await clock.advance(5_000);
    expect(gate.trouble).toBe('environment');
    // The broker has taken back what was held.
    gone.abort(new Error('the channel is gone'));
    await expect(result).rejects.toThrow('the channel is gone');
    await clock.advance(120_000);
    expect(faults).toEqual([]);
    expect(gate.trouble).toBeUndefined();
    expect(told).toEqual(['environment', undefined]);
  });

  it('does not ask while somebody has work: that alone shows whether it can be stored', async () => {
    let asked = 0;
    const { clock, gate } = setUp(async () => {
      asked += 1;
    });
    const result = gate.run(failing(Array(8).fill('environment')), never);
    await clock.advance(120_000);
    await expect(result).resolves.toBe('done');
    expect(asked).toBe(0);
  });
});

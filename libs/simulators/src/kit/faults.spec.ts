import { describe, expect, it } from '@jest/globals';
import { type FaultSubject, Faults } from './faults.ts';
import { ScenarioClock } from './scenario-clock.ts';

const subject = (change: Partial<FaultSubject> = {}): FaultSubject => ({
  protocol: 'http',
  operation: 'OPTI-11',
  method: 'GET',
  path: '/api/plugins/x',
  ...change,
});

const make = () => {
  const clock = new ScenarioClock({ startAt: 0, speed: 0 });
  return { clock, faults: new Faults(clock) };
};

describe('Faults', () => {
  it('hits only what is in scope: operation, method, path pattern, protocol, credential', () => {
    const { faults } = make();
    faults.add({ kind: 'status', status: 500 }, { operation: ['OPTI-11', 'OPTI-12'], method: 'GET', path: '/api/*' });
    expect(faults.hit(subject())).toHaveLength(1);
    expect(faults.hit(subject({ operation: 'OPTI-04' }))).toHaveLength(0);
    expect(faults.hit(subject({ method: 'POST' }))).toHaveLength(0);
    expect(faults.hit(subject({ path: '/API/filelist' }))).toHaveLength(0);
    faults.clear();
    faults.add({ kind: 'latency', ms: 1 }, { protocol: 'mqtt', credential: 'abc' });
    expect(faults.hit(subject())).toHaveLength(0);
    expect(faults.hit(subject({ protocol: 'mqtt', credential: 'abc' }))).toHaveLength(1);
  });

  it('skips, then counts, then is over', () => {
    const { faults } = make();
    faults.add({ kind: 'status', status: 503 }, { skip: 2, count: 3 });
    const hits = Array.from({ length: 8 }, () => faults.hit(subject()).length);
    expect(hits).toEqual([0, 0, 1, 1, 1, 0, 0, 0]);
    expect(faults.list()).toMatchObject([{ matched: 8, hits: 3 }]);
  });

  it('draws by probability, the same way for the same seed', () => {
    const draw = (seed: number) => {
      const { faults } = make();
      faults.add({ kind: 'reset' }, { probability: 0.3, seed });
      return Array.from({ length: 1_000 }, () => faults.hit(subject()).length);
    };
    const share = draw(7).reduce((a, b) => a + b, 0) / 1_000;
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.35);
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('ends after its time, and when cleared', async () => {
    const { faults, clock } = make();
    faults.add({ kind: 'latency', ms: 1 }, { forMs: 1_000 });
    const id = faults.add({ kind: 'malformed' });
    expect(faults.hit(subject())).toHaveLength(2);
    await clock.advance(1_000);
    expect(faults.hit(subject())).toHaveLength(1);
    expect(faults.clear(id)).toBe(1);
    expect(faults.clear(id)).toBe(0);
    expect(faults.list()).toEqual([]);
  });

  it('limits real windows per credential and says how long to wait', async () => {
    const { faults, clock } = make();
    faults.add({ kind: 'limiter', requests: 2, perMs: 10_000 });
    const ask = (credential: string) => faults.hit(subject({ credential }));
    expect([ask('a'), ask('a'), ask('b')].flat()).toEqual([]);
    await clock.advance(4_000);
    expect(ask('a')).toEqual([{ kind: 'rate-limit', retryAfterSeconds: 6 }]);
    expect(ask('b')).toEqual([]);
    await clock.advance(6_000);
    expect(ask('a')).toEqual([]);
  });

  it('begins and ends what the simulator does itself, and keeps momentary ones off the list', () => {
    const { faults } = make();
    const done: string[] = [];
    faults.handle('outage', ({ mode }) => {
      done.push(`begin ${mode}`);
      return () => done.push('end');
    });
    faults.handle('expire-tokens', () => {
      done.push('expired');
      return undefined;
    });
    const id = faults.outage('close');
    faults.expireTokens();
    expect(faults.list()).toHaveLength(1);
    faults.clear(id);
    expect(done).toEqual(['begin close', 'expired', 'end']);
  });

  it('refuses a fault that is not well formed', () => {
    const { faults } = make();
    expect(() => faults.add({ kind: 'status', status: 4 })).toThrow();
    expect(() => faults.add({ kind: 'latency', ms: 1 }, { probability: 2 })).toThrow();
  });
});

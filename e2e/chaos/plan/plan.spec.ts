import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allKinds, type Targets } from './catalogue.ts';
import { describeFault, type FaultKind } from './faults.ts';
import { describePlan, expand } from './plan.ts';

const targets: Targets = {
  services: ['intake-1', 'intake-2', 'api', 'ochno'],
  passes: (service) => (service === 'ochno' ? ['after-checkpoint', 'after-puback'] : ['after-ack']),
  platforms: [
    {
      platform: 'octomesh',
      graphql: true,
      renewsTokens: true,
      streams: false,
      lies: [{ kind: 'garble', members: ['more'], value: true }],
    },
    { platform: 'exosense', graphql: true, renewsTokens: false, streams: false, lies: [] },
    { platform: 'ochno', graphql: false, renewsTokens: true, streams: true, lies: [] },
  ],
};
const seeds = fc.integer({ min: 1, max: 2 ** 31 });
const sizes = fc.integer({ min: 1, max: 60 });

describe('a plan', () => {
  it('is the same for the same seed, and another for another', () => {
    fc.assert(
      fc.property(seeds, sizes, (seed, faults) => {
        expect(expand({ seed, targets, faults })).toEqual(expand({ seed, targets, faults }));
      }),
    );
    const plans = Array.from({ length: 200 }, (_, seed) => JSON.stringify(expand({ seed, targets }).faults));
    expect(new Set(plans).size).toBe(200);
  });

  it('has as many faults as asked for, each kind before one comes twice, of no kind but those; platforms’ own in between', () => {
    const kinds = fc.uniqueArray(fc.constantFrom(...allKinds), { minLength: 1 });
    fc.assert(
      fc.property(seeds, sizes, kinds, (seed, faults, chosen) => {
        const plan = expand({ seed, targets, faults, kinds: chosen });
        expect(plan.faults.map(({ number }) => number)).toEqual(Array.from({ length: faults }, (_, n) => n + 1));
        const counts = new Map<FaultKind, number>(chosen.map((kind) => [kind, 0]));
        for (const { fault } of plan.faults) counts.set(fault.kind, (counts.get(fault.kind) ?? Number.NaN) + 1);
        const vendor = counts.get('vendor');
        counts.delete('vendor');
        if (counts.size === 0) expect(vendor).toBe(faults);
        else if (vendor !== undefined) expect(vendor).toBe(Math.floor(faults / 4));
        if (counts.size > 0) expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is keyed to progress that comes before its end', () => {
    fc.assert(
      fc.property(seeds, sizes, fc.integer({ min: 100, max: 5_000 }), (seed, faults, spacing) => {
        const plan = expand({ seed, targets, faults, spacing });
        for (const { at } of plan.faults) {
          expect(at.count).toBeGreaterThan(0);
          expect(at.count).toBeLessThan(plan.points);
        }
      }),
    );
  });

  it('is plain data, and can be read by people', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const plan = expand({ seed, targets, faults: allKinds.length });
        expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
        const text = describePlan(plan);
        expect(text.split('\n')).toHaveLength(plan.faults.length + 1);
        for (const { fault } of plan.faults) expect(text).toContain(describeFault(fault));
        expect(text).not.toContain('undefined');
      }),
    );
  });

  it('does nothing to a platform that it cannot heal', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const { fault } of expand({ seed, targets, faults: 40, kinds: ['vendor'] }).faults) {
          if (fault.kind !== 'vendor') throw new Error('another kind');
          if (fault.platform === 'exosense') expect(fault.fault.kind).not.toBe('expire-tokens');
          if (fault.platform !== 'ochno') expect(fault.fault.kind).not.toBe('cut-streams');
          expect(fault.forPoints).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('ends a process at failpoints only that it passes', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const { fault } of expand({ seed, targets, faults: 20, kinds: ['failpoint'] }).faults) {
          if (fault.kind !== 'failpoint') throw new Error('another kind');
          expect(targets.passes(fault.service)).toContain(fault.place);
          expect(fault.hit).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('needs kinds', () => {
    expect(() => expand({ seed: 1, targets, kinds: [] })).toThrow(RangeError);
  });
});

import { describe, expect, it } from '@jest/globals';
import { base32 } from '@tributary/contracts';
import fc from 'fast-check';
import { fingerprintOf } from './parked-fingerprint.ts';

const word = fc.stringMatching(/^[g-z]{3,10}$/);
const id = fc.oneof(
  fc.uuid(),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => `dev_${base32(bytes)}`),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('hex')),
);
const number = fc.oneof(
  fc.nat().map(String),
  fc.double({ noNaN: true, min: 0, max: 1e6 }).map((n) => n.toFixed(3)),
);
const time = fc
  .date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
/** A fault as a text with holes, and two ways to fill them. */
const holes = fc.record({
  words: fc.tuple(word, word, word),
  fillings: fc.tuple(id, id, number, number, time, time),
  places: fc.tuple(fc.nat(499), fc.nat(499)),
});

describe('the fingerprint of a fault', () => {
  it('does not see ids, numbers, times, places in a list, order and repetition', () => {
    fc.assert(
      fc.property(holes, holes, ({ words: [a, b, c], fillings, places }, other) => {
        const [id1, id2, n1, n2, t1, t2] = fillings;
        const fault = (oneId: string, n: string, t: string, at: number) => [
          { path: `/data/points/${at}/${a}`, problem: `${b} ${n} of ${oneId} at ${t}` },
          { path: `/${c}`, problem: 'is missing' },
        ];
        const outline = { reason: 'schema', area: a, platform: b };
        const first = fingerprintOf({ ...outline, problems: fault(id1, n1, t1, places[0]) });
        const moved = fault(id2, n2, t2, places[1]).toReversed();
        expect(fingerprintOf({ ...outline, problems: [...moved, ...moved] })).toBe(first);
        expect(first).toMatch(/^fpr_[a-z2-7]{26}$/);
        const [x, y, z] = other.words;
        fc.pre(x !== a || y !== b || z !== c);
        const different = { ...outline, problems: [{ path: `/${x}`, problem: `${y} ${z}` }] };
        expect(fingerprintOf(different)).not.toBe(first);
      }),
    );
  });

  it('sees reason, area, platform, place and problem', () => {
    const base = {
      reason: 'schema',
      area: 'telemetry',
      platform: 'acme',
      problems: [{ path: '/a/0/b', problem: 'x' }],
    };
    const others = [
      { ...base, reason: 'mismatch' },
      { ...base, area: 'device' },
      { ...base, platform: 'other' },
      { ...base, problems: [{ path: '/a/0/c', problem: 'x' }] },
      { ...base, problems: [{ path: '/a/0/b', problem: 'y' }] },
      { ...base, problems: [...base.problems, { path: '/z', problem: 'x' }] },
      { ...base, problems: [] },
    ];
    expect(new Set([base, ...others].map(fingerprintOf)).size).toBe(others.length + 1);
  });

  it('sees which rule of the database was broken', () => {
    const of = (state: string) =>
      fingerprintOf({ reason: 'refused-by-database', problems: [{ path: '/data', problem: `refused (${state})` }] });
    expect(of('23514')).not.toBe(of('22003'));
    expect(of('22P05')).not.toBe(of('22003'));
  });
});

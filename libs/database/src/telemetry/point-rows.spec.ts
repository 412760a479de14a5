import { describe, expect, it } from '@jest/globals';
import type { Json } from '@tributary/contracts';
import fc from 'fast-check';
import { type Fact, stateOf } from '../testing/fact-model.ts';
import { PointRows, parseRev } from './point-rows.ts';

const arbitraryFact = fc.record({
  series: fc.integer({ min: 1, max: 3 }),
  tsMs: fc.integer({ min: 0, max: 3 }),
  rev: fc.integer({ min: 1, max: 5 }),
  value: fc.constantFrom<Json>(1, 2, 0, true, false, 'x', ''),
});
type Given = typeof arbitraryFact extends fc.Arbitrary<infer T> ? T : never;

const asFact = (given: Given): Fact => ({ device: 'd', signal: String(given.series), ...given });

function arranged(facts: Given[]) {
  const rows = new PointRows(facts.length);
  for (const fact of facts) rows.add(fact.series, fact.tsMs, BigInt(fact.rev), fact.value);
  return { rows, repeated: rows.arrange() };
}

describe('PointRows', () => {
  it('leaves out only what changes nothing, and brings an identity once in a wave, in order', () => {
    fc.assert(
      fc.property(fc.array(arbitraryFact, { maxLength: 40 }), (facts) => {
        const { rows, repeated } = arranged(facts);
        const kept = [...rows.order].map((row) => facts[row] as Given);
        expect(kept.length + repeated).toBe(facts.length);
        expect(stateOf(kept.map(asFact))).toEqual(stateOf(facts.map(asFact)));
        const places = [...rows.order].map((row) => `${rows.series[row]} ${rows.tsUs[row]} ${rows.wave[row]}`);
        expect(new Set(places).size).toBe(places.length);
        const keys = kept.map((fact) => fact.series * 1000 + fact.tsMs);
        expect(keys).toEqual(keys.toSorted((a, b) => a - b));
        expect(Math.max(-1, ...[...rows.order].map((row) => rows.wave[row] ?? 0))).toBe(rows.waves - 1);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[Json, boolean]>([
    [1.5, true],
    [Number.NaN, false],
    [Number.POSITIVE_INFINITY, false],
    [null, false],
    ['', true],
    ['\0', false],
    ['\udc00', false],
    ['🏢', true],
    [['\0'], false],
    [['\\u0000'], true],
    [['\\\\\0'], false],
    [{ '\ud800': 1 }, false],
    [{}, true],
  ])('takes %j: %s', (value, taken) => {
    expect(new PointRows(1).add(1, 0, 1n, value)).toBe(taken);
  });

  it('reads a rev that fits eight bytes', () => {
    expect(parseRev('9223372036854775807')).toBe(2n ** 63n - 1n);
    for (const bad of ['9223372036854775808', '-1', '1.5', '', 'x', '1e3']) expect(parseRev(bad)).toBeUndefined();
  });
});

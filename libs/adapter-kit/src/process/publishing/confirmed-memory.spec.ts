import { describe, expect, it } from '@jest/globals';
import { derivedEventId } from '@tributary/contracts';
import fc from 'fast-check';
import { canonical } from '../../digest.ts';
import { ConfirmedMemory } from './confirmed-memory.ts';
import { fingerprint } from './fingerprint.ts';

describe('ConfirmedMemory', () => {
  it('knows a value only once it is confirmed, and only in its scope', () => {
    const memory = new ConfirmedMemory(10);
    const scope = memory.scope();
    expect(scope.knows('s', 'a', '1')).toBe(false);
    scope.confirmed('s', 'a', '1', 1n);
    expect(scope.knows('s', 'a', '1')).toBe(true);
    expect(scope.knows('s', 'a', '2')).toBe(false);
    expect(scope.knows('s', 'b', '1')).toBe(false);
    expect(scope.knows('t', 'a', '1')).toBe(false);
    expect(memory.scope().knows('s', 'a', '1')).toBe(false);
  });

  it('ends with the value of the greatest rev, whatever the order of confirms', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1 }), (revs) => {
        const scope = new ConfirmedMemory(10).scope();
        for (const rev of revs) scope.confirmed('s', 'a', String(rev), BigInt(rev));
        expect(scope.knows('s', 'a', String(Math.max(...revs)))).toBe(true);
      }),
    );
  });

  it('is bounded over all scopes, forgets the oldest of a series first, and counts right', () => {
    const step = fc.record({
      scope: fc.nat(2),
      series: fc.constantFrom('s', 't'),
      item: fc.nat(30),
      drop: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const memory = new ConfirmedMemory(20);
        const scopes = [memory.scope(), memory.scope(), memory.scope()];
        for (const [i, { scope, series, item, drop }] of steps.entries()) {
          if (drop && i % 50 === 0) {
            scopes[scope]?.drop();
            scopes[scope] = memory.scope();
          }
          scopes[scope]?.confirmed(series, String(item), 'v', BigInt(i + 1));
          expect(memory.size).toBeLessThanOrEqual(20);
        }
        let known = 0;
        for (const scope of scopes) {
          for (const series of ['s', 't']) {
            for (let item = 0; item <= 30; item++) if (scope.knows(series, String(item), 'v')) known += 1;
          }
        }
        expect(known).toBe(memory.size);
      }),
    );
    const scope = new ConfirmedMemory(4).scope();
    for (let i = 0; i < 5; i++) scope.confirmed('s', String(i), 'v', 1n);
    expect(scope.knows('s', '4', 'v')).toBe(true);
    expect(scope.knows('s', '0', 'v')).toBe(false);
  });
});

describe('fingerprint', () => {
  it('is equal exactly when the content is, whatever the order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = canonical(a as never) === canonical(b as never);
        expect(fingerprint(a as never) === fingerprint(b as never)).toBe(same);
      }),
    );
    expect(fingerprint({ a: 1, b: 'x'.repeat(50) })).toBe(fingerprint({ b: 'x'.repeat(50), a: 1 }));
    expect(fingerprint(1)).not.toBe(fingerprint('1'));
  });
});

describe('derivedEventId', () => {
  it('is a UUIDv7 of the time, the same for the same parts and for no others', () => {
    const id = derivedEventId(1_760_000_000_000, 'con', 'key');
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(1_760_000_000_000);
    expect(derivedEventId(1_760_000_000_000, 'con', 'key')).toBe(id);
    expect(derivedEventId(1_760_000_000_000, 'conk', 'ey')).not.toBe(id);
  });
});

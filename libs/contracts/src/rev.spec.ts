import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventTimeMs, revTimeMs, telemetryEventId } from './rev.ts';

const CONNECTION = `con_${'a'.repeat(26)}`;
const rev = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String);

describe('the id of a telemetry event', () => {
  it('is a UUIDv7 of the time of its rev, the same whenever it is computed', () => {
    fc.assert(
      fc.property(rev, (text) => {
        const id = telemetryEventId(CONNECTION, text);
        expect(eventTimeMs(id)).toBe(revTimeMs(text));
        expect(telemetryEventId(CONNECTION, text)).toBe(id);
      }),
    );
  });

  it('is another for another rev of the same millisecond, and for another connection', () => {
    const ids = [1n, 2n, 3n].map((n) => telemetryEventId(CONNECTION, String((1_700_000_000_000n << 21n) + n)));
    ids.push(telemetryEventId(`con_${'b'.repeat(26)}`, String((1_700_000_000_000n << 21n) + 1n)));
    expect(new Set(ids).size).toBe(4);
    expect(new Set(ids.map(eventTimeMs))).toEqual(new Set([1_700_000_000_000]));
  });

  it('has no time where it is no UUIDv7', () => {
    expect(eventTimeMs('c9a63a2f-8a3c-4d3b-9a51-0c4c2c0f9f0e')).toBeUndefined();
    expect(eventTimeMs('')).toBeUndefined();
  });
});

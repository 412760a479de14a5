import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PayloadError, parseAttributes, parseTelemetry } from './telemetry-payload.ts';

const scalar = fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
const nested = fc.oneof(scalar, fc.array(scalar), fc.dictionary(fc.string(), scalar));

describe('parseTelemetry', () => {
  it('keeps every value as JSON has it, with keys of any kind', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), nested), fc.integer({ min: 0 }), (values, ts) => {
        const [message] = parseTelemetry(JSON.stringify({ ts, values }));
        expect(message?.ts).toBe(ts);
        const read = [...(message?.values ?? [])].map(([key, { value }]) => [key, value]);
        const again = JSON.parse(JSON.stringify(values)) as Record<string, unknown>;
        expect(read).toEqual(Object.entries(again));
      }),
    );
  });

  it('remembers which whole numbers were written as floating point', () => {
    const real = (text: string) => parseAttributes(`{"a":${text}}`).get('a')?.real;
    expect(['42', '42.0', '4.2e1', '42.5', '-1', '"42.0"', '[1.0]'].map(real)).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(parseAttributes('{"a":{"b":[1.0,{"c":2.0}]}}').get('a')?.value).toEqual({ b: [1, { c: 2 }] });
  });

  it('answers anything else with PayloadError', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseTelemetry(text);
        } catch (error) {
          expect(error).toBeInstanceOf(PayloadError);
        }
      }),
    );
    for (const bad of [
      'null',
      '"a"',
      '[1]',
      '{"a":null}',
      '{"ts":1.5,"values":{}}',
      '{"ts":1,"values":[]}',
      '{"a":-1e400}',
    ]) {
      expect(() => parseTelemetry(bad)).toThrow(PayloadError);
    }
  });
});

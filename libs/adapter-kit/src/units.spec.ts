import { describe, expect, it } from '@jest/globals';
import { unitReader } from './units.ts';

describe('unitReader', () => {
  const ucumOf = unitReader({ 'U/min': '{rpm}/min', µs: 'us', kΩ: 'kOhm', bar: '{bar}' });

  it.each([
    ['°C', 'Cel'],
    [' km/h ', 'km/h'],
    ['l', 'L'],
    ['kWh', 'kW.h'],
    ['U/min', '{rpm}/min'],
    ['\u03bcs', 'us'],
    ['\u00b5s', 'us'],
    ['k\u2126', 'kOhm'],
    ['k\u03a9', 'kOhm'],
    ['bar', '{bar}'],
  ])('reads %j as %j', (unit, code) => expect(ucumOf(unit)).toBe(code));

  it.each([undefined, '', 'g', 'C', 'F', 'furlong', 'constructor', '__proto__'])('says nothing of %j', (unit) => {
    expect(ucumOf(unit)).toBeUndefined();
  });

  it("has no platform's words for another", () => {
    expect(unitReader({})('U/min')).toBeUndefined();
    expect(unitReader({})('bar')).toBe('bar');
  });
});

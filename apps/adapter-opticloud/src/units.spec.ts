import { describe, expect, it } from '@jest/globals';
import { ucumOf } from './units.ts';

describe('ucumOf', () => {
  it.each([
    ['°C', 'Cel'],
    [' km/h ', 'km/h'],
    ['\u03bcs', 'us'],
    ['\u00b5s', 'us'],
    ['k\u2126', 'kOhm'],
    ['rpm', '{rpm}/min'],
  ])('reads %j as %j', (unit, code) => {
    expect(ucumOf(unit)).toBe(code);
  });

  it.each([undefined, '', 'g', 'C', 'furlong', 'constructor'])('says nothing of %j', (unit) => {
    expect(ucumOf(unit)).toBeUndefined();
  });
});

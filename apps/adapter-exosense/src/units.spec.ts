import { describe, expect, it } from '@jest/globals';
import { ucumOf } from './units.ts';

describe('units', () => {
  it.each([
    [{ id: 'DEG_CELSIUS', abbr: '°C' }, 'Cel'],
    [{ id: 'x-17', abbr: 'kWh' }, 'kW.h'],
    [{ id: null, abbr: ' rpm ' }, '{rpm}/min'],
    [{ abbr: 'kΩ' }, 'kOhm'],
  ])('%j is %s', (unit, code) => expect(ucumOf(unit)).toBe(code));

  // Coulombs or degrees, grams or an acceleration, a method of Object's.
  it.each([
    { abbr: 'C' },
    { abbr: 'g' },
    { abbr: '' },
    { id: 'LAT_LONG', abbr: '' },
    { id: 'toString' },
    null,
    undefined,
  ])('%j is left out', (unit) => expect(ucumOf(unit)).toBeUndefined());
});

import { describe, expect, it } from '@jest/globals';
import { readValue } from './values.ts';

describe('values', () => {
  it.each([
    ['NUMERIC', 12.5, '12.5', 12.5],
    ['NUMERIC', null, '1e3', 1000],
    ['NUMERIC', null, 'warm', undefined],
    ['NUMERIC', true, null, undefined],
    ['BOOLEAN', 1, 'true', true],
    ['BOOLEAN', 0, null, false],
    ['BOOLEAN', null, 'FALSE', false],
    ['BOOLEAN', true, null, true],
    ['BOOLEAN', 2, 'maybe', undefined],
    ['STRING', null, '007', '007'],
    ['STRING', 5, null, '5'],
    ['STRING', null, '', ''],
    ['JSON', null, '{"lat":48.1,"id":12345678901234567890}', { lat: 48.1, id: '12345678901234567890' }],
    ['JSON', null, 'no json', 'no json'],
    ['JSON', null, 'null', undefined],
    ['NEW', null, 'x', 'x'],
    [undefined, 3, '3', 3],
    [undefined, null, null, undefined],
  ])('%s: %j, %j', (type, value, valueString, expected) => {
    expect(readValue({ value, valueString }, type)).toEqual(expected);
  });
});

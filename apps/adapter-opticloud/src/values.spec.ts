import { describe, expect, it } from '@jest/globals';
import { readValue } from './values.ts';

describe('readValue', () => {
  it.each([1, 0.5, true, '42', 'text', '', [1], { a: null }])('leaves %j as it is', (value) => {
    expect(readValue(value, 'native')).toEqual(value);
  });

  it.each(['native', 'infer'] as const)('knows no value in null (%s)', (reading) => {
    expect(readValue(null, reading)).toBeUndefined();
  });

  it.each([
    ['42', 42],
    ['-0.5e3', -500],
    ['true', true],
    ['false', false],
    ['{"a":[1]}', { a: [1] }],
    ['007', '007'],
    ['1e999', '1e999'],
    ['9007199254740993', '9007199254740993'],
    ['{not json', '{not json'],
    ['True', 'True'],
    ['', ''],
    [' 1', ' 1'],
  ])('infers %j as %j', (text, value) => {
    expect(readValue(text, 'infer')).toEqual(value);
  });
});

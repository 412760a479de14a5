import { describe, expect, it } from '@jest/globals';
import { UnavailableError } from '@tributary/contracts';
import { ownTrouble } from './own-trouble.ts';

const withCode = (code: string) => Object.assign(new Error('said by Postgres'), { code });

describe('what of ours is away', () => {
  it.each([
    withCode('53100'),
    withCode('25006'),
    withCode('57P01'),
    withCode('ECONNREFUSED'),
    withCode('40P01'),
    new Error('Client has encountered a connection error and is not queryable'),
    new Error('wrapped', { cause: withCode('57P03') }),
  ])('is the database: %s', (error) => {
    expect(ownTrouble(error)).toBe('our database could not be written');
  });

  it.each([
    new TypeError('undefined is not a function'),
    new UnavailableError('the platform is away'),
    withCode('42703'),
    Object.assign(new Error('aborted'), { name: 'AbortError' }),
    'a text',
    undefined,
  ])('is nothing of ours: %s', (error) => {
    expect(ownTrouble(error)).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { classifyDatabaseError } from './database-errors.ts';

const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('classifyDatabaseError', () => {
  it.each([
    ['22003', 'bad-message'],
    ['22P02', 'bad-message'],
    ['22021', 'bad-message'],
    ['23502', 'bad-message'],
    ['23514', 'bad-message'],
    ['08006', 'environment'],
    ['53100', 'environment'],
    ['53300', 'environment'],
    ['57P01', 'environment'],
    ['57P03', 'environment'],
    ['57014', 'environment'],
    ['25006', 'environment'],
    ['55P03', 'environment'],
    ['28P01', 'environment'],
    ['3D000', 'environment'],
    ['ECONNREFUSED', 'environment'],
    ['ECONNRESET', 'environment'],
    ['40001', 'conflict'],
    ['40P01', 'conflict'],
    ['23505', 'conflict'],
    ['42703', 'deploy'],
    ['42P01', 'deploy'],
    ['21000', 'deploy'],
    ['0A000', 'deploy'],
    ['ZZ999', 'deploy'],
  ])('%s is %s', (code, fault) => {
    expect(classifyDatabaseError(withCode(code))).toBe(fault);
  });

  it('knows a lost connection without a code, a pool that waited, and causes', () => {
    expect(classifyDatabaseError(new Error('Connection terminated unexpectedly'))).toBe('environment');
    expect(classifyDatabaseError(new Error('timeout exceeded when trying to connect'))).toBe('environment');
    expect(classifyDatabaseError(new Error('outer', { cause: withCode('40P01') }))).toBe('conflict');
    expect(classifyDatabaseError(new AggregateError([withCode('ECONNREFUSED')]))).toBe('environment');
  });

  it('takes a mistake of ours for one', () => {
    expect(classifyDatabaseError(new TypeError('x is not a function'))).toBe('deploy');
    expect(classifyDatabaseError('text')).toBe('deploy');
  });
});

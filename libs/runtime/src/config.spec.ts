import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { ConfigError, duration, flag, integer, loadConfig, parseDuration, port, serviceUrl } from './config.ts';
import { Secret, secret } from './secret.ts';

const schema = z.object({
  DATABASE_URL: serviceUrl('postgres', 'postgresql'),
  PORT: port().default(0),
  LEASE_TTL: duration().default(30_000),
  PASSWORD: secret(),
  WINDOW: integer(1, 10).default(5),
  VERBOSE: flag().default(false),
});

const good = { DATABASE_URL: 'postgres://db/x', PASSWORD: 'hunter2' };

describe('loadConfig', () => {
  it('reads what is given and fills in defaults', () => {
    const config = loadConfig(schema, { ...good, LEASE_TTL: '15s', VERBOSE: 'on', OTHER: 'x' });
    expect(config).toMatchObject({ PORT: 0, LEASE_TTL: 15_000, WINDOW: 5, VERBOSE: true });
    expect(config.PASSWORD.reveal()).toBe('hunter2');
  });

  it('names all problems at once, by key and never by value', () => {
    const env = {
      DATABASE_URL: 'mysql://secret-host',
      PORT: '70000',
      LEASE_TTL: '15',
      WINDOW: 'many',
      VERBOSE: 'perhaps',
    };
    const error = catchError(() => loadConfig(schema, env));
    expect(error).toBeInstanceOf(ConfigError);
    const keys = (error as ConfigError).problems.map((p) => p.key).toSorted();
    expect(keys).toEqual(['DATABASE_URL', 'LEASE_TTL', 'PASSWORD', 'PORT', 'VERBOSE', 'WINDOW']);
    for (const value of ['secret-host', '70000', 'many', 'perhaps'])
      expect((error as Error).message).not.toContain(value);
    expect((error as ConfigError).problems.find((p) => p.key === 'PASSWORD')?.problem).toBe('is required');
  });

  it('counts an empty variable as absent', () => {
    expect(loadConfig(schema, { ...good, PORT: '' }).PORT).toBe(0);
  });
});

describe('parseDuration', () => {
  it('reads each unit', () => {
    expect(['250ms', '30s', '15m', '2h', '7d'].map(parseDuration)).toEqual([
      250, 30_000, 900_000, 7_200_000, 604_800_000,
    ]);
  });

  it('refuses everything without a unit', () => {
    fc.assert(fc.property(fc.integer(), (n) => expect(() => parseDuration(String(n))).toThrow(RangeError)));
  });
});

describe('Secret', () => {
  it('gives stars however it is turned into text', () => {
    const value = new Secret('hunter2');
    for (const text of [
      String(value),
      JSON.stringify({ value }),
      inspect(value),
      inspect({ a: [value] }),
      `${value}`,
    ]) {
      expect(text).toContain('***');
      expect(text).not.toContain('hunter2');
    }
  });
});

function catchError(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

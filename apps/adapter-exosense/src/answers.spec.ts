import { describe, expect, it } from '@jest/globals';
import { bodyOf, metered, readAnswer, reported } from './answers.ts';

const answer = (body: unknown, status = 200, headers = {}) => ({ status, headers, text: JSON.stringify(body) });
const data = { assets: [] };
const full = {
  data,
  extensions: {
    cost: {
      overRateLimit: false,
      rateUsage: { query: 0, time: 825, requests: 1, cost: 0 },
      rateLimits: { query: 1_000_000, time: 100_000, requests: 10, cost: 1_000_000 },
      limits: { query: 1_000_000, time: 10_000, cost: 1_000_000 },
      time: 115,
      usage: { query: 0, time: 115, cost: 0 },
      tomorrow: 'something new',
    },
  },
};

describe('an answer', () => {
  it('tells what it cost, and what the platform counts', () => {
    expect(reported(answer(full))).toEqual({ execution: 115 });
    expect(metered(answer(full))).toEqual({
      requests: { spent: 1, limit: 10 },
      execution: { spent: 825, limit: 100_000 },
    });
  });

  it.each([
    [{ data }],
    [{ data, extensions: null }],
    [{ data, extensions: { cost: 'free' } }],
    [{ data, extensions: { cost: { usage: { time: 'long' }, rateUsage: [] } } }],
    ['text'],
  ])('may tell nothing of it: %j', (body) => {
    expect(reported(answer(body))).toBeUndefined();
    expect(metered(answer(body)) ?? {}).toEqual({});
  });

  it('has cost the most there is when the platform cut it off', () => {
    expect(reported(answer('<html>', 504))).toEqual({ execution: 10_000 });
  });

  it('keeps data and errors that come together', () => {
    const both = { data: { a: 1, b: null }, errors: [{ message: 'no', path: ['b', 0] }, 'odd'] };
    const headers = { date: 'Sun, 01 Mar 2026 00:00:01 GMT' };
    expect(readAnswer('EXO-07', answer(both, 200, headers))).toEqual({
      data: { a: 1, b: null },
      errors: [{ message: 'no', path: ['b', 0] }, { message: '' }],
      executionMs: undefined,
      platformTimeMs: Date.UTC(2026, 2, 1, 0, 0, 1),
    });
  });

  it.each([['<html>'], [null], [[]], [{ data: null }], [{ data: [] }], [{}]])('%j is none', (body) => {
    expect(() => readAnswer('EXO-07', answer(body))).toThrow('EXO-07: expected an object with data');
    expect(bodyOf(answer(body))?.data).toBeUndefined();
  });
});

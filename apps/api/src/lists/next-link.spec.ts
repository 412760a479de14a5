import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextLink } from './next-link.ts';

describe('nextLink', () => {
  it('asks for the same, whatever it is, and for the next page', () => {
    const asked = fc.dictionary(fc.constantFrom('filter', 'sort', 'limit'), fc.string({ unit: 'grapheme' }));
    // A question mark may stand in a query as it is.
    const loosely = (text: string) => encodeURIComponent(text).replaceAll('%3F', '?');
    fc.assert(
      fc.property(asked, fc.option(fc.constant('an-old-cursor')), (parameters, old) => {
        const query = Object.entries({ ...parameters, ...(old ? { cursor: old } : {}) }).map(
          ([name, value]) => `${name}=${loosely(value)}`,
        );
        const link = nextLink(`/v1/devices${query.length > 0 ? '?' : ''}${query.join('&')}`, 'next');
        const target = new URL(/^<(.*)>; rel="next"$/.exec(link)?.[1] ?? '', 'https://tributary.example');
        expect(target.pathname).toBe('/v1/devices');
        expect(Object.fromEntries(target.searchParams)).toEqual({ ...parameters, cursor: 'next' });
      }),
    );
  });

  it('leaves out what only the first page takes', () => {
    expect(nextLink('/v1/events?since=2026-01-01T00:00:00Z&limit=1', 'c', ['since'])).toBe(
      '</v1/events?limit=1&cursor=c>; rel="next"',
    );
  });
});

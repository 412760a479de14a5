import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { requestUrl } from './request-url.ts';

const TEMPLATE = '/v1/connections/{connectionId}/entities/{type}/{nativeId}';

describe('an address', () => {
  it('gives back what was put into it, whatever it holds', () => {
    const part = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/^\.{1,2}$/.test(text));
    fc.assert(
      fc.property(part, part, fc.string({ unit: 'grapheme' }), (type, nativeId, filter) => {
        const url = new URL(requestUrl(TEMPLATE, { connectionId: 'con_1', type, nativeId }, { filter }), 'http://host');
        const parts = url.pathname.split('/').map(decodeURIComponent);
        expect(parts).toEqual(['', 'v1', 'connections', 'con_1', 'entities', type, nativeId]);
        expect(url.searchParams.get('filter')).toBe(filter);
      }),
    );
  });

  it.each(['', '.', '..'])('is refused where a part is “%s”: it would be another address', (nativeId) => {
    expect(() => requestUrl(TEMPLATE, { connectionId: 'c', type: 't', nativeId })).toThrow(
      'needs a value for nativeId',
    );
  });

  it('leaves out what is not wished, and writes times and lists as the API reads them', () => {
    const query = { from: new Date(0), fn: ['avg', 'max'], to: undefined, live: false };
    expect(requestUrl('/v1/x', {}, query)).toBe('/v1/x?from=1970-01-01T00%3A00%3A00.000Z&fn=avg%2Cmax&live=false');
  });
});

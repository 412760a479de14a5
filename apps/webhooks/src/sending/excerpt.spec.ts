import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { excerptOf } from './excerpt.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

describe('excerpts of answers', () => {
  it('hold nothing that was secret, however it is spelled', () => {
    const header = 'Bearer tok"en/with+everything';
    const echoed = [
      SECRET,
      SECRET.slice('whsec_'.length),
      header,
      JSON.stringify({ authorization: header }),
      encodeURIComponent('tok"en/with+everything'),
      Buffer.from(header).toString('base64'),
    ].join('\n');
    const excerpt = excerptOf(bytes(`seen:\n${echoed}`), [SECRET, header]) ?? '';
    expect(excerpt).toContain('seen:');
    for (const part of ['MfKQ9r8GKYqr', 'with+everything', 'with%2Beverything', 'd2l0aCtldmVyeXRoaW5n'])
      expect(excerpt).not.toContain(part);
  });

  it('are short text that the database can hold, or none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), (body) => {
        const excerpt = excerptOf(body, [SECRET]);
        expect(excerpt === undefined || (excerpt.length > 0 && excerpt.length <= 1_000)).toBe(true);
        expect(excerpt ?? '').not.toContain('\u0000');
      }),
    );
    expect(excerptOf(bytes(' \n\u0000 '), [])).toBeUndefined();
    expect(excerptOf(bytes(`x${'💥'.repeat(600)}`), [])?.isWellFormed()).toBe(true);
  });
});

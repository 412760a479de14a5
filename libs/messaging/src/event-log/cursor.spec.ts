import { describe, expect, it } from '@jest/globals';
import { newEventId } from '@tributary/runtime';
import fc from 'fast-check';
import { CursorInvalid } from '../errors.ts';
import { checkOf, decodeCursor, encodeCursor } from './cursor.ts';

describe('cursors', () => {
  it('come back as they went', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.string(), (offset, messageId) => {
        const position = { offset, check: checkOf(messageId) };
        expect(decodeCursor(encodeCursor(position))).toEqual(position);
      }),
    );
    expect(decodeCursor(encodeCursor(undefined))).toBeUndefined();
  });

  it('are refused in any other form', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(text !== '1.start' && !/^1\.\d+\.[\w-]+$/.test(text));
        expect(() => decodeCursor(Buffer.from(text).toString('base64url'))).toThrow(CursorInvalid);
        expect(() => decodeCursor(text)).toThrow(CursorInvalid);
      }),
    );
    expect(() => decodeCursor(`${encodeCursor({ offset: 5, check: 'abc' })}=`)).toThrow(CursorInvalid);
    expect(() => decodeCursor(encodeCursor({ offset: 2 ** 53, check: 'abc' }))).toThrow(CursorInvalid);
  });

  it('differ for two events at one offset of two logs', () => {
    expect(encodeCursor({ offset: 1, check: checkOf(newEventId()) })).not.toBe(
      encodeCursor({ offset: 1, check: checkOf(newEventId()) }),
    );
  });
});

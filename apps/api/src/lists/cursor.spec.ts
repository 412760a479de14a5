import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ProblemError } from '../http/problem-error.ts';
import { bindingOf, readCursor, writeCursor } from './cursor.ts';

const binding = bindingOf('devices', 'default', 'name eq "x"');

describe('cursors', () => {
  it('give back the keys they were made of', () => {
    fc.assert(
      fc.property(
        fc.string().filter((s) => !s.includes('\u0000')),
        fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
        (name, at) => {
          const keys = [name, String(at), null];
          expect(readCursor(writeCursor(binding, keys), binding, ['text', 'timestamptz', 'bigint'])).toEqual(keys);
        },
      ),
    );
  });

  it('of another list, filter, order or workspace are refused', () => {
    const cursor = writeCursor(binding, ['a']);
    expect(() => readCursor(cursor, bindingOf('devices', 'other', 'name eq "x"'), ['text'])).toThrow(ProblemError);
    expect(() => readCursor(cursor, binding, ['text', 'text'])).toThrow(ProblemError);
    expect(() => readCursor(cursor, binding, ['bigint'])).toThrow(ProblemError);
  });

  it('are refused with 400 and nothing else when they are garbage', () => {
    const parts = fc.oneof(
      fc.string(),
      fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
    );
    fc.assert(
      fc.property(parts, (garbage) => {
        try {
          readCursor(garbage, binding, ['bigint']);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid-request', status: 400 });
          return;
        }
        throw new Error('garbage was read');
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { shownName, storedName } from './names.ts';

const name = fc.oneof(
  fc.string(),
  fc
    .array(fc.constantFrom('.', '$', '\uff0e', '\uff04', '\uff3c', 'a'), { maxLength: 8 })
    .map((parts) => parts.join('')),
);

describe('names of properties', () => {
  it('come back as they were, and are stored as the platform wants them', () => {
    fc.assert(
      fc.property(name, (given) => {
        const stored = storedName(given);
        expect(stored).not.toMatch(/^\$|\./);
        expect(shownName(stored)).toBe(given);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never make two names one', () => {
    fc.assert(
      fc.property(name, name, (a, b) => fc.pre(a !== b) === undefined && expect(storedName(a)).not.toBe(storedName(b))),
    );
  });

  it.each([
    ['firstName', 'firstName'],
    ['a.b', 'a\uff0eb'],
    ['$set', '\uff04set'],
    ['price$', 'price$'],
  ])('%s is stored as %s', (shown, stored) => expect(storedName(shown)).toBe(stored));
});

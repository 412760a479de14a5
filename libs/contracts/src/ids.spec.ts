import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { base32, deviceId, fileId, spaceId } from './ids.ts';
import { deviceIdSchema, fileIdSchema, spaceIdSchema } from './words.ts';

describe('derived ids', () => {
  it('are the same for the same parts, and fit their schema', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (connection, native, name) => {
        expect(deviceId(connection, native)).toBe(deviceId(connection, native));
        deviceIdSchema.parse(deviceId(connection, native));
        spaceIdSchema.parse(spaceId(connection, native));
        fileIdSchema.parse(fileId(connection, native, name));
      }),
    );
  });

  it('differ when the border between two parts moves', () => {
    expect(deviceId('ab', 'c')).not.toBe(deviceId('a', 'bc'));
    expect(fileId('c', 'a/b', 'c')).not.toBe(fileId('c', 'a', 'b/c'));
  });

  it('never change: stored rows depend on them', () => {
    expect(deviceId('con_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'meter 1')).toMatchInlineSnapshot(
      `"dev_dhl5lvsm3hiofgcnqkeje52k2m"`,
    );
  });
});

describe('base32', () => {
  it('follows RFC 4648 section 10, in lower case and without padding', () => {
    const text = (word: string) => base32(Buffer.from(word));
    expect(['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map(text)).toEqual([
      '',
      'my',
      'mzxq',
      'mzxw6',
      'mzxw6yq',
      'mzxw6ytb',
      'mzxw6ytboi',
    ]);
  });
});

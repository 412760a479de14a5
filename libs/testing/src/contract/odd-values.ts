import fc from 'fast-check';

/** What programs trip over: empty, very long, controls, markup, patterns, dates and numbers that are none. */
const ODD_TEXTS = [
  '',
  ' ',
  'null',
  'undefined',
  'true',
  '0',
  '-0',
  '-1',
  '1e400',
  'NaN',
  '9007199254740993',
  '99999999999999999999',
  '0x10',
  '1,2',
  ',',
  '\t\r\n',
  '\u0000',
  '\u001b[31m',
  '\u200b\u202e',
  '\ufeff',
  'ﬃ İ ß ǅ',
  'e\u0301',
  '💥👩‍👩‍👧',
  '../../etc/passwd',
  '/',
  '//',
  ':test',
  '~test',
  '%',
  '%00',
  '%2e%2e%2f',
  "' or 1=1 --",
  '";drop table device;--',
  '\\',
  '{"$gt":""}',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '$(id)',
  '__proto__',
  'constructor',
  'toString',
  '2026-02-30T00:00:00Z',
  '0000-00-00T00:00:00Z',
  '9999-12-31T23:59:60Z',
  '+275760-09-13T00:00:00Z',
  'P',
  'P999999999Y',
  'PT0S',
  'a'.repeat(300),
  'ä'.repeat(5_000),
  '('.repeat(400),
  'not '.repeat(300),
  // Cursors as they might be made up.
  'WzEsIngiLFtudWxsXV0',
  'WzEsIngiLFsiYSIsImIiLCJjIl1d',
];

/** Texts that no caller with good intentions sends, and some that one does. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constantFrom(...ODD_TEXTS), weight: 4 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 30 }), weight: 2 },
  { arbitrary: fc.string({ maxLength: 30 }), weight: 1 },
);

/** JSON of any shape and of sizes that hurt; text, because not all of it can be a value. */
export const oddJson: fc.Arbitrary<string> = fc.oneof(
  fc.json({ maxDepth: 4, stringUnit: 'binary' }),
  fc.constantFrom(
    '',
    ' ',
    'null',
    '{}',
    '[]',
    '""',
    '0',
    '-0',
    '1e400',
    '1e-400',
    '123456789012345678901234567890',
    '{',
    '[1,]',
    '{"a":1,"a":2}',
    '{"__proto__":{"a":1}}',
    '{"constructor":{"prototype":{"a":1}}}',
    '"\\u0000"',
    '{"\\ud800":1}',
    '\ufeff{}',
    "{'a':1}",
    'NaN',
    '[[[]]]'.repeat(50),
    '['.repeat(64) + ']'.repeat(64),
    '{"a":'.repeat(5_000),
    JSON.stringify(Array.from({ length: 2_000 }, (_, i) => i)),
    JSON.stringify(Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`m${i}`, i]))),
  ),
);

/** Texts that may stand in a header: bytes that HTTP lets through. */
export const headerText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    '*',
    '"',
    '""',
    'W/"a"',
    '"a","b"',
    ', ,',
    'a b',
    'null',
    'x'.repeat(300),
    '"ÿ"',
    ';q=',
    '*/*;q=2',
  ),
  fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 40 }),
);

/** The same value with one part of it changed for something odd, left out, doubled or added. */
export function bent(value: unknown): fc.Arbitrary<unknown> {
  const odd = fc.oneof(
    oddText,
    fc.json({ maxDepth: 2 }).map((text): unknown => JSON.parse(text)),
  );
  if (Array.isArray(value)) return bentArray(value, odd);
  if (typeof value !== 'object' || value === null) return odd;
  const names = Object.keys(value);
  const added = fc.tuple(oddText, odd).map(([name, more]) => ({ ...value, [name]: more }));
  if (names.length === 0) return fc.oneof(odd, added);
  const one = fc.constantFrom(...names);
  return fc.oneof(
    { arbitrary: one.chain((name) => inside(value, name)), weight: 6 },
    {
      arbitrary: one.map((name) => Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))),
      weight: 2,
    },
    { arbitrary: added, weight: 1 },
    { arbitrary: odd, weight: 1 },
  );
}

const inside = (value: object, name: string): fc.Arbitrary<unknown> =>
  bent((value as Record<string, unknown>)[name]).map((changed) => ({ ...value, [name]: changed }));

function bentArray(value: unknown[], odd: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const [first] = value;
  return fc.oneof(
    bent(first).map((changed) => [changed, ...value.slice(1)]),
    fc.constant([...value, ...value]),
    fc.constant(Array.from({ length: 1_500 }, () => first)),
    fc.constant([]),
    odd,
  );
}

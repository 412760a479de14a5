import { z } from 'zod';

/** Query parameters arrive as text. Each of these reads one, and describes in OpenAPI what comes out. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min).max(max));

/** `true` or `false`. */
export const yesOrNo = () =>
  z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .pipe(z.boolean());

/** `a,b,c`, each validated; no empty elements. */
export const commaList = <T extends z.ZodType<unknown, string>>(item: T, max: number) =>
  z
    .string()
    .max(max * 600)
    .transform((text) => text.split(','))
    .pipe(z.array(item).min(1).max(max));

/** RFC 3339 time with any offset, as milliseconds since 1970. */
export const instantText = () =>
  z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .pipe(
      z
        .date()
        .refine(
          (date) => date.getUTCFullYear() >= 1900 && date.getUTCFullYear() < 3000,
          'expected a year from 1900 to 2999',
        ),
    );

/** Text without U+0000, which no column can hold. */
export const plainText = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !text.includes('\u0000'), 'may not hold U+0000');

export const limit = wholeNumber(1, 1000).default(50).describe('How many items at most.');
export const cursor = z
  .string()
  .max(8_000)
  .optional()
  .describe('Where to go on: `page.nextCursor` of the page before.');
export const filterText = z
  .string()
  .max(4_000)
  .optional()
  .describe('SCIM filter (RFC 7644 section 3.4.2.2), such as `name co "boiler" and state eq "known"`.');
export const sortText = z.string().max(200).optional().describe('Fields to sort by, `-` for descending: `-name,id`.');
export const count = yesOrNo().optional().describe('`true` counts all items into `page.total`.');

/** Parameters of every list. */
export const listQuery = { limit, cursor, filter: filterText, sort: sortText, count };

export const fields = z.string().max(500).optional().describe('Members to answer with, such as `id,name`.');

import { duration, secret } from '@tributary/adapter-kit';
import { z } from 'zod';

const baseUrl = z
  .url({ protocol: /^https?$/ })
  .transform((url) => url.replace(/\/+$/, ''))
  .prefault('https://operated.ochno.com')
  .describe('Address of the platform.');

export const settings = z.strictObject({
  baseUrl,
  companies: z
    .array(z.string().min(1).max(256))
    .min(1)
    .max(500)
    .optional()
    .describe('Ids of the companies to read; default all that the user sees.'),
  offlineAfter: duration()
    .prefault('5m')
    .describe('A hub or port of which nothing was heard for so long, while the stream stood, is told to be offline.'),
});
export type Settings = z.output<typeof settings>;

export const credentials = z.strictObject({ email: z.string().min(1), password: secret() });
export type Credentials = z.output<typeof credentials>;

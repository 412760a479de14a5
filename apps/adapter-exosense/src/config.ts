import { duration, secret } from '@tributary/adapter-kit';
import { z } from 'zod';
import { type RootField, rootFieldNames } from './dialect.ts';

const span = (byDefault: string) => duration().prefault(byDefault);
const name = z.string().regex(/^[_A-Za-z][_0-9A-Za-z]*$/, 'expected the name of a field of the GraphQL schema');

const baseUrl = z
  .url({ protocol: /^https?$/ })
  .transform((url) => url.replace(/\/+$/, ''))
  .describe('Address of the ExoSense instance, such as https://example.apps.exosite.io.');

const telemetry = z.strictObject({
  firstLook: span('10m').describe('How far back the very first poll of a connection reaches, at most 1000 points.'),
  lookBack: span('60s').describe('How far behind the newest point of a signal late ones are still looked for.'),
  lateEvery: span('60s').describe('How often the whole look-back is asked for; in between, what must be new.'),
  reports: z
    .boolean()
    .default(true)
    .describe('Fill gaps by report jobs, where the instance offers them; otherwise a gap is only told.'),
});

export const settings = z.strictObject({
  baseUrl,
  rootGroup: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Id of a group: only its assets and those of its sub-groups are devices. Default: all the token may see.',
    ),
  names: z
    .strictObject(
      Object.fromEntries(rootFieldNames.map((field) => [field, name.optional()])) as Record<
        RootField,
        z.ZodOptional<typeof name>
      >,
    )
    .prefault({})
    .describe('Names of root fields where the instance calls them otherwise; checked against its schema.'),
  telemetry: telemetry.prefault({}),
  statuses: z
    .strictObject({
      enabled: z.boolean().default(true),
      offlineAfter: span('15m').describe('An asset of which nothing was heard for so long is told to be offline.'),
    })
    .prefault({})
    .describe('States of assets as attributes, and whether they are heard of.'),
  logs: z
    .strictObject({
      enabled: z.boolean().default(true),
      firstLook: span('1h').describe('How far back the very first poll of the event log reaches.'),
      lookBack: span('5m').describe('How far behind the newest entry late ones are looked for.'),
    })
    .prefault({})
    .describe("The platform's event log as platform events."),
  pageSize: z.int().min(10).max(100).default(100).describe('Assets in one page of a listing.'),
});
export type Settings = z.output<typeof settings>;

export const credentials = z.strictObject({ token: secret() });
export type Credentials = z.output<typeof credentials>;

import { duration, secret } from '@tributary/adapter-kit';
import { z } from 'zod';
import { flatten, isName } from './dialect/names.ts';

const span = (byDefault: string) => duration().prefault(byDefault);

const address = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

const name = z.string().refine(isName, 'expected a name as the schema spells it, such as location');
const ckType = z
  .string()
  .max(200)
  .refine((text) => isName(flatten(text)), 'expected a type such as Industry.Energy/EnergyMeter');
const names = z.array(name).max(20);

const deviceType = z.strictObject({
  type: ckType.describe('A type of which every entity is a device.'),
  stream: ckType.optional().describe('The stream that holds their readings; default: those that the schema shows.'),
});

const telemetry = z.strictObject({
  firstLook: span('1d').describe('How far back a new connection, or a new stream, reads.'),
  tail: span('1m').describe('After an outage live data goes on from this far back; the rest is read beside it.'),
  lookBack: span('5s').describe('How far behind the newest row of a stream each round reads again.'),
  visibility: span('1s').describe('Rows younger than this are left for the next round: they may not be visible yet.'),
  repairWindow: span('6m').describe('A row that comes, or is rewritten, later than this is not found by the repairs.'),
  outage: span('5m').describe('A gap longer than this since the last whole round is read as backfill.'),
  longestRest: span('30s').describe('Streams without news are looked at less often, but at least this often.'),
  rescan: duration()
    .optional()
    .describe('Present: once in this time the last day is read again, for rows that came later than repairs look.'),
  pageSize: z.int().min(10).max(1000).default(1000).describe('Rows of one stream in one answer.'),
  sliceRows: z.int().min(100).max(1_000_000).default(10_000).describe('Rows that a slice of backfill aims at.'),
  units: z
    .record(z.string(), z.string().max(64))
    .default({})
    .describe('UCUM codes of signals, by name, where the construction kits tell none or a wrong one.'),
});

const entities = z.strictObject({
  watch: z.boolean().default(true).describe('Look for entities that were made, changed or removed.'),
  types: z.array(ckType).max(200).optional().describe('Types that are watched; default all.'),
  maxWatched: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(50_000)
    .describe('Entities that are remembered; types beyond this are not watched, which the health says.'),
});

export const settings = z.strictObject({
  identityUrl: address.describe('Identity service, such as https://identity.example.com.'),
  assetUrl: address.describe('Asset repository: GraphQL is below it.'),
  restUrl: address.optional().describe('Administrative REST; default the asset repository.'),
  tenantId: z
    .string()
    .min(1)
    .max(200)
    .regex(/^(?!\.{1,2}$)[^\p{Cc}/\\]+$/u)
    .describe('The tenant. A client of its own may reach every tenant: it is this name that decides.'),
  scope: z.string().min(1).default('octo_api').describe('Scopes of the client; octo_api.read_only reads only.'),
  acrValues: z
    .boolean()
    .default(true)
    .describe('Name the tenant when the client logs in; newer identity services ask for it.'),
  login: z
    .strictObject({ scope: z.string().min(1).default('openid profile email role octo_api offline_access') })
    .prefault({})
    .describe("A user's own log-in; without offline_access it lasts as long as one token."),
  deviceTypes: z
    .array(deviceType)
    .min(1)
    .max(100)
    .optional()
    .describe('Which entities are devices; default: all types whose readings are in a stream.'),
  spaces: z
    .strictObject({
      associations: names.default(['location', 'parent']),
      depth: z.int().min(1).max(5).default(3),
    })
    .prefault({})
    .describe('Associations that lead to where a device is, and how far up they are followed.'),
  parent: name.optional().describe('Association that leads to the device that a device belongs to.'),
  names: z
    .strictObject({
      name: name.default('name'),
      serial: name.default('serialNumber'),
      description: name.default('description'),
    })
    .prefault({})
    .describe('Attributes that say what a device is called.'),
  telemetry: telemetry.prefault({}),
  entities: entities.prefault({}),
  pageSize: z.int().min(10).max(1000).default(500).describe('Entities in one answer.'),
});
export type Settings = z.output<typeof settings>;

/**
 * A client with its secret logs in by itself. After a user's own log-in there is a refresh token, or, where none was
 * granted, an access token that lasts until its end. A client alone is enough to begin a user's log-in.
 */
export const credentials = z.strictObject({
  clientId: z.string().min(1),
  clientSecret: secret().optional(),
  refreshToken: secret().optional(),
  accessToken: secret().optional(),
  accessTokenExpiresAt: z.iso.datetime().optional(),
});
export type Credentials = z.output<typeof credentials>;

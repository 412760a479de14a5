import { duration, secret } from '@tributary/adapter-kit';
import { z } from 'zod';

const span = (byDefault: string) => duration().prefault(byDefault);

const address = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

/** Quirk: names of meshes are letters only, and compared without regard to case (REST, "Create data"). */
const mesh = z
  .string()
  .max(120)
  .regex(/^[A-Za-z]+$/, 'expected letters only')
  .transform((name) => name.toLowerCase());

/** A member of documents, by dotted path, as records show it. */
const field = z
  .string()
  .max(200)
  .regex(/^[^.$\p{Cc}][^.\p{Cc}]*(?:\.[^.\p{Cc}]+)*$/u, 'expected a field such as status or battery.voltage');

const watchedMesh = z.strictObject({
  name: mesh.describe('The mesh, such as workorder.'),
  type: z
    .string()
    .min(1)
    .max(120)
    .regex(/^[\p{L}\p{N}_.-]+$/u)
    .optional()
    .describe('What its documents are called as entities, such as work_order; default the name of the mesh.'),
  nameField: field.optional().describe('Field that says what a document is called.'),
  updatedField: field
    .optional()
    .describe('Field that the application sets to the time of each change: changes are then seen at once.'),
  watch: z.boolean().default(true).describe('Look for documents that were made, changed or removed.'),
});

const valueField = z.strictObject({
  field: field.describe('Where the value is.'),
  signal: z.string().min(1).max(256).optional().describe('What it is called as a signal; default the field.'),
  unit: z.string().min(1).max(64).optional().describe('UCUM code.'),
});

const documentMapping = z
  .strictObject({
    mesh: mesh.describe('The mesh whose documents are measurements.'),
    deviceField: field.describe('Field with the id of the device: text.'),
    deviceNameField: field.optional().describe('Field with the name of the device.'),
    timeField: field.describe('Field with the time of the measurement.'),
    timeUnit: z.enum(['ms', 's', 'iso']).default('ms').describe('Milliseconds or seconds since 1970, or RFC 3339.'),
    updatedField: field.optional().describe('As for meshes: documents that were corrected in place are read again.'),
    values: z.array(valueField).min(1).max(200),
  })
  .refine(({ values }) => areUnique(values.map(({ field, signal }) => signal ?? field)), {
    path: ['values'],
    message: 'two values have the same signal',
  });
export type DocumentMapping = z.output<typeof documentMapping>;
export type WatchedMesh = z.output<typeof watchedMesh>;

const telemetry = z.strictObject({
  firstLook: span('1h').describe('How far back a new connection reads documents.'),
  overlap: span('1m').describe('Ids made at the same time may appear out of order: so far back is read again.'),
  lateEvery: span('30s').describe('How often the whole overlap is read; in between, the last three seconds are.'),
  longestRest: span('1m').describe('A mesh without news is looked at less often, but at least this often.'),
});

const entities = z.strictObject({
  sweepEvery: span('10m').describe('How often a whole mesh is read, for changes without a trace and for removals.'),
  overlap: span('1m').describe('As for telemetry.'),
  longestRest: span('1m').describe('As for telemetry.'),
  maxRemembered: z
    .int()
    .min(0)
    .max(5_000_000)
    .default(200_000)
    .describe('Documents of one mesh that are remembered, at 20 bytes each; larger meshes are not swept.'),
});

export const settings = z.strictObject({
  apiUrl: address.prefault('https://api.meshydb.com').describe('Host of users and meshes.'),
  authUrl: address.prefault('https://auth.meshydb.com').describe('Host of tokens.'),
  accountName: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}/\\?#]+$/u)
    .describe('The account, part of every address.'),
  tenant: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/)
    .optional()
    .describe('Tenant of the account; default its default tenant.'),
  registerAnonymous: z
    .boolean()
    .default(false)
    .describe('Register the anonymous user that the connection logs in as, where there is none of that name.'),
  meshes: z
    .array(watchedMesh)
    .max(200)
    .default([])
    .refine((meshes) => areUnique(meshes.map(({ name }) => name)), 'a mesh is named twice')
    .refine((meshes) => areUnique(meshes.map(({ name, type }) => type ?? name)), 'a type is named twice')
    .describe('Meshes whose documents are entities; where none is named, those that the account shows.'),
  documents: z
    .array(documentMapping)
    .max(50)
    .default([])
    .refine((documents) => areUnique(documents.map(({ mesh }) => mesh)), 'a mesh is mapped twice')
    .describe('Meshes whose documents are measurements, and how they are read.'),
  hubIdField: field.default('hubId').describe('Field by which a document that we made is found again.'),
  telemetry: telemetry.prefault({}),
  entities: entities.prefault({}),
  pageSize: z.int().min(1).max(200).default(200).describe('Documents in one answer; the vendor gives 200 at most.'),
});
export type Settings = z.output<typeof settings>;

const publicKey = z.string().min(1).max(500).describe("Public key of the tenant's client.");

/** A registered user, or an anonymous one: a name alone. */
export const credentials = z.union([
  z.strictObject({ publicKey, username: z.string().min(1).max(256), password: secret() }),
  z.strictObject({ publicKey, anonymous: z.string().min(1).max(256).describe('Name of an anonymous user.') }),
]);
export type Credentials = z.output<typeof credentials>;

const areUnique = (names: readonly string[]): boolean => new Set(names).size === names.length;

import type { Json } from '@tributary/contracts';
import { z } from 'zod';

/** Last millisecond that RFC 3339 can write. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const millis = z.number().min(0).max(LAST_MS);
/** ThingsBoard writes ids as objects. */
const entityId = z.object({ id: z.string().min(1) });
const optionalText = z.string().nullish();

export const vendorFailure = z.object({
  errorCode: z.union([z.number(), z.string()]).optional(),
  message: z.string().optional(),
});

/** One way in which a user may act. Only entries of a tenant have `tenant`. */
export const authorization = z.object({
  authorityId: entityId,
  tenant: z.object({ id: z.union([entityId, z.string()]).optional(), name: z.string() }).nullish(),
});
export type Authorization = z.output<typeof authorization>;
export const authorizations = z.array(z.unknown());

export const tokenPair = z.object({ token: z.string().min(1), refreshToken: z.string().min(1).nullish() });
export type TokenPair = z.output<typeof tokenPair>;

export const tokenClaims = z.object({
  iat: z.number().optional(),
  exp: z.number().optional(),
  tenantId: z.string().optional(),
});
export type TokenClaims = z.output<typeof tokenClaims>;

/** Any listing: an object with `data`, or a bare array. What tells of further pages may be there or not. */
export const listing = z.union([
  z.object({
    data: z.array(z.unknown()),
    hasNext: z.boolean().nullish(),
    totalElements: z.number().nullish(),
  }),
  z.array(z.unknown()).transform((data) => ({ data, hasNext: undefined, totalElements: undefined })),
]);
export type Listing = z.output<typeof listing>;

export const device = z.object({
  id: entityId,
  name: z.string(),
  type: optionalText,
  label: optionalText,
  createdTime: millis.nullish(),
  additionalInfo: z.union([z.record(z.string(), z.json()), z.string()]).nullish(),
});
export type Device = z.output<typeof device>;

export const credentialsOfDevice = z.object({ credentialsId: z.string().min(1) });

const fileDetails = z.object({
  startTime: millis.nullish(),
  endTime: millis.nullish(),
  size: z.number().int().nonnegative().nullish(),
  tag: optionalText,
});
/** A file that the server holds. The document does not name the members, so a name is taken under any likely one. */
export const fileRow = z.preprocess(
  (row) => (typeof row === 'string' ? { name: row } : row),
  fileDetails
    .extend({ name: optionalText, fileName: optionalText, filename: optionalText })
    .transform(({ name, fileName, filename, ...details }) => ({ name: name ?? fileName ?? filename ?? '', ...details }))
    .refine((row) => row.name !== '', 'a file without a name'),
);
export type FileRow = z.output<typeof fileRow>;

const digits = z.string().regex(/^\d+$/).transform(Number).optional();
/** A `GeoLogFile`, its member names in lower case. Times are seconds. */
export const geoLogFile = z.object({
  filename: z.string().min(1),
  status: z.enum(['0', '1', '2', '3']),
  starttime: digits,
  endtime: digits,
  size: digits,
  tag: z.string().optional(),
});
export type GeoLogFile = z.output<typeof geoLogFile>;

/** `{signal: [{ts, value}]}`; rows are read one by one, so that one bad row costs one row. */
export const seriesTable = z.record(z.string(), z.array(z.unknown()));
export const seriesRow = z.object({
  key: z.string().min(1).max(256),
  ts: millis,
  value: z.json() as z.ZodType<Json>,
});
export type SeriesRow = z.output<typeof seriesRow>;

export const attributeRow = z.object({
  key: z.string().min(1).max(256),
  value: z.json() as z.ZodType<Json>,
  lastUpdateTs: millis.nullish(),
});
export type AttributeRow = z.output<typeof attributeRow>;

export const communicationEntry = z.object({
  time: millis,
  type: z.string().min(1).max(200),
  content: (z.json() as z.ZodType<Json>).optional(),
});
export type CommunicationEntry = z.output<typeof communicationEntry>;

const attributeValues = z.record(z.string(), z.json() as z.ZodType<Json>);
/** Answer to an attribute request over MQTT. */
export const attributeAnswer = z.object({ client: attributeValues.optional(), shared: attributeValues.optional() });
export type AttributeAnswer = z.output<typeof attributeAnswer>;
/** What a device is told when a shared attribute changes: values by name, or names under `deleted`. */
export const sharedUpdate = attributeValues;
export type SharedUpdate = z.output<typeof sharedUpdate>;

/** Names of the vendor's attribute scopes in REST paths. */
export const scopeNames = { client: 'CLIENT_SCOPE', shared: 'SHARED_SCOPE', server: 'SERVER_SCOPE' } as const;
export type ScopeName = (typeof scopeNames)[keyof typeof scopeNames];

import type { Json } from '@tributary/contracts';
import { z } from 'zod';

const id = z.string().min(1).max(256);
const anything = z.json() as z.ZodType<Json>;
const optionalText = z.string().nullish();

export const vendorFailure = z.object({ message: z.string().optional() });

/** Answer to a log-in. */
export const jwt = z.object({ token: z.string().min(1) });
export const tokenClaims = z.object({ iat: z.number().optional(), exp: z.number().optional() });
export type TokenClaims = z.output<typeof tokenClaims>;

/** A list as it comes: bare, its items read one by one. */
export const list = z.array(z.unknown());

/** Records keep members that nobody has told us of: a PUT replaces all there is. */
export const company = z.object({ id, name: z.string(), type: optionalText }).catchall(anything);
export type Company = z.output<typeof company>;

export const location = z.object({ id, companyId: id, name: z.string() }).catchall(anything);
export type Location = z.output<typeof location>;

export const floorPlan = z.object({ id, locationId: id, name: optionalText }).catchall(anything);
export type FloorPlan = z.output<typeof floorPlan>;

const data = z.record(z.string(), anything).nullish();
const hardware = z.object({ id, name: optionalText, hwId: optionalText, floorPlanId: optionalText, data });

export const hub = hardware.extend({ locationId: optionalText }).catchall(anything);
export type Hub = z.output<typeof hub>;

export const port = hardware.extend({ hubId: optionalText, hwType: optionalText }).catchall(anything);
export type Port = z.output<typeof port>;

/** Credentials for one company's stream. What else the platform may add (`clientId`) is taken where it is there. */
export const iotAccess = z.object({
  accessKeyId: z.string().min(1),
  secretKey: z.string().min(1),
  sessionToken: z.string().min(1),
  expiration: z.string(),
  region: z.string().regex(/^[a-z0-9-]{1,40}$/),
  /** A name with, perhaps, a port: nothing that could lead elsewhere. */
  host: z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d{1,5})?$/i),
  clientId: z.string().min(1).max(128).optional(),
});
export type IotAccess = z.output<typeof iotAccess>;

/** What a port says: nested values, and `t` in milliseconds. */
export const portMessage = z.record(z.string(), z.unknown());
export type PortMessage = z.output<typeof portMessage>;

/** One hour of one port. */
export const metricRow = z.object({
  time: z.iso.datetime({ offset: true }),
  portId: id,
  mean: z.number().nullish(),
  min: z.number().nullish(),
  max: z.number().nullish(),
  count: z.number().int().nonnegative(),
});
export type MetricRow = z.output<typeof metricRow>;

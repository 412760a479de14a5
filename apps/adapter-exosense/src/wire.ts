import type { Json } from '@tributary/contracts';
import { z } from 'zod';

const text = z.string().nullish().catch(undefined);
const flag = z.boolean().nullish().catch(undefined);
const anything = (z.json() as z.ZodType<Json>).nullish().catch(undefined);
const id = z.union([z.string().min(1).max(256), z.number().transform(String)]);
const reference = z.object({ id, name: text }).nullish().catch(undefined);
/** As text in one instance, as a number in another. */
const moment = z.union([z.string(), z.number()]);

const figure = z.number().nonnegative().optional().catch(undefined);
/** Every member may be missing, and more may be there. */
export const cost = z
  .object({
    usage: z.object({ time: figure }).optional().catch(undefined),
    time: figure,
    rateUsage: z.object({ requests: figure, time: figure }).optional().catch(undefined),
    rateLimits: z.object({ requests: figure, time: figure }).optional().catch(undefined),
  })
  .catch({});
export type Cost = z.output<typeof cost>;

export const failure = z.object({
  message: z.string().catch(''),
  path: z
    .array(z.union([z.string(), z.number()]))
    .optional()
    .catch(undefined),
});
export type Failure = z.output<typeof failure>;

export const envelope = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.unknown()).nullish(),
  extensions: z.unknown().optional(),
});

const unit = z.object({ id: text, name: text, abbr: text }).nullish().catch(undefined);
const signalType = z.object({ id: text, name: text, primitive_type: text }).nullish().catch(undefined);
/** A number in one instance, an object that holds it in another; milliseconds. */
const milliseconds = z
  .union([z.number(), z.object({ value: z.number().nullish() }).transform(({ value }) => value ?? undefined)])
  .nullish()
  .catch(undefined);

export const signal = z.object({
  id,
  name: text,
  record: flag,
  archived: flag,
  control: flag,
  primitive_type: text,
  reportRate: milliseconds,
  timeout: milliseconds,
  type: signalType,
  units: unit,
  channel: z.object({ id: text, display_name: text, properties: anything }).nullish().catch(undefined),
});
export type Signal = z.output<typeof signal>;

export const asset = z.object({
  id,
  name: text,
  description: text,
  locked: flag,
  meta: anything,
  parent: reference,
  template: reference,
  assetType: z.object({ id: text, name: text }).nullish().catch(undefined),
  location: anything,
  /** Read one by one. */
  signals: z.array(z.unknown()).nullish().catch(undefined),
});
export type Asset = z.output<typeof asset>;

export const datapoint = z.object({
  timestamp: moment,
  value: z.union([z.number(), z.boolean(), z.string()]).nullish().catch(undefined),
  valueString: z.union([z.string(), z.boolean(), z.number()]).nullish().catch(undefined),
});
export type Datapoint = z.output<typeof datapoint>;

export const signalData = z.object({
  id,
  record: flag,
  primitive_type: text,
  type: signalType,
  units: unit,
  data: z.array(z.unknown()).nullish(),
});
export type SignalData = z.output<typeof signalData>;

export const assetData = z.object({ id, signals: z.array(z.unknown()).nullish() });
export type AssetData = z.output<typeof assetData>;

/** A word in one place, a number in another. */
const level = z.union([z.string(), z.number()]).nullish().catch(undefined);

export const assetStatus = z.object({
  id,
  lastHeard: moment.nullish().catch(undefined),
  categories: z
    .array(
      z.object({
        category: text,
        values: z
          .array(z.object({ timestamp: moment.nullish().catch(undefined), level, value: anything, valueString: text }))
          .nullish()
          .catch(undefined),
      }),
    )
    .nullish()
    .catch(undefined),
});
export type AssetStatus = z.output<typeof assetStatus>;

export const logEntry = z.object({
  id,
  timestamp: moment,
  level,
  category: text,
  asset: reference,
  user: z.object({ id: text, email: text, name: text }).nullish().catch(undefined),
  template_parameters: anything,
});
export type LogEntry = z.output<typeof logEntry>;

export const group = z.object({
  id,
  name: text,
  parent_id: id.nullish().catch(undefined),
  node_type_id: text,
  custom_id: text,
  description: text,
});
export type Group = z.output<typeof group>;

export const user = z.object({
  id,
  email: text,
  name: text,
  type: text,
  status: text,
  role: reference,
  groups: z
    .array(z.object({ id, name: text }))
    .nullish()
    .catch(undefined),
});
export type User = z.output<typeof user>;

/** Records that are only read: their members go on as they are, under their own names. */
export const listed = z.record(z.string(), z.json() as z.ZodType<Json>);
export type Listed = z.output<typeof listed>;

export const deleted = z.object({ id }).nullish();
export const job = z.union([z.string().min(1), z.number().transform(String)]);
export const reportStatus = z.object({ state: z.string(), format: text }).nullish();
export const reportUrl = z.url({ protocol: /^https?$/ }).max(4096);

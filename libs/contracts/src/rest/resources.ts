import { z } from 'zod';
import { commandState } from '../commands.ts';
import { wireError } from '../errors.ts';
import { attributeScope, evidence, fileLocation } from '../events/data.ts';
import {
  apiKeyId,
  commandId,
  connectionId,
  deviceIdSchema,
  fileIdSchema,
  json,
  jsonObject,
  nativeId,
  operationClass,
  platformId,
  signalName,
  spaceIdSchema,
} from '../words.ts';

const instant = z.iso.datetime();
const ageMs = z.number().int().nonnegative().describe('Milliseconds since observedAt, when the answer was made.');

/** Of what is measured: how old it is, and how old it may be. Absent while nobody knows how often something comes. */
export const freshMembers = {
  observedAt: instant.optional().describe('When something last came of it, by our clock.'),
  ageMs: ageMs.optional(),
  staleAfterMs: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('Older than this it counts as stale; absent while it is not known how often something comes.'),
  stale: z.boolean().optional().describe('`ageMs` is above `staleAfterMs`.'),
};

/** Of a list or a report that a platform gave, where it is not of now. */
export const staleMembers = {
  stale: z.boolean().optional().describe('`true`: the platform is away, and this is what it last said.'),
  observedAt: instant.optional().describe('When it was so; only with `stale`.'),
  ageMs: ageMs.optional(),
};

/** `{ items, page }` of any list. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    page: z.object({
      nextCursor: z.string().optional(),
      total: z.number().int().optional().describe('Only with `count=true`.'),
    }),
  });

export const scopes = ['read', 'write', 'command', 'admin'] as const;
export const scope = z.enum(scopes);
export type Scope = z.output<typeof scope>;

/** What a connection last said of itself. */
export const connectionStatus = z.enum(['unknown', 'connected', 'degraded', 'unauthorized', 'paused', 'removed']);

export const connectionResource = z.object({
  id: connectionId,
  platform: platformId,
  name: z.string(),
  settings: jsonObject,
  credentials: z.object({ fingerprint: z.string(), updatedAt: instant }).describe('Never the secrets themselves.'),
  paused: z.boolean(),
  status: connectionStatus,
  statusSince: instant.optional(),
  statusReason: z.string().optional(),
  createdAt: instant,
  updatedAt: instant,
});
export type ConnectionResource = z.output<typeof connectionResource>;

export const connectionDraft = z.strictObject({
  platform: platformId,
  name: z.string().min(1).max(200),
  settings: jsonObject.default({}),
  credentials: z.record(z.string(), z.string()).default({}),
});
export type ConnectionDraft = z.output<typeof connectionDraft>;

/** Merge patch; credentials are replaced as a whole. */
export const connectionPatch = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  settings: jsonObject.optional(),
  credentials: z.record(z.string(), z.string()).optional(),
});

export const connectionCheck = z.object({
  ok: z.boolean(),
  checks: z.array(
    z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional(), error: wireError.optional() }),
  ),
});

export const spaceResource = z.object({
  id: spaceIdSchema,
  connectionId,
  nativeId,
  name: z.string(),
  kind: z.string(),
  parentId: spaceIdSchema.optional(),
});

export const deviceResource = z.object({
  id: deviceIdSchema,
  connectionId,
  platform: platformId,
  nativeId,
  name: z.string(),
  kind: z.string().optional(),
  label: z.string().optional(),
  description: z.string().optional(),
  serial: z.string().optional(),
  parentId: deviceIdSchema.optional(),
  spaceId: spaceIdSchema.optional(),
  properties: jsonObject,
  state: z
    .enum(['known', 'removed', 'unconfirmed'])
    .describe('`unconfirmed`: it has sent data, but no discovery has listed it yet.'),
  firstSeenAt: instant,
  lastSeenAt: instant.optional().describe('Time of its newest point.'),
  ...freshMembers,
  updatedAt: instant,
});
export type DeviceResource = z.output<typeof deviceResource>;

export const seriesResource = z.object({
  id: z.string().describe('ser_ and a number.'),
  deviceId: deviceIdSchema,
  signal: signalName,
  unit: z.string().optional(),
  valueType: z.enum(['number', 'boolean', 'string', 'json']),
  firstTs: instant.optional(),
  lastTs: instant.optional(),
  ...freshMembers,
});

export const latestPoint = z.object({
  deviceId: deviceIdSchema,
  seriesId: z.string(),
  signal: signalName,
  ts: instant,
  value: json,
  unit: z.string().optional(),
  observedAt: instant,
  ageMs,
  staleAfterMs: freshMembers.staleAfterMs,
  stale: freshMembers.stale,
});

export const rawPoint = z.object({
  ts: instant,
  value: json,
  revision: z
    .number()
    .int()
    .positive()
    .describe('1 for the first value; greater where a correction replaced one.')
    .optional(),
});

export const aggregatedPoint = z.object({
  from: instant,
  to: instant,
  count: z.number().int(),
  avg: z.number().nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  sum: z.number().nullable(),
  first: json,
  last: json,
  delta: z.number().nullable(),
  increase: z.number().nullable(),
});

export const attributeResource = z.object({
  scope: attributeScope,
  name: z.string(),
  value: json,
  ts: instant.optional(),
  observedAt: instant,
});

export const commandDraft = z.strictObject({
  name: z.string().min(1).max(100),
  params: jsonObject.default({}),
  expiresAt: instant.optional().describe('Not sent after this; default 15 minutes from now.'),
});

export const transitionResource = z.object({ state: commandState, at: instant, evidence, error: wireError.optional() });

export const commandResource = z.object({
  id: commandId,
  deviceId: deviceIdSchema,
  connectionId,
  name: z.string(),
  params: jsonObject,
  state: commandState,
  expiresAt: instant,
  createdAt: instant,
  updatedAt: instant,
  error: wireError.optional(),
  transitions: z.array(transitionResource),
});
export type CommandResource = z.output<typeof commandResource>;

/** An order that a device understands, with JSON Schema of its parameters. */
export const commandDescription = z.object({
  name: z.string(),
  description: z.string(),
  params: jsonObject,
  idempotent: z.boolean(),
  evidence: z.array(commandState).describe('States that this platform can prove for it.'),
});
export type CommandDescription = z.output<typeof commandDescription>;

export const fileResource = z.object({
  id: fileIdSchema,
  deviceId: deviceIdSchema,
  name: z.string(),
  location: fileLocation,
  sizeBytes: z.number().int().optional(),
  from: instant.optional(),
  to: instant.optional(),
  tag: z.string().optional(),
});

/** A kind of record that a platform keeps. */
export const entityTypeResource = z.object({
  name: z.string(),
  description: z.string().optional(),
  schema: jsonObject.describe('JSON Schema of `attributes`.'),
  readOnly: z.boolean(),
  operations: z
    .array(z.enum(['create', 'update', 'remove', 'relate']))
    .optional()
    .describe('What can be done beside reading; where absent, everything that the platform offers unless `readOnly`.'),
  relations: z
    .array(
      z.object({
        name: z.string(),
        targetTypes: z.array(z.string()),
        many: z.boolean().describe('May lead to more than one record.'),
      }),
    )
    .optional(),
});

export const entityResource = z.object({
  type: z.string(),
  nativeId,
  etag: z.string().describe('Entity tag of the record, in quotes: what `If-Match` takes.'),
  name: z.string().optional(),
  attributes: jsonObject,
});
export type EntityResource = z.output<typeof entityResource>;

export const entityDraft = z.strictObject({ attributes: jsonObject });

/** Records that a relation shall lead to, by their native ids. */
export const relationDraft = z.strictObject({ targets: z.array(nativeId).min(1).max(100) });

/** What a platform told of besides values. */
export const platformEventResource = z.object({
  id: z.uuid(),
  platform: platformId,
  connectionId,
  deviceId: deviceIdSchema.optional(),
  name: z.string().describe('What happened, such as device.ping.'),
  ts: instant,
  details: jsonObject,
});
export type PlatformEventResource = z.output<typeof platformEventResource>;

export const eventResource = z.object({ cursor: z.string(), event: z.record(z.string(), z.unknown()) });

export const apiKeyDraft = z.strictObject({
  name: z.string().min(1).max(100),
  scopes: z.array(scope).min(1),
  expiresAt: instant.optional(),
});

/** Days, hours, minutes and seconds; at most 30 days. */
const overlap = z
  .string()
  .regex(
    /^P(?=\d|T\d)(?:\d{1,3}D)?(?:T(?=\d)(?:\d{1,5}H)?(?:\d{1,6}M)?(?:\d{1,7}S)?)?$/,
    'expected a duration such as PT24H',
  )
  .transform(millisecondsOf)
  .refine((ms) => ms <= 30 * 86_400_000, 'is longer than 30 days');

function millisecondsOf(duration: string): number {
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = ['D', 'H', 'M', 'S'].map((unit) =>
    Number(new RegExp(`(\\d+)${unit}`).exec(duration)?.[1] ?? 0),
  );
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
}

/** A new secret for a key. */
export const apiKeyRotation = z.strictObject({
  overlap: overlap
    .default(86_400_000)
    .describe(
      'ISO 8601 duration for which the secret of now still works, up to 30 days; PT0S for no longer. Default PT24H.',
    ),
  expiresAt: instant.optional().describe('When the key shall end from now on; left out, that stays as it is.'),
});

export const apiKeyResource = z.object({
  id: apiKeyId,
  name: z.string(),
  scopes: z.array(scope),
  createdAt: instant,
  expiresAt: instant.optional(),
  lastUsedAt: instant.optional().describe('To the minute.'),
  revokedAt: instant.optional(),
  rotatedAt: instant.optional().describe('When it was given the secret that it has.'),
  previousValidUntil: instant.optional().describe('Until then the secret before the last rotation works too.'),
});

export const telemetryWrite = z.strictObject({
  points: z
    .array(z.strictObject({ signal: signalName, ts: instant.optional(), value: json }))
    .min(1)
    .max(1000),
});

export const budgetReport = z.object({
  budgets: z.array(
    z.object({
      name: z.string(),
      unit: z.string(),
      limit: z.number().describe('What we allow ourselves in a window.'),
      platformLimit: z.number().optional().describe('What the platform states, where we allow ourselves less.'),
      reducedTo: z.number().optional().describe('Set while we go slower because the platform said it was too much.'),
      windowMs: z.number(),
      spent: z.number(),
      left: z.number(),
      byLane: z
        .record(z.string(), z.number())
        .describe('Spent by lane; `elsewhere` is what the platform counts beyond our own calls.'),
      reserved: z.record(z.string(), z.number()).optional().describe('Units that no other lane may use, by lane.'),
      documented: z.boolean(),
      platformReported: jsonObject
        .optional()
        .describe("The platform's own figures: `spentByLastCall`, `spentInWindow`, `limit`, and when they were read."),
      heldUntil: instant.optional().describe('Set while the platform has asked us to wait.'),
    }),
  ),
});
/** As the api gives it. */
export const budgetAnswer = budgetReport.extend(staleMembers);
export type BudgetReport = z.output<typeof budgetReport>;

const breakerService = z
  .enum(['adapter', 'api'])
  .describe('`adapter`: towards the platform; `api`: towards the adapter.');

const breakerMode = z.enum(['closed', 'open', 'half-open']);

export const breakerState = z.object({
  class: operationClass,
  state: breakerMode,
  since: instant,
  failures: z.number().int().describe('In a row.'),
  retryAt: instant.optional().describe('When one that is open lets the next call through.'),
  code: z.string().optional().describe('Of the last failure.'),
});

export const connectionHealth = z.object({
  connectionId,
  status: connectionStatus,
  owner: z.object({ replica: z.string(), epoch: z.number().int(), leasedUntil: instant }).optional(),
  breakers: z.array(breakerState),
  lastSuccessAt: instant.optional(),
  lastError: wireError.extend({ at: instant }).optional(),
  setAside: z.number().int().describe('Items that did not fit the platform’s documents since start.'),
  reason: z.string().optional().describe('Why it is not connected, where it is not.'),
  limitations: z
    .array(z.string())
    .optional()
    .describe('What this connection cannot do although the platform can, such as a missing permission.'),
});
export type ConnectionHealth = z.output<typeof connectionHealth>;

/** A breaker as the replica that keeps it last told. */
export const keptBreaker = breakerState.extend({
  service: breakerService,
  replica: z.string(),
  seenAt: instant.describe('When the replica last said so.'),
});

/** What became of a connection, or of a breaker of it. */
export const connectionChange = z.object({
  id: z.string(),
  kind: z.enum(['status', 'breaker']),
  at: instant.describe('Of the first time.'),
  lastAt: instant.optional().describe('Of the last time, where the same happened several times in a row.'),
  times: z.number().int().positive().optional(),
  from: z.string().optional(),
  to: z.string().describe('A status of the connection, or a state of the breaker.'),
  durationMs: z
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe('How long the status lasted; of the last one, how long it has lasted so far.'),
  class: operationClass.optional(),
  service: breakerService.optional(),
  replica: z.string().optional(),
  code: z
    .string()
    .optional()
    .describe('Of the failure that led to it; `let-go`: the replica has stopped, which says nothing of the platform.'),
  failures: z.number().int().optional().describe('In a row.'),
  reason: z.string().optional(),
});
export type ConnectionChange = z.output<typeof connectionChange>;

/** As the api gives it. */
export const connectionHealthAnswer = connectionHealth.extend({
  observedAt: instant.describe('When this was known to be so.'),
  ageMs,
  stale: z.boolean().describe('The adapter did not answer: this is what it last said.'),
  replicas: z.array(keptBreaker).describe('Breakers of all replicas that live and have ever opened lately.'),
  history: z.array(connectionChange).describe('The last changes, newest first; more of them at `/health/history`.'),
});

export const checkpointResource = z.object({
  name: z.string(),
  value: jsonObject,
  version: z.number().int(),
  epoch: z.number().int(),
  updatedAt: instant,
});

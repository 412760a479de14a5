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
  platformId,
  signalName,
  spaceIdSchema,
  workspaceId,
} from '../words.ts';

const instant = z.iso.datetime();
const ageMs = z.number().int().nonnegative().describe('Milliseconds since observedAt, when the answer was made.');

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

export const parkedMessageResource = z.object({
  id: z.string(),
  workspace: workspaceId.optional(),
  queue: z.string(),
  routingKey: z.string(),
  reason: z.string(),
  problems: z.array(z.object({ path: z.string(), problem: z.string() })),
  eventId: z.string().optional(),
  parkedAt: instant,
  replays: z.number().int(),
  state: z.enum(['parked', 'replayed', 'discarded']),
  payload: z.string().describe('The message as it came, text or base64.'),
});

export const apiKeyDraft = z.strictObject({
  name: z.string().min(1).max(100),
  scopes: z.array(scope).min(1),
  expiresAt: instant.optional(),
});

export const apiKeyResource = z.object({
  id: apiKeyId,
  name: z.string(),
  scopes: z.array(scope),
  createdAt: instant,
  expiresAt: instant.optional(),
  lastUsedAt: instant.optional(),
  revokedAt: instant.optional(),
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
export type BudgetReport = z.output<typeof budgetReport>;

export const breakerState = z.object({
  class: z.enum(['auth', 'read', 'command', 'bulk']),
  state: z.enum(['closed', 'open', 'half-open']),
  since: instant,
  failures: z.number().int(),
  retryAt: instant.optional(),
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

export const checkpointResource = z.object({
  name: z.string(),
  value: jsonObject,
  version: z.number().int(),
  epoch: z.number().int(),
  updatedAt: instant,
});

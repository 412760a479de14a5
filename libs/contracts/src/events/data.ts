import { z } from 'zod';
import { commandState } from '../commands.ts';
import { wireError } from '../errors.ts';
import {
  commandId,
  connectionId,
  deviceIdSchema,
  fileIdSchema,
  json,
  jsonObject,
  nativeId,
  rev,
  signalName,
  spaceIdSchema,
  timestamp,
} from '../words.ts';

/** At most this many points in a message, and at most this many bytes. */
export const MAX_POINTS = 500;
export const MAX_MESSAGE_BYTES = 65_536;

export const point = z.object({
  signal: signalName,
  ts: timestamp.describe("The source's time; receipt time where the source gives none."),
  value: json.describe('Number, boolean, string or JSON. Never null.').refine((v) => v !== null, 'a point has a value'),
  unit: z.string().max(64).optional().describe('UCUM code, where known.'),
});
export type Point = z.output<typeof point>;

export const telemetryData = z.object({
  deviceId: deviceIdSchema,
  nativeId,
  rev: rev.describe('The greater rev of the same (device, signal, ts) always wins.'),
  points: z.array(point).min(1).max(MAX_POINTS),
});
export type TelemetryData = z.output<typeof telemetryData>;

const spaceStep = z.object({
  spaceId: spaceIdSchema,
  nativeId,
  name: z.string(),
  kind: z.string().describe('company, location, floor plan, group, tenant …'),
});

const deviceRef = z.object({ deviceId: deviceIdSchema, nativeId });

export const deviceData = deviceRef.extend({
  rev,
  name: z.string(),
  kind: z.string().optional().describe('What the platform calls this sort of device.'),
  label: z.string().optional(),
  description: z.string().optional(),
  serial: z.string().optional(),
  parentId: deviceIdSchema.optional(),
  spaces: z.array(spaceStep).default([]).describe('Where it is, outermost first.'),
  properties: jsonObject.default({}),
});
export type DeviceData = z.output<typeof deviceData>;

export const attributeScopes = ['client', 'shared', 'server'] as const;
export const attributeScope = z.enum(attributeScopes);
export type AttributeScope = z.output<typeof attributeScope>;

export const attributeData = deviceRef.extend({
  rev,
  attributes: z
    .array(
      z.object({
        scope: attributeScope,
        name: z.string().min(1).max(256),
        value: json.optional().describe('Absent where the attribute was removed.'),
        ts: timestamp.optional().describe('When the platform last changed it, where it says so.'),
      }),
    )
    .min(1)
    .max(MAX_POINTS),
});
export type AttributeData = z.output<typeof attributeData>;

/** Why we believe that a command is in its state. */
export const evidence = z.object({
  kind: z.enum(['caller', 'adapter', 'platform-answer', 'platform-log', 'read-back', 'deadline', 'lost-answer']),
  detail: z.string(),
  observedAt: timestamp,
  reference: z.string().optional().describe("The platform's own id of the order, where it gives one."),
  data: jsonObject.optional(),
});
export type Evidence = z.output<typeof evidence>;

export const commandData = deviceRef.extend({
  commandId,
  name: z.string(),
  state: commandState,
  evidence,
  expiresAt: timestamp,
  error: wireError.optional(),
});
export type CommandData = z.output<typeof commandData>;

export const entityData = z.object({
  entityType: z.string(),
  nativeId,
  rev,
  name: z.string().optional(),
  attributes: jsonObject.default({}),
});
export type EntityData = z.output<typeof entityData>;

/** Where a file's bytes are. */
export const fileLocation = z.enum(['device', 'requested', 'platform', 'both']);

export const fileData = deviceRef.extend({
  fileId: fileIdSchema,
  name: z.string().min(1),
  rev,
  location: fileLocation,
  sizeBytes: z.number().int().nonnegative().optional(),
  from: timestamp.optional(),
  to: timestamp.optional(),
  tag: z.string().optional(),
});
export type FileData = z.output<typeof fileData>;

export const platformEventData = z.object({
  deviceId: deviceIdSchema.optional(),
  nativeId: nativeId.optional(),
  name: z.string().describe('What happened, such as device.ping; `telemetry.gap` is ours.'),
  ts: timestamp,
  details: jsonObject
    .default({})
    .describe(
      'What the platform tells of it. Of `telemetry.gap`: `from` and `to` (half-open), `reason`, `signal` or `space` where it is narrower, `filledWith` where something stands in the place of the points.',
    ),
});
export type PlatformEventData = z.output<typeof platformEventData>;

export const connectionData = z.object({
  connectionId,
  rev,
  reason: z.string().optional(),
  error: wireError.optional(),
});
export type ConnectionData = z.output<typeof connectionData>;

import { z } from 'zod';
import { commandState } from '../commands.ts';
import { wireError } from '../errors.ts';
import { parkedKinds } from '../parking.ts';
import {
  backfillId,
  commandId,
  connectionId,
  deviceIdSchema,
  fileIdSchema,
  json,
  jsonObject,
  nativeId,
  operationClass,
  origin,
  parkedFingerprint,
  parkedId,
  platformId,
  rev,
  signalName,
  spaceIdSchema,
  subscriptionId,
  timestamp,
} from '../words.ts';
import { viaOfEvent } from './via.ts';

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

const pointNumber = z.number().int().nonnegative();

/** How many points a run has handed over is known to whoever counts them: a number that is absent is a point that is lost. */
export const runNumbers = z.object({
  id: z.string().regex(/^run_[a-z2-7]{26}$/, 'expected an id such as run_…'),
  first: pointNumber.describe('Number of the first point; the others follow.'),
  confirmed: pointNumber.describe('When this was published, the bus had confirmed all numbers below.'),
});
export type RunNumbers = z.output<typeof runNumbers>;

export const telemetryData = z.object({
  deviceId: deviceIdSchema,
  nativeId,
  rev: rev.describe('The greater rev of the same (device, signal, ts) always wins.'),
  run: runNumbers
    .optional()
    .describe(
      'Numbers of these points, for the conservation account. A run is one adapter owning the connection without a break; it numbers points from 0 in each minute of `time`, and a copy of a message carries the numbers of the message.',
    ),
  points: z.array(point).min(1).max(MAX_POINTS),
  via: viaOfEvent,
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
  reportsEveryMs: z
    .number()
    .int()
    .positive()
    .max(2_147_483_647)
    .optional()
    .describe('How often it reports, where the platform says so.'),
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
  via: viaOfEvent,
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
  via: viaOfEvent,
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
  via: viaOfEvent,
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
  via: viaOfEvent,
});
export type PlatformEventData = z.output<typeof platformEventData>;

export const connectionData = z.object({
  connectionId,
  rev,
  reason: z.string().optional(),
  class: operationClass
    .optional()
    .describe('Of the breaker that has opened, or closed, where that is what the connection says.'),
  error: wireError.optional(),
});
export type ConnectionData = z.output<typeof connectionData>;

const partCount = z.number().int().nonnegative();

export const backfillKinds = ['asked', 'repair'] as const;
/** `asked`: by a caller. `repair`: by the house itself, of a hole that it found. */
export const backfillKind = z.enum(backfillKinds);
export type BackfillKind = z.output<typeof backfillKind>;

export const backfillStates = ['planned', 'running', 'completed', 'cancelled', 'failed'] as const;
export const backfillState = z.enum(backfillStates);
export type BackfillState = z.output<typeof backfillState>;

/** Each part is in one of them. */
export const backfillPartCounts = z.object({
  total: partCount,
  waiting: partCount,
  running: partCount,
  done: partCount,
  unrecoverable: partCount.describe('Cannot be had from the platform; each says why.'),
  cancelled: partCount,
});
export type BackfillPartCounts = z.output<typeof backfillPartCounts>;

export const backfillData = z.object({
  backfillId,
  connectionId,
  kind: backfillKind,
  state: backfillState,
  from: timestamp.describe('Of the range that is read again, inclusive.'),
  to: timestamp.describe('Exclusive.'),
  parts: backfillPartCounts,
  points: partCount.describe('Brought so far; all of them stand before this event in the log.'),
  calls: partCount.describe('Made at the platform so far.'),
  reason: z.string().optional(),
});
export type BackfillData = z.output<typeof backfillData>;

export const subscriptionData = z.object({
  subscriptionId,
  reason: z
    .enum(['caller', 'gone', 'failing', 'cursor-gone'])
    .describe(
      '`caller`: somebody asked for it. `gone`: the receiver answered 410. `failing`: it has failed for as long as it is tried. `cursor-gone`: what comes next was no longer kept, and deliveries went on behind the gap.',
    ),
  detail: z.string().optional().describe('The last failure, in words.'),
  after: z
    .string()
    .optional()
    .describe('Cursor of the last event that was delivered or is being delivered before this.'),
});
export type SubscriptionData = z.output<typeof subscriptionData>;

/** Problems of one event that tells of parked messages, at most. */
export const MAX_TOLD_PROBLEMS = 10;

/** What could not be stored is news. Nothing of what is parked stands in it: whoever may, reads that with the API. */
export const parkedMessageData = z.object({
  parkedMessageId: parkedId.describe('The newest of those that are told of.'),
  fingerprint: parkedFingerprint.describe('Of its group: the same for the same fault, whoever suffers it.'),
  kind: z.enum(parkedKinds).describe('`item`: an adapter could not publish what the platform gave.'),
  reason: z.string().describe('One of the closed list of the API.'),
  problems: z
    .array(z.object({ path: z.string(), problem: z.string() }))
    .max(MAX_TOLD_PROBLEMS)
    .describe('Without the offending values, and without secrets.'),
  count: z.number().int().positive().describe('Parked of its group since that was last told of, this one included.'),
  since: timestamp.describe('When the first of them was parked.'),
  platform: platformId.optional(),
  area: z.string().optional().describe("First word of the event's name; of an item what its adapter calls such items."),
  connectionId: connectionId.optional(),
  deviceId: deviceIdSchema.optional(),
  origin: origin.optional().describe('Where the data of the newest came from, as far as its headers say.'),
});
export type ParkedMessageData = z.output<typeof parkedMessageData>;

import { z } from 'zod';
import { type ParkReason, parkedKinds, parkReasons } from '../parking.ts';
import { connectionId, parkedFingerprint, parkedId, platformId, workspaceId } from '../words.ts';

const instant = z.iso.datetime();
const count = z.number().int().nonnegative();

const reason = z.string().describe(
  `A closed list. ${Object.entries(parkReasons)
    .map(([word, { means }]) => `\`${word}\`: ${means}`)
    .join('; ')}.`,
);
const problems = z.array(z.object({ path: z.string(), problem: z.string() }));

/** What became of the points of a message, or would become of them. */
export const parkPoints = z.object({
  stored: count,
  duplicate: count,
  corrected: count,
  superseded: count,
  dropped: count.describe('Expired, or of a connection that is gone.'),
  parked: count.describe('Do not fit.'),
});

export const parkVerdict = z.object({
  fits: z.enum(['wholly', 'partly', 'not']),
  points: parkPoints,
  effect: z
    .enum(['applied', 'stale', 'unknown-connection', 'not-kept'])
    .optional()
    .describe('Of an event other than telemetry.'),
  reason: z
    .enum(Object.keys(parkReasons) as [ParkReason])
    .optional()
    .describe('Why it does not fit, or not wholly.'),
  problems,
});

export const parkedMessageResource = z.object({
  id: z.string(),
  workspace: workspaceId.optional(),
  queue: z.string(),
  routingKey: z.string(),
  reason,
  problems,
  eventId: z.string().optional(),
  parkedAt: instant,
  replays: z.number().int(),
  state: z.enum(['parked', 'replayed', 'discarded']),
  payload: z.string().describe('The message as it came, text or base64. Secrets in it are replaced by `***`.'),
  kind: z.enum(parkedKinds).optional().describe('`item`: an adapter could not publish what the platform gave.'),
  fingerprint: z.string().optional().describe('The same for the same fault, whoever suffers it: its group.'),
  platform: z.string().optional(),
  area: z.string().optional().describe("First word of the event's name; of an item what its adapter calls such items."),
  connectionId: z.string().optional(),
  deviceId: z.string().optional(),
  redacted: z.boolean().optional().describe('The payload held a secret. What came is kept sealed, for replays.'),
  headers: z.record(z.string(), z.unknown()).optional().describe('Of the message; without secrets.'),
  times: z.number().int().optional().describe('How often it was parked.'),
  lastParkedAt: instant.optional(),
  verdict: parkVerdict.optional().describe('What became of it when it was last replayed.'),
  discardReason: z.string().optional(),
  settledBy: z.string().optional().describe('Who had it replayed or discarded.'),
  jobId: z.string().optional().describe('The job that is to settle it.'),
});

export const parkedGroupResource = z.object({
  fingerprint: z.string(),
  kind: z.enum(parkedKinds),
  reason,
  platform: platformId.optional(),
  area: z.string().optional(),
  count: count.describe('Messages of any state.'),
  states: z.object({ parked: count, replayed: count, discarded: count }),
  firstAt: instant,
  lastAt: instant,
  connections: z.object({ count, ids: z.array(connectionId).describe('The first twenty.') }),
  devices: count.describe('How many devices are known to be concerned.'),
  example: z.object({ id: z.string(), problems }).describe('The newest.'),
});

const selected = {
  ids: z.array(parkedId).min(1).max(1_000).optional().describe('These messages.'),
  fingerprint: parkedFingerprint.optional().describe('All of a group.'),
  filter: z.string().min(1).max(4_000).optional().describe('All that a list with this filter has.'),
};
const oneWay = (body: { ids?: unknown; fingerprint?: unknown; filter?: unknown }) =>
  [body.ids, body.fingerprint, body.filter].filter((way) => way !== undefined).length === 1;
const ONE_WAY = 'expected exactly one of ids, fingerprint, filter';

/** Which of the messages that are parked. */
export const parkedSelection = z.strictObject(selected).refine(oneWay, ONE_WAY);
export const parkedReplayDraft = z
  .strictObject({
    ...selected,
    dryRun: z.boolean().optional().describe('Nothing is changed: the job says what would become of each.'),
  })
  .refine(oneWay, ONE_WAY);
const why = z
  .string()
  .min(3)
  .max(500)
  .refine((text) => !text.includes('\u0000'), 'may not hold U+0000');
export const parkedDiscardDraft = z
  .strictObject({ ...selected, reason: why.describe('Why they are given up; kept with them.') })
  .refine(oneWay, ONE_WAY);
export const parkedDiscardNote = z.strictObject({ reason: why });

export const parkedPreview = z.object({
  wholly: count,
  partly: count,
  not: count,
  points: parkPoints,
  messages: z.array(z.object({ id: z.string(), verdict: parkVerdict })),
  more: z.boolean().describe('There are more than were looked at.'),
});

export const parkedJobKinds = ['replay', 'rehearsal', 'discard'] as const;

export const parkedJobResource = z.object({
  id: z.string(),
  kind: z.enum(parkedJobKinds).describe('`rehearsal`: a replay with `dryRun`.'),
  state: z.enum(['running', 'completed', 'cancelled']),
  selection: z.record(z.string(), z.unknown()),
  reason: z.string().optional().describe('Of a discard.'),
  actor: z.string().describe('Who asked for it.'),
  total: count.describe('Messages that it took on.'),
  done: count,
  replayed: count.describe('Fit now, and are stored; of a rehearsal: would be.'),
  stillParked: count.describe('Do not fit, or not wholly.'),
  discarded: count,
  skipped: count.describe('Were settled by somebody else meanwhile.'),
  points: parkPoints.partial(),
  createdAt: instant,
  updatedAt: instant,
  finishedAt: instant.optional(),
});

export type ParkPoints = z.output<typeof parkPoints>;
export type ParkVerdict = z.output<typeof parkVerdict>;
export type ParkedResource = z.output<typeof parkedMessageResource>;
export type ParkedGroup = z.output<typeof parkedGroupResource>;
export type ParkedPreview = z.output<typeof parkedPreview>;
export type ParkedJob = z.output<typeof parkedJobResource>;

import { z } from 'zod';
import { backfillKind, backfillPartCounts, backfillState } from '../events/data.ts';
import { backfillId, connectionId, deviceIdSchema, nativeId, signalName } from '../words.ts';

const instant = z.iso.datetime();
const count = z.number().int().nonnegative();
const duration = z.string().describe('ISO 8601, such as PT4M30S.');

/** Devices that one backfill reads at most. */
const MAX_DEVICES = 1_000;

/** What shall be read again. */
export const backfillDraft = z
  .strictObject({
    connectionId,
    devices: z.array(deviceIdSchema).min(1).max(MAX_DEVICES).optional().describe('Default: all of the connection.'),
    filter: z.string().min(1).max(4_000).optional().describe('SCIM filter of devices, instead of `devices`.'),
    signals: z.array(signalName).min(1).max(100).optional().describe('Default: every signal.'),
    from: instant.describe('Inclusive.'),
    to: instant.describe('Exclusive; no later than now.'),
    onlyGaps: z
      .boolean()
      .default(true)
      .describe('`false` also reads what coverage says is complete, or cannot be had.'),
  })
  .refine((draft) => draft.devices === undefined || draft.filter === undefined, {
    path: ['filter'],
    message: 'cannot be used with devices',
  })
  .refine((draft) => Date.parse(draft.from) < Date.parse(draft.to), { path: ['from'], message: 'must be before `to`' });
export type BackfillDraft = z.output<typeof backfillDraft>;

const range = { from: instant, to: instant };

/** What reading takes, and how long that is. */
const effort = z.object({
  calls: count.describe('Of the platform.'),
  duration: duration.describe('In the lane of backfills, at what the budget leaves it. ISO 8601, such as PT4M30S.'),
});

export const backfillEstimate = effort.extend({
  connectionId,
  ...range,
  devices: count.describe('That have a gap in the range.'),
  parts: count.describe('Pieces into which it is cut; each is read, and tried again, by itself.'),
  gaps: z.array(z.object({ deviceId: deviceIdSchema, ...range })).describe('What would be read, the first 100.'),
  gapCount: count,
  computed: z.string().describe('How the duration was computed.'),
  unavailable: z
    .array(z.object({ deviceId: deviceIdSchema, ...range, reason: z.string() }))
    .describe('What cannot be had, and why; the first 100.'),
});
export type BackfillEstimate = z.output<typeof backfillEstimate>;

export const backfillResource = z.object({
  id: backfillId,
  connectionId,
  kind: backfillKind,
  state: backfillState,
  ...range,
  devices: z.array(deviceIdSchema).optional(),
  filter: z.string().optional(),
  signals: z.array(signalName).optional(),
  onlyGaps: z.boolean(),
  askedBy: z.string().optional().describe('Who asked for it; nobody did for a repair.'),
  parts: backfillPartCounts,
  points: count.describe('Brought so far, every one of them confirmed by the bus.'),
  calls: count.describe('Made at the platform so far.'),
  percent: z.number().min(0).max(100).describe('Of the calls that were estimated; 100 when it has ended.'),
  estimate: effort,
  remaining: effort.optional().describe('Only while it has not ended.'),
  reason: z.string().optional(),
  createdAt: instant,
  startedAt: instant.optional(),
  endedAt: instant.optional(),
  updatedAt: instant,
});
export type BackfillResource = z.output<typeof backfillResource>;

export const backfillPartStates = ['waiting', 'running', 'done', 'unrecoverable', 'cancelled'] as const;
export const backfillPartState = z.enum(backfillPartStates);

export const backfillPart = z.object({
  number: count,
  deviceId: deviceIdSchema.optional().describe('Absent where it is a part of a stream, of every device.'),
  signals: z.array(signalName).optional(),
  ...range,
  state: backfillPartState,
  attempts: count,
  nextTryAt: instant.optional().describe('While it waits after a failure.'),
  points: count,
  calls: count,
  estimatedCalls: count,
  reason: z.string().optional().describe('Of the last failure, or why it cannot be had.'),
});
export type BackfillPart = z.output<typeof backfillPart>;

/** What is missing of one device. `expected`: how much of it is known to lie in such a range. */
export const historyGap = z.object({
  nativeId,
  ...range,
  signals: z.array(signalName).optional(),
  expected: z.object({ series: count, points: z.number().nonnegative() }).optional(),
});
export type HistoryGap = z.output<typeof historyGap>;

/** `gap`: index of the gap that the part lies in. `budget`: what its calls spend; absent: every budget of requests. */
export const historyPlan = z.object({
  parts: z.array(z.object({ gap: count, ...range, calls: count, budget: z.string().optional() })),
});
export type HistoryPlan = z.output<typeof historyPlan>;

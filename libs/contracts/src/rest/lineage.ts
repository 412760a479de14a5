import { z } from 'zod';
import { runNumbers } from '../events/data.ts';
import { via } from '../events/via.ts';
import {
  connectionId,
  deliveryId,
  deviceIdSchema,
  json,
  origin,
  rev,
  seriesIdSchema,
  subscriptionId,
} from '../words.ts';
import { deliveryState } from './subscriptions.ts';

const instant = z.iso.datetime();

const given = z.object({
  rev: rev.optional().describe('Absent where it was given by the event that is asked about.'),
  value: json,
});

/** What has become of a point of the event, as the store has it now. */
export const lineagePointStates = ['stored', 'corrected', 'duplicate', 'superseded', 'absent'] as const;

export const lineagePoint = z.object({
  seriesId: seriesIdSchema.optional().describe('Absent where there is no such series.'),
  signal: z.string(),
  ts: instant,
  value: json,
  unit: z.string().optional(),
  rev,
  state: z
    .enum(lineagePointStates)
    .describe(
      '`stored`: the value is here because of this event, and was the first. `corrected`: it replaced another value. `duplicate`: the same value stands here because of another event. `superseded`: another value with a greater rev stands here, and this one is kept as a revision. `absent`: no value of this event is here.',
    ),
  committedAt: instant.optional().describe('When the transaction that wrote the row was committed.'),
  replaced: z.array(given).describe('Values of lesser revs that were given for the same time, the newest first.'),
  supersededBy: given.optional().describe('What stands here in its place.'),
  standsBy: rev.optional().describe('Of a `duplicate`: rev of the event because of which the value stands here.'),
});
export type LineagePoint = z.output<typeof lineagePoint>;

export const lineageTimes = z.object({
  observed: z
    .object({ from: instant, to: instant })
    .optional()
    .describe("The first and the last time that the source gave its points: the source's clock."),
  requested: instant.optional().describe('When the first of the requests was sent.'),
  received: instant.optional().describe("When the data was with the adapter: the event's `time`."),
  published: instant.optional().describe('When it was handed to the broker, exact to the second.'),
  confirmedBy: instant
    .optional()
    .describe('The broker had confirmed it by then at the latest: it was in the log, or in the hands of the intake.'),
  sealed: instant.optional().describe('The intake had taken it, and sealed the batch that it was committed with.'),
  committed: instant.optional().describe('The last of its points was committed.'),
});
export type LineageTimes = z.output<typeof lineageTimes>;

export const lineageDelivery = z.object({
  id: deliveryId,
  subscriptionId,
  state: deliveryState,
  plannedAt: instant,
  finishedAt: instant.optional(),
  attempts: z.number().int().nonnegative(),
  status: z.number().int().optional().describe('Of the answer to the last attempt, where there was one.'),
  durationMs: z.number().nonnegative().optional().describe('Of the last attempt.'),
});
export type LineageDelivery = z.output<typeof lineageDelivery>;

export const lineageGaps = ['log', 'via', 'commit', 'series'] as const;

/** Where an event comes from and what became of it. */
export const lineage = z.object({
  eventId: z
    .uuid()
    .optional()
    .describe('Absent where the value is older than the log and no other trace names its event.'),
  complete: z.boolean().describe('Nothing is missing that was ever known; else `gone` says what is.'),
  gone: z
    .array(z.object({ what: z.enum(lineageGaps), reason: z.string() }))
    .describe(
      '`log`: the event itself is no longer in the log. `via`: it does not say what it came from. `commit`: when its rows were committed is no longer kept. `series`: which series it wrote is not known without the event.',
    ),
  event: z
    .object({
      type: z.string(),
      source: z.string(),
      subject: z.string(),
      platform: z.string(),
      connectionId: connectionId.optional(),
      deviceId: deviceIdSchema.optional(),
      origin,
      time: instant,
      rev: rev.optional(),
      run: runNumbers.optional(),
      cursor: z.string().describe('After it, in the log: GET /v1/events?cursor=… goes on with the next.'),
      routingKey: z.string(),
      bytes: z.number().int().nonnegative(),
    })
    .optional()
    .describe('As it was published; absent once the log no longer keeps it.'),
  traceId: z.string().optional().describe('Joins logs and spans of everything that was done with it.'),
  via: via.optional(),
  times: lineageTimes,
  points: z.array(lineagePoint),
  parked: z.array(
    z.object({
      id: z.string(),
      reason: z.string(),
      state: z.enum(['parked', 'replayed', 'discarded']),
      parkedAt: instant,
    }),
  ),
  deliveries: z.array(lineageDelivery).describe('The newest hundred, oldest first.'),
});
export type Lineage = z.output<typeof lineage>;

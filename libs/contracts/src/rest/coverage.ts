import { z } from 'zod';
import { connectionId, deviceIdSchema, seriesIdSchema, signalName } from '../words.ts';

const instant = z.iso.datetime();

export const coverageStates = ['complete', 'partial', 'pending', 'missing', 'unrecoverable'] as const;
/**
 * Complete: read, and everything that was read is in the store. Partial: read, and some of it is not there or was never
 * given. Pending: it will be complete without anybody's doing. Missing: not read, and it may still be had. Unrecoverable:
 * the platform cannot give it any more.
 */
export const coverageState = z.enum(coverageStates);

/** What holds of a stretch of the source's time, half-open. */
export const coverageInterval = z.object({
  from: instant,
  to: instant,
  state: coverageState.describe(
    '`complete`: the source was read for it, and everything that it gave is in the store. `partial`: it was read, and some of it is lost, parked, or was never given as it is. `pending`: it has not been read yet and will be, or what was read is not yet known to be in the store. `missing`: it was not read, and may still be had. `unrecoverable`: the platform cannot give it any more.',
  ),
  source: z
    .string()
    .optional()
    .describe(
      'Who stated it: the name of a poll, `stream`, `stream/` and its part, or `backfill`; absent where nobody has.',
    ),
  run: z.string().optional().describe('The run that stated it last, as in `data.run.id` of events.'),
  reason: z.string().optional().describe('Why it is not complete, for people.'),
  statedAt: instant.optional().describe('When it was last stated.'),
});
export type CoverageIntervalResource = z.output<typeof coverageInterval>;

const share = z.number().min(0).max(1).describe('How much of the range is complete, from 0 to 1.');
const complete = z.boolean().describe('Whether all of the range is complete.');

const seen = {
  complete,
  completeShare: share,
  firstComplete: instant.optional().describe('Begin of the first complete interval of the range.'),
  lastComplete: instant.optional().describe('End of the last complete interval of the range.'),
};

export const deviceCoverage = z.object({
  connectionId,
  deviceId: deviceIdSchema,
  signal: signalName.optional(),
  from: instant,
  to: instant,
  ...seen,
  intervals: z.array(coverageInterval).describe('In order, without a gap between them, from `from` to `to`.'),
});

export const seriesCoverage = deviceCoverage.extend({ seriesId: seriesIdSchema, signal: signalName });

/** How much of the range is there of one device of a connection. */
export const coverageSummary = z.object({
  deviceId: deviceIdSchema,
  nativeId: z.string(),
  name: z.string(),
  ...seen,
  missingSeconds: z.number().nonnegative(),
  unrecoverableSeconds: z.number().nonnegative(),
  oldestHole: coverageInterval.optional().describe('The first interval that is missing or unrecoverable.'),
});

export const connectionCoverage = z.object({
  connectionId,
  from: instant,
  to: instant,
  items: z.array(coverageSummary).describe('Devices by name.'),
  page: z.object({ nextCursor: z.string().optional() }),
});

/** Beside an answer made of points: whether they are all that the source has for the range. */
export const coverageNote = z.object({
  complete,
  holes: z
    .array(coverageInterval.extend({ seriesId: seriesIdSchema }))
    .max(10)
    .describe('The first ten intervals that are not complete.'),
});

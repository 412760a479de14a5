import { z } from 'zod';
import { bucketWidth, timeZoneName } from '../bucket-width.ts';
import { connectionId, deviceIdSchema, json, seriesIdSchema, signalName } from '../words.ts';
import { coverageNote } from './coverage.ts';
import { requirement, storedMeta } from './sources.ts';

/**
 * What can be said of the points of a bucket.
 * - `count`: how many there are, of any type.
 * - `avg` `min` `max` `sum`: of those that are numbers; null where none is.
 * - `first` `last`: the values of the earliest and the latest, of any type.
 * - `delta`: the last number at or before the end, less the last number at or before the begin. A number at the very
 *   end closes the bucket and opens the next one, so that deltas of days add up to the delta of their month. Before the
 *   first number of a series its level is that number: what a counter showed when it was first read counts for nothing.
 * - `increase`: the same for a counter. Where the number falls, it was reset: the new number counts from zero (nothing,
 *   if it is below zero). Never negative; increases of days add up to the increase of their month too.
 *
 * Where no number came after the begin, up to the end, `delta` and `increase` are 0 once there has been one, null before,
 * and null in a bucket that begins later than now.
 */
export const aggregateFunctions = ['count', 'avg', 'min', 'max', 'sum', 'first', 'last', 'delta', 'increase'] as const;
export const aggregateFunction = z.enum(aggregateFunctions);
export type AggregateFunction = z.output<typeof aggregateFunction>;

/**
 * What a bucket says of a series that has no point in it. `count`, `delta` and `increase` need no filling: they are
 * known. `sum` is an amount: carried on, it would count something twice.
 * - `none`: nulls; a bucket in which no series has a point, and none changes, is left out.
 * - `null`: nulls; every bucket is there.
 * - `previous`: the last value before the bucket, also one before the range, as if it had stood still: `first` and
 *   `last` are it, `avg`, `min` and `max` too where it is a number. Not in buckets that begin later than now.
 * - `linear`: on the straight line between the last number before the bucket and the first one after it, also outside
 *   the range: `first` where the bucket begins, `last` where it ends, `avg` in the middle. Null where one is missing.
 * - `0`: zero in place of every null.
 *
 * A bucket that has points is never filled, even where `avg` is null because none of them is a number.
 */
export const fills = ['none', 'null', 'previous', 'linear', '0'] as const;
export const fill = z.enum(fills);
export type Fill = z.output<typeof fill>;

export const QUERY_LIMITS = {
  /** Series, once selectors are resolved. */
  series: 200,
  selectors: 20,
  /** Buckets times series of an answer that is made in memory. */
  cells: 100_000,
  /** The same of an answer that is streamed. */
  streamedCells: 5_000_000,
  /** Buckets of a streamed answer. */
  streamedBuckets: 100_000,
} as const;

const YEARS = { first: 1900, last: 2999 } as const;
const moment = z.iso
  .datetime({ offset: true })
  .refine((text) => {
    const year = new Date(text).getUTCFullYear();
    // What is no time has no year, and has been named already.
    return !(year < YEARS.first || year > YEARS.last);
  }, `expected a year from ${YEARS.first} to ${YEARS.last}`)
  .transform((text) => new Date(text));

const seriesSelector = z
  .strictObject({
    device: deviceIdSchema.optional(),
    connection: connectionId.optional().describe('Every device of it.'),
    signals: z
      .array(signalName)
      .min(1)
      .max(QUERY_LIMITS.series)
      .optional()
      .describe('Names of signals, each of which must be there; all of them where absent.'),
  })
  .refine(({ device, connection }) => (device === undefined) !== (connection === undefined), {
    message: 'names either a device or a connection',
  });

/** Runs beside the checks of the members, so that all faults are named at once. */
const always = { when: ({ value }: { value: unknown }) => typeof value === 'object' && value !== null };

export const telemetryQuery = z
  .strictObject({
    series: z.array(seriesIdSchema).min(1).max(QUERY_LIMITS.series).optional(),
    selectors: z.array(seriesSelector).min(1).max(QUERY_LIMITS.selectors).optional(),
    from: moment.describe('Begin of the range, inclusive.'),
    to: moment.describe('End of the range, exclusive; for `delta` and `increase` a number at this very time counts.'),
    every: bucketWidth().describe('Width of a bucket by the calendar of the zone, such as PT15M, P1D or P1M.'),
    timeZone: timeZoneName().default('UTC').describe('IANA zone.'),
    fn: z.array(aggregateFunction).min(1).max(aggregateFunctions.length).default(['avg']),
    fill: fill.default('null'),
    require: requirement.default('any'),
    coverage: z
      .boolean()
      .default(false)
      .describe('Say in `meta.coverage` whether the points of the range are all there are; as JSON only.'),
  })
  .refine(({ series, selectors }) => series !== undefined || selectors !== undefined, {
    ...always,
    message: 'names `series`, `selectors`, or both',
  })
  .refine(({ from, to }) => !(from instanceof Date && to instanceof Date) || from < to, {
    ...always,
    path: ['from'],
    message: 'must be before `to`',
  });
export type TelemetryQuery = z.output<typeof telemetryQuery>;

const instant = z.iso.datetime();

export const queriedSeries = z.object({
  seriesId: z.string(),
  deviceId: deviceIdSchema,
  signal: signalName,
  unit: z.string().optional(),
  lastTs: instant.optional().describe('Time of its newest point, whatever the range.'),
  observedAt: instant.optional().describe('When we learned of that point.'),
  ageMs: z.number().int().nonnegative().optional().describe('Milliseconds since observedAt, when the answer was made.'),
  values: z
    .partialRecord(aggregateFunction, z.array(json))
    .describe('Of each function one value for each of `buckets`, in their order.'),
});

export const telemetryQueryAnswer = z.object({
  from: instant,
  to: instant,
  timeZone: z.string(),
  every: z.string(),
  fill,
  buckets: z
    .array(z.object({ from: instant, to: instant }))
    .describe('Whole buckets of the calendar; of the first and the last only what lies within the range counts.'),
  series: z.array(queriedSeries).describe('In the order in which they were asked for.'),
  meta: storedMeta.extend({ coverage: coverageNote.optional() }),
});

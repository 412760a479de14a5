import { z } from 'zod';

/** Width of a bucket: so many whole months, or whole days, or milliseconds. */
export type BucketWidth =
  | { unit: 'month'; months: number }
  | { unit: 'day'; days: number }
  | { unit: 'clock'; ms: number };

const DURATION =
  /^P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A thousand years: what is longer overflows the calendars that would have to count it. */
const MAX_MONTHS = 12_000;
const MAX_DAYS = 365_250;

/**
 * Reads an ISO 8601 duration as the width of a bucket: `PT15M`, `PT1H`, `P1D`, `P1W`, `P1M`, `P1Y`. Months, days and
 * clock time do not mix: P1DT12H has no meaning on a day of 23 hours. Throws `RangeError`.
 */
export function parseBucketWidth(text: string): BucketWidth {
  const match = DURATION.exec(text);
  if (!match) throw new RangeError('expected an ISO 8601 duration, such as PT15M, P1D or P1M');
  const [years, months, weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  const inMonths = (years ?? 0) * 12 + (months ?? 0);
  const inDays = (weeks ?? 0) * 7 + (days ?? 0);
  const inMs = Math.round(((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000);
  if ([inMonths, inDays, inMs].filter((part) => part > 0).length !== 1) {
    throw new RangeError(
      'a bucket is a number of months, of days, or of hours, minutes and seconds; not a mixture, not nothing',
    );
  }
  if (inMonths > MAX_MONTHS || inDays > MAX_DAYS || inMs > MAX_DAYS * DAY_MS) {
    throw new RangeError('a bucket is at most a thousand years wide');
  }
  if (inMonths > 0) return { unit: 'month', months: inMonths };
  if (inDays > 0) return { unit: 'day', days: inDays };
  return { unit: 'clock', ms: inMs };
}

/**
 * Clock widths above the hour that fit the day a whole number of times follow the clock on the wall: PT6H begins at the
 * same hours all year.
 */
export const followsWall = (ms: number): boolean => ms > HOUR_MS && DAY_MS % ms === 0;

/** The most that a bucket of this width can last: no range has fewer buckets than its length divided by this. */
export function mostMs(width: BucketWidth): number {
  if (width.unit === 'month') return width.months * 31 * DAY_MS + 2 * HOUR_MS;
  if (width.unit === 'day') return width.days * DAY_MS + 2 * HOUR_MS;
  return followsWall(width.ms) ? width.ms + 2 * HOUR_MS : width.ms;
}

/** Throws `RangeError` for what is no IANA time zone. */
export function checkTimeZone(name: string): void {
  if (/^[+-]/.test(name)) throw new RangeError('an offset is no time zone; give a name such as Europe/Stockholm');
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch (cause) {
    throw new RangeError(`"${name.slice(0, 64)}" is no IANA time zone`, { cause });
  }
}

/** Text that `read` takes; what it throws becomes the fault. */
const readable = (max: number, read: (text: string) => unknown) =>
  z
    .string()
    .min(1)
    .max(max)
    .superRefine((text, context) => {
      try {
        read(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
      }
    });

/** ISO 8601 duration that can be the width of a bucket. */
export const bucketWidth = () => readable(40, parseBucketWidth);

/** IANA name of a time zone. */
export const timeZoneName = () => readable(64, checkTimeZone);

/** Width of a bucket: so many whole months, or whole days, or milliseconds. */
export type BucketWidth =
  | { unit: 'month'; months: number }
  | { unit: 'day'; days: number }
  | { unit: 'clock'; ms: number };

const DURATION =
  /^P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;

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
  if (inMonths > 0) return { unit: 'month', months: inMonths };
  if (inDays > 0) return { unit: 'day', days: inDays };
  return { unit: 'clock', ms: inMs };
}

const DAY_MS = 86_400_000;

/** The least that a bucket of this width can last. */
export function leastMs(width: BucketWidth): number {
  if (width.unit === 'month') return width.months * 28 * DAY_MS;
  if (width.unit === 'day') return width.days * (DAY_MS - 2 * 3_600_000);
  return width.ms;
}

/** Throws `RangeError` for what is no IANA time zone. */
export function checkTimeZone(name: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch (cause) {
    throw new RangeError(`"${name.slice(0, 64)}" is no IANA time zone`, { cause });
  }
  if (/^[+-]/.test(name)) throw new RangeError('an offset is no time zone; give a name such as Europe/Stockholm');
}

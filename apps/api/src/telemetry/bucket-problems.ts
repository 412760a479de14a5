import { BucketsError, TooManyBucketsError } from '@tributary/database';
import { badRequest, ProblemError } from '../http/problem-error.ts';

/** What can be asked for less of, in words. */
export interface BucketLimits {
  /** Where the caller said it: `query` or `body`. */
  part: 'query' | 'body';
  /** What is said of a range with too many buckets. */
  tooMany(buckets: number): string;
}

const UNREADABLE: Record<BucketsError['reason'], string> = {
  'too-long': 'There are too many points to be aggregated in the time given: ask for a shorter range or fewer series.',
  overflow: 'The sum of the numbers is greater than any number.',
};

/** Turns what reading buckets throws into a problem that the caller understands. */
function bucketProblem(error: unknown, { part, tooMany }: BucketLimits): unknown {
  if (error instanceof TooManyBucketsError) {
    return badRequest([{ pointer: `/${part}/every`, detail: tooMany(error.asked) }]);
  }
  // Width and range have been checked before: what is left is a zone that the database does not know.
  if (error instanceof RangeError) return badRequest([{ pointer: `/${part}/timeZone`, detail: error.message }]);
  if (error instanceof BucketsError)
    return new ProblemError('unprocessable', UNREADABLE[error.reason], { cause: error });
  return error;
}

/** What `pages` gives, and its failures as problems. */
export async function* withProblems<T>(pages: AsyncIterable<T>, limits: BucketLimits): AsyncGenerator<T> {
  try {
    yield* pages;
  } catch (error) {
    throw bucketProblem(error, limits);
  }
}

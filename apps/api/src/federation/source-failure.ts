import { isPlatformError } from '@tributary/contracts';
import { ProblemError } from '../http/problem-error.ts';

/** The platform does not take the question: asking again would be as wrong, and no part of an answer is to be had. */
export const isRefusal = (error: unknown): boolean =>
  isPlatformError(error) && (error.code === 'invalid-request' || error.code === 'unsupported');

/** The failure of one source, which the others can do without; anything else is ours, or the question's. */
export const isSourceFailure = (error: unknown): boolean =>
  isPlatformError(error)
    ? !isRefusal(error)
    : error instanceof ProblemError && error.options.platform !== undefined && error.status >= 500;

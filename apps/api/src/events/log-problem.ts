import { CursorGone, CursorInvalid, EventLogUnavailable, MessagingClosed } from '@tributary/messaging';
import { badRequest, ProblemError } from '../http/problem-error.ts';

/** What a caller is told of a cursor that cannot be read from, or of a log that does not answer; anything else as it is. */
export function logProblem(error: unknown, at: string): unknown {
  if (error instanceof CursorInvalid)
    return badRequest([{ pointer: at, detail: 'This is no cursor of the event log.' }]);
  if (error instanceof CursorGone)
    return new ProblemError('gone', 'The events after this cursor are no longer kept; begin again without it.');
  if (error instanceof EventLogUnavailable || error instanceof MessagingClosed) {
    return new ProblemError('events-unavailable', 'The event log cannot be read at the moment.', {
      retryAfterMs: 2_000,
    });
  }
  return error;
}

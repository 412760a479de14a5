/** What was asked of a broker, publisher, consumer or client that is closed or was closed meanwhile. */
export class MessagingClosed extends Error {
  override readonly name = 'MessagingClosed';
  readonly code = 'closed';
}

/** The event log no longer holds what follows the cursor, or never held the cursor's event: start anew. */
export class CursorGone extends Error {
  override readonly name = 'CursorGone';
  readonly code = 'gone';
}

/** The text is no cursor of ours. */
export class CursorInvalid extends Error {
  override readonly name = 'CursorInvalid';
  readonly code = 'invalid-cursor';
}

/** The event log cannot be read now: the broker is away. */
export class EventLogUnavailable extends Error {
  override readonly name = 'EventLogUnavailable';
  readonly code = 'unavailable';
}

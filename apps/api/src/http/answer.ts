/** A body with headers or a status of its own. A handler that needs neither returns the body itself. */
export class Answer {
  constructor(
    readonly body: unknown,
    readonly head: {
      status?: number;
      headers?: Record<string, string>;
      /** The ETag is there for If-Match alone: the body is another one each time, and never answered with 304. */
      unconditional?: boolean;
      /** What is kept for an Idempotency-Key instead of the body, where the body holds a secret that is shown once. */
      storedBody?: unknown;
    } = {},
  ) {}
}

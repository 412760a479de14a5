/** A body with headers or a status of its own. A handler that needs neither returns the body itself. */
export class Answer {
  constructor(
    readonly body: unknown,
    readonly head: {
      status?: number;
      headers?: Record<string, string>;
      /** What is kept for an Idempotency-Key instead of the body, where the body holds a secret that is shown once. */
      storedBody?: unknown;
    } = {},
  ) {}
}

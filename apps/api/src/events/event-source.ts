/** One event of the log. */
export interface LoggedEvent {
  readonly cursor: string;
  readonly routingKey: string;
  readonly event: unknown;
  /** JSON text of the event. */
  readonly text: string;
}

interface Selection {
  after?: string | 'first' | 'last' | Date;
  filter?: (routingKey: string) => boolean;
}

/** The log of all events, as the messaging library reads it. */
export interface EventSource {
  read(
    query: Selection & { limit: number; waitMs?: number; signal?: AbortSignal },
  ): Promise<{ events: LoggedEvent[]; nextCursor: string }>;
  follow(query: Selection & { signal: AbortSignal }): AsyncIterable<LoggedEvent>;
}

import type { FindQuery, FoundEvent } from '@tributary/messaging';

/** One event of the log. */
export interface LoggedEvent {
  readonly cursor: string;
  readonly routingKey: string;
  readonly event: unknown;
  /** JSON text of the event. */
  readonly text: string;
  /** When it was published, in whole seconds since 1970; 0 where its publisher did not say. */
  readonly publishedAtS: number;
}

interface Selection {
  after?: string | 'first' | 'last' | Date;
  filter?: (routingKey: string) => boolean;
  /** Asked of what the filter wants; looks at the event itself. */
  accept?: (event: LoggedEvent) => boolean;
}

/** The log of all events, as the messaging library reads it. */
export interface EventSource {
  read(
    query: Selection & { limit: number; waitMs?: number; signal?: AbortSignal },
  ): Promise<{ events: LoggedEvent[]; nextCursor: string }>;
  /** One event, by when it was made. */
  find(query: FindQuery): Promise<FoundEvent>;
  follow(query: Selection & { signal: AbortSignal; passed?: (event: LoggedEvent) => void }): AsyncIterable<LoggedEvent>;
}

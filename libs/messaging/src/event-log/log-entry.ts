import type { ConsumeMessage } from 'amqplib';
import { checkOf, encodeCursor, type LogPosition } from './cursor.ts';

/** One event of the log; shared by all who read it, so not to be changed. */
export interface LoggedEvent {
  /** Continues after this event. */
  readonly cursor: string;
  readonly routingKey: string;
  /** The event as published; parsed once, when first asked for. */
  readonly event: unknown;
  /** The JSON text of `event`, as published. */
  readonly text: string;
  /** When it was published, in whole seconds since 1970; 0 where the publisher did not say. */
  readonly publishedAtS: number;
}

export class LogEntry implements LoggedEvent, LogPosition {
  readonly offset: number;
  readonly check: string;
  readonly routingKey: string;
  readonly text: string;
  readonly publishedAtS: number;
  #cursor: string | undefined;
  #event: { value: unknown } | undefined;

  constructor(message: ConsumeMessage) {
    this.offset = Number(message.properties.headers?.['x-stream-offset']);
    this.check = checkOf(message.properties.messageId);
    this.routingKey = message.fields.routingKey;
    this.text = message.content.toString();
    this.publishedAtS = typeof message.properties.timestamp === 'number' ? message.properties.timestamp : 0;
  }

  get cursor(): string {
    this.#cursor ??= encodeCursor(this);
    return this.#cursor;
  }

  get event(): unknown {
    this.#event ??= { value: parse(this.text) };
    return this.#event.value;
  }

  /** False for what somebody published that is no JSON object. */
  get readable(): boolean {
    return typeof this.event === 'object' && this.event !== null;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

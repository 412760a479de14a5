import { type AnyEvent, CONTENT_TYPE, eventHeaders, type RoutingParts, routingKey } from '@tributary/contracts';
import { currentTraceparent } from '@tributary/runtime';
import type { Options } from 'amqplib';
import type { TopologyNames } from '../topology-names.ts';

/** A message as it will be written, as often as it takes. */
export interface OutgoingMessage {
  exchange: string;
  routingKey: string;
  content: Buffer;
  options: Options.Publish & { messageId: string };
}

/** Throws `RangeError` for parts that would not route. */
export function eventMessage(
  names: TopologyNames,
  event: AnyEvent,
  routing: RoutingParts,
  nowMs: number,
): OutgoingMessage {
  const traceparent = event.traceparent ?? currentTraceparent();
  return {
    exchange: names.events,
    routingKey: routingKey(routing),
    content: Buffer.from(JSON.stringify(event)),
    options: {
      messageId: event.id,
      type: event.type,
      contentType: CONTENT_TYPE,
      timestamp: Math.floor(nowMs / 1000),
      headers: { ...eventHeaders(event), ...(traceparent ? { traceparent } : {}) },
      persistent: true,
      mandatory: true,
    },
  };
}

export interface SendOptions {
  messageId: string;
  /** The broker drops it from the queue after this many milliseconds. */
  expirationMs?: number;
}

export function queueMessage(queue: string, body: unknown, options: SendOptions, nowMs: number): OutgoingMessage {
  const traceparent = currentTraceparent();
  return {
    exchange: '',
    routingKey: queue,
    content: Buffer.from(JSON.stringify(body)),
    options: {
      messageId: options.messageId,
      contentType: 'application/json',
      timestamp: Math.floor(nowMs / 1000),
      headers: traceparent ? { traceparent } : {},
      persistent: true,
      mandatory: true,
      ...(options.expirationMs === undefined
        ? {}
        : { expiration: String(Math.max(0, Math.ceil(options.expirationMs))) }),
    },
  };
}

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { parseRoutingKey } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import type { LoggedEvent } from './event-source.ts';

export const HEARTBEAT_MS = 15_000;
/** Browsers wait so long before they come back; spread, so that they do not all come at once. */
const RETRY_MS = { least: 1_000, spread: 4_000 };

/** One event as Server-Sent Events write it. The data is one line: JSON text holds no line breaks. */
export const eventFrame = ({ cursor, routingKey, text }: LoggedEvent): string =>
  `id: ${cursor}\nevent: ${parseRoutingKey(routingKey)?.event ?? 'message'}\ndata: ${text.replaceAll(/\r?\n/g, ' ')}\n\n`;

/** Goes on after `cursor`, so that whoever comes back then is not told a second time. */
export const resyncFrame = (cursor: string): string =>
  `id: ${cursor}\nevent: resync\ndata: ${JSON.stringify({ reason: 'the cursor points to events that are no longer kept', snapshots: ['/v1/devices', '/v1/telemetry/latest', '/v1/commands'] })}\n\n`;

/** A place to resume at, without an event. */
const placeFrame = (cursor: string): string => `id: ${cursor}\n\n`;

/**
 * Writes frames to a response, waiting where the reader is slow, with a comment whenever nothing else was written for 15
 * s. With it goes how far the log was looked at: who asked for little does not come back to a place that is long gone.
 */
export class SseWriter {
  readonly #response: ServerResponse;
  readonly #signal: AbortSignal;
  readonly #stopHeartbeat: () => void;
  #quiet = true;
  #place: string | undefined;

  constructor(response: ServerResponse, clock: Clock, signal: AbortSignal) {
    this.#response = response;
    this.#signal = signal;
    response.write(`retry: ${RETRY_MS.least + Math.floor(Math.random() * RETRY_MS.spread)}\n\n`);
    this.#stopHeartbeat = clock.every(HEARTBEAT_MS, () => {
      if (this.#quiet && !response.writableNeedDrain) response.write(`: still here\n${this.#takePlace()}\n`);
      this.#quiet = true;
    });
  }

  /** Where the stream begins; told at once, so that a connection that breaks before the first event loses none. */
  begin(cursor: string): void {
    this.#response.write(placeFrame(cursor));
  }

  /** Everything up to this cursor was looked at, and nothing of it was wanted since the last frame. */
  passed(cursor: string): void {
    this.#place = cursor;
  }

  /** Resolves when the reader can take more. Throws when it has gone. */
  async write(frame: string): Promise<void> {
    this.#signal.throwIfAborted();
    this.#quiet = false;
    this.#place = undefined;
    if (!this.#response.write(frame)) await once(this.#response, 'drain', { signal: this.#signal });
  }

  #takePlace(): string {
    const line = this.#place === undefined ? '' : `id: ${this.#place}\n`;
    this.#place = undefined;
    return line;
  }

  end(): void {
    this.#stopHeartbeat();
    this.#response.end();
  }
}

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

export const resyncFrame = (): string =>
  `event: resync\ndata: ${JSON.stringify({ reason: 'the cursor points to events that are no longer kept', snapshots: ['/v1/devices', '/v1/telemetry/latest', '/v1/commands'] })}\n\n`;

/** Writes frames to a response, waiting where the reader is slow, with a comment whenever nothing else was written for 15 s. */
export class SseWriter {
  readonly #response: ServerResponse;
  readonly #signal: AbortSignal;
  readonly #stopHeartbeat: () => void;
  #quiet = true;

  constructor(response: ServerResponse, clock: Clock, signal: AbortSignal) {
    this.#response = response;
    this.#signal = signal;
    response.write(`retry: ${RETRY_MS.least + Math.floor(Math.random() * RETRY_MS.spread)}\n\n`);
    this.#stopHeartbeat = clock.every(HEARTBEAT_MS, () => {
      if (this.#quiet && !response.writableNeedDrain) response.write(': still here\n\n');
      this.#quiet = true;
    });
  }

  /** Resolves when the reader can take more. Throws when it has gone. */
  async write(frame: string): Promise<void> {
    this.#signal.throwIfAborted();
    this.#quiet = false;
    if (!this.#response.write(frame)) await once(this.#response, 'drain', { signal: this.#signal });
  }

  end(): void {
    this.#stopHeartbeat();
    this.#response.end();
  }
}

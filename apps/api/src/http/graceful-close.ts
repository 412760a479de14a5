import type { Server, ServerResponse } from 'node:http';
import type { Clock } from '@tributary/runtime';

/** Requests that run get this long to end once the server takes no more. */
const FINISH_MS = 15_000;
const LOOK_MS = 25;

/**
 * Counts the requests of a server, so that closing waits for those that run and for nothing else: browsers and pools
 * hold connections open on which nothing was ever asked.
 */
export class GracefulClose {
  readonly #server: Server;
  readonly #clock: Clock;
  #running = 0;

  constructor(server: Server, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
    server.on('request', (_request: unknown, response: ServerResponse) => {
      this.#running += 1;
      response.once('close', () => {
        this.#running -= 1;
      });
    });
  }

  /** `close` stops listening and resolves when no connection is left; they are cut as soon as nothing runs, or after 15 s. */
  async run(close: () => Promise<void>): Promise<void> {
    const closing = close();
    const until = this.#clock.monotonicMs() + FINISH_MS;
    while (this.#running > 0 && this.#clock.monotonicMs() < until) await this.#clock.sleep(LOOK_MS);
    this.#server.closeAllConnections();
    await closing;
  }
}

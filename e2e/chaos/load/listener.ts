import type { TributaryClient } from '@tributary/client';

/** Listens to the stream of events as a user's program would, over every interruption. */
export class Listener {
  /** Ids of events, first arrivals in their order. */
  readonly ids = new Set<string>();
  /** Cursors that pointed to what was no longer kept. */
  resyncs = 0;
  failure: unknown;
  readonly #stop = new AbortController();
  readonly #run: Promise<void>;

  constructor(api: TributaryClient, since: string) {
    this.#run = this.#listen(api, since);
  }

  async #listen(api: TributaryClient, since: string): Promise<void> {
    try {
      for await (const item of api.events({ since, reconnectMs: 500, signal: this.#stop.signal })) {
        if ('event' in item) this.ids.add((item.event as { id: string }).id);
        else this.resyncs += 1;
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) this.failure = error;
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#run;
  }
}

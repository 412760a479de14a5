import {
  INGEST,
  isPlatformError,
  type RequestPayload,
  type RequestReply,
  UnavailableError,
} from '@tributary/contracts';
import { classifyDatabaseError } from '@tributary/database';
import { type RequestServer, serveRequests } from '@tributary/messaging';
import type { IngestContext } from '../foundation.module.ts';
import type { Replayer } from './replays.ts';

/** Previews that one replica works on at once: each holds a connection to Postgres. */
const CONCURRENCY = 2;

/** Answers what would become of parked messages now. Any replica can. */
export class Previews {
  readonly #context: IngestContext;
  readonly #replayer: Pick<Replayer, 'preview'>;
  #server: RequestServer | undefined;

  constructor(context: IngestContext, replayer: Pick<Replayer, 'preview'>) {
    this.#context = context;
    this.#replayer = replayer;
  }

  async start(): Promise<void> {
    const { config, log, metrics, clock } = this.#context;
    this.#server = await serveRequests({
      url: config.RABBITMQ_URL,
      namespace: config.TRIBUTARY_NAMESPACE,
      name: INGEST,
      platform: INGEST,
      handlers: { 'parked.preview': ({ ids }, { signal }) => this.preview(ids, signal) },
      concurrency: CONCURRENCY,
      log,
      metrics,
      clock,
    });
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  /** Throws `UnavailableError` while the database is away. */
  async preview(
    ids: RequestPayload<'parked.preview'>['ids'],
    signal: AbortSignal,
  ): Promise<RequestReply<'parked.preview'>> {
    const verdicts: RequestReply<'parked.preview'>['verdicts'] = [];
    for (const id of ids) {
      signal.throwIfAborted();
      const verdict = await this.#preview(id, signal);
      if (verdict) verdicts.push({ id, verdict });
    }
    return { verdicts };
  }

  async #preview(id: string, signal: AbortSignal) {
    try {
      return await this.#replayer.preview(id, signal);
    } catch (error) {
      if (signal.aborted || isPlatformError(error) || classifyDatabaseError(error) === 'deploy') throw error;
      throw new UnavailableError('the database cannot be asked now', { cause: error });
    }
  }
}

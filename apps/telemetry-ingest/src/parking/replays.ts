import type { ParkVerdict } from '@tributary/contracts';
import type { FailedReplay, ParkedMessage } from '@tributary/database';
import type { Broker, Consumer, Delivery } from '@tributary/messaging';
import type { Logger } from '@tributary/runtime';
import { z } from 'zod';
import type { StorageGate } from '../batches/storage-gate.ts';
import type { Redriver } from './redriver.ts';

export interface ReplayStore {
  get(id: string): Promise<ParkedMessage | undefined>;
  markReplayed(id: string, verdict: ParkVerdict): Promise<unknown>;
  /** It does not fit now either: why, for whoever looks at it. */
  markFailed(id: string, failed: FailedReplay): Promise<void>;
}

const request = z.union([
  z.object({ parkedId: z.string().min(1).max(64) }),
  z.object({ jobId: z.string().min(1).max(64) }),
]);
const PREFETCH = 4;

/** Replays one parked message and writes down what came of it; undefined where it is not parked any more. */
export class Replayer {
  readonly #parts: { store: ReplayStore; gate: StorageGate; redriver: Redriver; log: Logger };

  constructor(parts: { store: ReplayStore; gate: StorageGate; redriver: Redriver; log: Logger }) {
    this.#parts = parts;
  }

  /** Doing it twice is harmless. Waits while the database is away; rejects with the signal's reason, or when an adapter is. */
  async replay(id: string, signal: AbortSignal): Promise<ParkVerdict | undefined> {
    const { store, gate, redriver, log } = this.#parts;
    const row = await gate.run(() => store.get(id), signal);
    if (row?.state !== 'parked') return undefined;
    const { verdict, fault, points } = await redriver.run(row, 'replay', signal);
    if (fault) {
      const { reason, problems } = fault;
      await gate.run(() => store.markFailed(id, { reason, problems, verdict, points }), signal);
    } else await gate.run(() => store.markReplayed(id, verdict), signal);
    log.info(
      { parkedId: id, reason: fault?.reason },
      fault ? 'a replayed message does not fit again' : 'a parked message was replayed',
    );
    return verdict;
  }

  /** What `replay` would answer now. */
  async preview(id: string, signal: AbortSignal): Promise<ParkVerdict | undefined> {
    const { store, redriver } = this.#parts;
    const row = await store.get(id);
    if (row?.state !== 'parked') return undefined;
    return (await redriver.run(row, 'preview', signal)).verdict;
  }
}

/** Carries out requests to put parked messages through the intake again. Carrying one out twice is harmless. */
export class Replays {
  readonly #broker: Broker;
  readonly #replayer: Replayer;
  readonly #onJob: (jobId: string) => void;
  readonly #log: Logger;
  readonly #life = new AbortController();
  #consumer: Consumer | undefined;

  constructor(parts: { broker: Broker; replayer: Replayer; onJob: (jobId: string) => void; log: Logger }) {
    this.#broker = parts.broker;
    this.#replayer = parts.replayer;
    this.#onJob = parts.onJob;
    this.#log = parts.log;
  }

  start(): void {
    const { ingestReplays } = this.#broker.names;
    this.#consumer ??= this.#broker.consume(ingestReplays, { prefetch: PREFETCH, name: 'replays' }, (delivery) =>
      this.#handle(delivery),
    );
  }

  async stop(): Promise<void> {
    this.#life.abort(new Error('stopping'));
    await this.#consumer?.close();
  }

  async #handle(delivery: Delivery): Promise<void> {
    const asked = readRequest(delivery.body);
    try {
      if (asked === undefined) this.#log.warn('a request to replay names no parked message; ignored');
      else if ('jobId' in asked) this.#onJob(asked.jobId);
      else if (!(await this.#replayer.replay(asked.parkedId, this.#life.signal))) {
        this.#log.info({ parkedId: asked.parkedId }, 'there is nothing to replay');
      }
      delivery.ack();
    } catch (error) {
      if (this.#life.signal.aborted) return;
      throw error;
    }
  }
}

function readRequest(body: Buffer): z.output<typeof request> | undefined {
  try {
    return request.parse(JSON.parse(body.toString('utf8')));
  } catch {
    // Whatever it is, it is no request; there is nothing in it to lose.
    return undefined;
  }
}

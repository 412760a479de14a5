import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  failurePolicies,
  isPlatformError,
  MalformedResponseError,
  UnavailableError,
  UnsupportedError,
  type UploadedFile,
  uploadedFile,
  type WireError,
} from '@tributary/contracts';
import type { Clock, Logger } from '@tributary/runtime';
import type { Borrowed } from '../requests/adapter-pool.ts';
import type { FileAnnounced } from '../requests/file-handlers.ts';
import type { Errand } from './errand.ts';
import { BodyProblem, checkAnnounced, incomingBytes } from './incoming-bytes.ts';

export interface UploadOptions {
  file: FileAnnounced;
  borrow: (connectionId: string) => Promise<Borrowed>;
  maxBytes: number;
  clock: Clock;
  log: Logger;
  onBytes: (count: number) => void;
}

const IDLE_MS = 30_000;
/** A sender that has been refused is listened to for so long, that it may read why. */
const DRAIN_MS = 2_000;

/** A file on its way from its sender to the platform, at the platform's pace; never more than a chunk of it is here. */
export class Upload implements Errand {
  readonly method = 'PUT';
  readonly #options: UploadOptions;
  readonly #abort = new AbortController();
  /** What was wrong with the body: the adapter may see it as a broken request and say something else. */
  #problem: BodyProblem | undefined;
  #complete = false;

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  letGo(reason: Error): void {
    this.#abort.abort(reason);
  }

  async run(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = () => this.#abort.abort(new UnavailableError('the sender went away'));
    response.once('close', gone);
    try {
      const file = await this.#pass(request);
      response.off('close', gone);
      await answer(response, 200, file);
    } catch (thrown) {
      const error = this.#problem ?? thrown;
      response.off('close', gone);
      this.#abort.abort(error);
      this.#options.log.info(
        { err: error, code: isPlatformError(error) ? error.code : undefined },
        'an upload did not come through',
      );
      await this.#refuse(request, response, error);
    }
  }

  async #pass(request: IncomingMessage): Promise<UploadedFile> {
    const { file, borrow, maxBytes, clock } = this.#options;
    const limits = { sizeBytes: file.sizeBytes, maxBytes, idleMs: IDLE_MS, clock };
    checkAnnounced(request, limits);
    const { instance, giveBack } = await borrow(file.connectionId);
    try {
      const { files } = instance.adapter;
      if (!files?.upload) throw new UnsupportedError('the platform takes no files');
      this.#abort.signal.throwIfAborted();
      const { name, mediaType, sizeBytes } = file;
      const bytes = this.#watched(incomingBytes(request, limits, this.#abort.signal));
      const size = sizeBytes === undefined ? {} : { sizeBytes };
      const made = await files.upload({ name, mediaType, ...size, bytes }, this.#abort.signal);
      if (!this.#complete) throw new MalformedResponseError('the platform answered before it had the whole file');
      return uploadedFile.parse(made);
    } finally {
      giveBack();
    }
  }

  async *#watched(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const chunk of bytes) {
        this.#options.onBytes(chunk.byteLength);
        yield chunk;
      }
      this.#complete = true;
    } catch (error) {
      if (error instanceof BodyProblem) this.#problem = error;
      // The platform's side ends with the sender's: nothing of half a file may be taken for a whole one.
      this.#abort.abort(error);
      throw error;
    }
  }

  async #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): Promise<void> {
    if (response.destroyed) return;
    const { status, wire } = refusalOf(error);
    await answer(response, status, wire, request.complete ? {} : { connection: 'close' });
    if (request.complete) return;
    // Whoever was reading has stopped; as long as it counts as a reader nothing flows.
    request.removeAllListeners('readable');
    request.resume();
    this.#options.clock.after(DRAIN_MS, () => request.destroy());
  }
}

function refusalOf(error: unknown): { status: number; wire: WireError } {
  if (error instanceof BodyProblem) return { status: error.status, wire: error.toWire() };
  if (isPlatformError(error)) return { status: failurePolicies[error.code].status, wire: error.toWire() };
  const wire = new UnavailableError('the upload failed for a reason that the log of the adapter tells').toWire();
  return { status: 500, wire };
}

/** Resolves when it is written, or when nobody is there to read it. */
function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', () => resolve());
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body), () => resolve());
  });
}

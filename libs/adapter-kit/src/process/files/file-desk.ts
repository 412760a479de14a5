import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { InvalidRequestError, NotFoundError, UnavailableError, UnsupportedError } from '@tributary/contracts';
import type { Clock, Counter, Gauge, Logger, Metrics } from '@tributary/runtime';
import type { Borrowed } from '../requests/adapter-pool.ts';
import type { FileAnnounced, FileCounter } from '../requests/file-handlers.ts';
import { Download } from './download.ts';
import type { Errand } from './errand.ts';
import { Upload } from './upload.ts';

export interface FileDeskOptions {
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  /** The adapter of a connection, open until it is given back. */
  borrow: (connectionId: string) => Promise<Borrowed>;
  /** Where clients reach this process, without a slash at the end. */
  baseUrl: () => string;
  /** Largest file that is taken; default 1 GiB. */
  maxUploadBytes?: number;
}

interface Ticket {
  errand: Errand;
  cancelTimer: () => void;
}

const TICKET_MS = 60_000;
const MAX_OPEN = 64;
const DEFAULT_MAX_UPLOAD_BYTES = 2 ** 30;
const TICKET = /^\/files\/([A-Za-z0-9_-]{32})$/;

/**
 * Files that wait to be fetched or brought, each once and within a minute. Bytes go between platform and client at the
 * slower one's pace, never all in memory; when either side goes away the other is let go.
 */
export class FileDesk implements FileCounter {
  readonly #options: FileDeskOptions;
  readonly #maxUploadBytes: number;
  readonly #tickets = new Map<string, Ticket>();
  readonly #serving = new Set<Errand>();
  readonly #openFiles: Gauge<never>;
  readonly #bytes: Counter<never>;
  readonly #bytesTaken: Counter<never>;

  constructor(options: FileDeskOptions) {
    this.#options = options;
    this.#maxUploadBytes = options.maxUploadBytes ?? DEFAULT_MAX_UPLOAD_BYTES;
    const { metrics } = options;
    this.#openFiles = metrics.gauge('adapter_files_open', { help: 'Files waiting for or in download or upload' });
    this.#bytes = metrics.counter('adapter_file_bytes_total', { help: 'Bytes of files passed on' });
    this.#bytesTaken = metrics.counter('adapter_uploaded_bytes_total', { help: 'Bytes of files sent to the platform' });
  }

  /**
   * Opens a file at the platform and answers the address for its one download. Rejects with what the platform says;
   * `signal` ends the opening, not the download.
   */
  async open(
    { connectionId, device, names }: { connectionId: string; device: string; names: string[] },
    signal: AbortSignal,
  ): Promise<string> {
    this.#assertRoom();
    const { instance, giveBack } = await this.#options.borrow(connectionId);
    const abort = new AbortController();
    const tooLate = () => abort.abort(signal.reason);
    signal.addEventListener('abort', tooLate, { once: true });
    try {
      const { files } = instance.adapter;
      if (!files?.open) throw new UnsupportedError('the platform has no files');
      signal.throwIfAborted();
      const content = await files.open(device, names, abort.signal);
      const onBytes = (count: number) => this.#bytes.inc(count);
      return this.#issue(new Download({ content, abort, giveBack, log: this.#options.log, onBytes }));
    } catch (error) {
      abort.abort(error);
      giveBack();
      throw error;
    } finally {
      signal.removeEventListener('abort', tooLate);
    }
  }

  /** Answers the address that the file may be PUT to; nothing is asked of the platform before somebody does. */
  async receive(file: FileAnnounced): Promise<string> {
    this.#assertRoom();
    if ((file.sizeBytes ?? 0) > this.#maxUploadBytes) {
      throw new InvalidRequestError(`a file may have ${this.#maxUploadBytes} bytes at most`);
    }
    const { instance, giveBack } = await this.#options.borrow(file.connectionId);
    giveBack();
    if (!instance.adapter.files?.upload) throw new UnsupportedError('the platform takes no files');
    const onBytes = (count: number) => this.#bytesTaken.inc(count);
    return this.#issue(new Upload({ ...this.#options, file, maxBytes: this.#maxUploadBytes, onBytes }));
  }

  /** True when the request was for a file, and has been taken care of. */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (!path.startsWith('/files/')) return false;
    void this.#answer(TICKET.exec(path)?.[1], request, response);
    return true;
  }

  close(): void {
    const reason = new UnavailableError('the process stops');
    for (const id of [...this.#tickets.keys()]) this.#void(id, reason);
    for (const errand of this.#serving) errand.letGo(reason);
  }

  #assertRoom(): void {
    if (this.#tickets.size + this.#serving.size < MAX_OPEN) return;
    throw new UnavailableError('too many files are open here', { retryAfterMs: 1_000 });
  }

  #issue(errand: Errand): string {
    const id = randomBytes(24).toString('base64url');
    const late = () => this.#void(id, new NotFoundError('nobody came for the file in time'));
    this.#tickets.set(id, { errand, cancelTimer: this.#options.clock.after(TICKET_MS, late) });
    this.#count();
    return `${this.#options.baseUrl()}/files/${id}`;
  }

  #void(id: string, reason: Error): void {
    const ticket = this.#tickets.get(id);
    if (!ticket) return;
    ticket.cancelTimer();
    this.#tickets.delete(id);
    ticket.errand.letGo(reason);
    this.#count();
  }

  async #answer(id: string | undefined, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const ticket = id === undefined ? undefined : this.#tickets.get(id);
    if (request.method !== 'GET' && request.method !== 'PUT') return refuse(response, 405);
    if (!ticket || id === undefined) return refuse(response, 404);
    if (ticket.errand.method !== request.method) return refuse(response, 405);
    this.#tickets.delete(id);
    ticket.cancelTimer();
    this.#serving.add(ticket.errand);
    this.#count();
    await ticket.errand.run(request, response);
    this.#serving.delete(ticket.errand);
    this.#count();
  }

  #count(): void {
    this.#openFiles.set(this.#tickets.size + this.#serving.size);
  }
}

/** Who sends a body nobody wants is not listened to. */
function refuse(response: ServerResponse, status: 404 | 405): void {
  response
    .writeHead(status, { 'content-type': 'application/json', connection: 'close' })
    .end(JSON.stringify({ title: 'not found' }));
}

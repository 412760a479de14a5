import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isPlatformError, NotFoundError, UnavailableError, UnsupportedError } from '@tributary/contracts';
import type { Clock, Counter, Gauge, Logger, Metrics } from '@tributary/runtime';
import type { FileContent } from '../../contract.ts';
import type { ConnectionInstance } from '../supervision/connection-instance.ts';
import { digesting } from './digesting.ts';

export interface FileDeskOptions {
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  /** Where clients reach this process, without a slash at the end. */
  baseUrl: () => string;
}

interface Ticket {
  content: FileContent;
  abort: AbortController;
  cancelTimer: () => void;
}

const TICKET_MS = 60_000;
const MAX_OPEN = 64;
const TICKET = /^\/files\/([A-Za-z0-9_-]{32})$/;

/**
 * Files that wait to be fetched, each once and within a minute of being opened. Bytes go from the platform to the
 * client at the client's pace, never all in memory; when either side goes away the other is let go.
 */
export class FileDesk {
  readonly #options: FileDeskOptions;
  readonly #tickets = new Map<string, Ticket>();
  readonly #serving = new Set<AbortController>();
  readonly #openFiles: Gauge<never>;
  readonly #bytes: Counter<never>;

  constructor(options: FileDeskOptions) {
    this.#options = options;
    this.#openFiles = options.metrics.gauge('adapter_files_open', { help: 'Files waiting for or in download' });
    this.#bytes = options.metrics.counter('adapter_file_bytes_total', { help: 'Bytes of files passed on' });
  }

  /**
   * Opens a file at the platform and answers the address for its one download. Rejects with what the platform says;
   * `signal` ends the opening, not the download.
   */
  async open(instance: ConnectionInstance, device: string, names: string[], signal: AbortSignal): Promise<string> {
    const { files } = instance.adapter;
    if (!files?.open) throw new UnsupportedError('the platform has no files');
    if (this.#tickets.size + this.#serving.size >= MAX_OPEN) {
      throw new UnavailableError('too many files are open here', { retryAfterMs: 1_000 });
    }
    const abort = new AbortController();
    const tooLate = () => abort.abort(signal.reason);
    signal.addEventListener('abort', tooLate, { once: true });
    try {
      signal.throwIfAborted();
      const content = await files.open(device, names, abort.signal);
      return this.#issue(content, abort);
    } catch (error) {
      abort.abort(error);
      throw error;
    } finally {
      signal.removeEventListener('abort', tooLate);
    }
  }

  /** True when the request was for a file, and has been taken care of. */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (!path.startsWith('/files/')) return false;
    void this.#answer(TICKET.exec(path)?.[1], request, response);
    return true;
  }

  close(): void {
    for (const id of [...this.#tickets.keys()]) this.#void(id, 'the process stops');
    for (const abort of this.#serving) abort.abort(new UnavailableError('the process stops'));
  }

  #issue(content: FileContent, abort: AbortController): string {
    const id = randomBytes(24).toString('base64url');
    const cancelTimer = this.#options.clock.after(TICKET_MS, () => this.#void(id, 'nobody fetched it in time'));
    this.#tickets.set(id, { content, abort, cancelTimer });
    this.#count();
    return `${this.#options.baseUrl()}/files/${id}`;
  }

  #void(id: string, reason: string): void {
    const ticket = this.#tickets.get(id);
    if (!ticket) return;
    ticket.cancelTimer();
    this.#tickets.delete(id);
    ticket.abort.abort(new UnavailableError(`the file was let go: ${reason}`));
    // A body that nobody has begun to read holds its connection until it is told.
    void ticket.content.bytes[Symbol.asyncIterator]()
      .return?.()
      ?.catch(() => undefined);
    this.#count();
  }

  async #answer(id: string | undefined, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const ticket = id === undefined || request.method !== 'GET' ? undefined : this.#tickets.get(id);
    if (!ticket || id === undefined) {
      return refuse(response, request.method === 'GET' ? 404 : 405);
    }
    this.#tickets.delete(id);
    ticket.cancelTimer();
    const { content, abort } = ticket;
    this.#serving.add(abort);
    this.#count();
    const gone = () => abort.abort(new UnavailableError('the client went away'));
    response.once('close', gone);
    try {
      await this.#send(content, response, abort.signal);
    } catch (error) {
      // The client sees a download that breaks off before its announced end.
      this.#options.log.info(
        { err: error, code: isPlatformError(error) ? error.code : undefined },
        'a download broke off',
      );
      response.destroy();
    } finally {
      response.off('close', gone);
      abort.abort(new NotFoundError('the download is over'));
      this.#serving.delete(abort);
      this.#count();
    }
  }

  async #send(content: FileContent, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const { mediaType, sizeBytes, fileName, bytes } = content;
    response.writeHead(200, {
      'content-type': headerText(mediaType),
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
      // Trailers need chunks; the length, where it is known, travels beside them.
      ...(sizeBytes === undefined ? {} : { 'x-content-length': String(sizeBytes) }),
      trailer: 'repr-digest',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const digest = digesting(bytes, sizeBytes, (count) => this.#bytes.inc(count));
    await pipeline(Readable.from(digest.bytes, { objectMode: false }), response, { signal, end: false });
    response.addTrailers({ 'repr-digest': digest.value() });
    await new Promise<void>((resolve) => response.end(resolve));
  }

  #count(): void {
    this.#openFiles.set(this.#tickets.size + this.#serving.size);
  }
}

function refuse(response: ServerResponse, status: 404 | 405): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ title: 'not found' }));
}

/** What a vendor calls a media type may hold anything. */
const headerText = (text: string) =>
  /^[\w.+-]+\/[\w.+-]+(;[\x20-\x7e]*)?$/.test(text) ? text : 'application/octet-stream';

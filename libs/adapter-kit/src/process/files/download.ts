import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isPlatformError, NotFoundError, UnavailableError } from '@tributary/contracts';
import type { Logger } from '@tributary/runtime';
import type { FileContent } from '../../contract.ts';
import { digesting } from './digesting.ts';
import type { Errand } from './errand.ts';

export interface DownloadOptions {
  content: FileContent;
  /** Ends the platform's side of it. */
  abort: AbortController;
  /** The adapter is not needed any more. */
  giveBack: () => void;
  log: Logger;
  onBytes: (count: number) => void;
}

/** An opened file on its way to its reader, at the reader's pace. */
export class Download implements Errand {
  readonly method = 'GET';
  readonly #options: DownloadOptions;
  #begun = false;

  constructor(options: DownloadOptions) {
    this.#options = options;
  }

  letGo(reason: Error): void {
    const { abort, content, giveBack } = this.#options;
    abort.abort(reason);
    if (this.#begun) return;
    // A body that nobody has begun to read holds its connection until it is told.
    void content.bytes[Symbol.asyncIterator]()
      .return?.()
      ?.catch(() => undefined);
    giveBack();
  }

  async run(_request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#begun = true;
    const { abort, log, giveBack } = this.#options;
    const gone = () => abort.abort(new UnavailableError('the client went away'));
    response.once('close', gone);
    try {
      await this.#send(response, abort.signal);
    } catch (error) {
      // The client sees a download that breaks off before its announced end.
      log.info({ err: error, code: isPlatformError(error) ? error.code : undefined }, 'a download broke off');
      response.destroy();
    } finally {
      response.off('close', gone);
      abort.abort(new NotFoundError('the download is over'));
      giveBack();
    }
  }

  async #send(response: ServerResponse, signal: AbortSignal): Promise<void> {
    const { content, onBytes } = this.#options;
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
    const digest = digesting(bytes, sizeBytes, onBytes);
    await pipeline(Readable.from(digest.bytes, { objectMode: false }), response, { signal, end: false });
    response.addTrailers({ 'repr-digest': digest.value() });
    await new Promise<void>((resolve) => response.end(resolve));
  }
}

/** What a vendor calls a media type may hold anything. */
const headerText = (text: string) =>
  /^[\w.+-]+\/[\w.+-]+(;[\x20-\x7e]*)?$/.test(text) ? text : 'application/octet-stream';

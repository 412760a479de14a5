import { Readable } from 'node:stream';
import {
  fromWire,
  isPlatformError,
  MalformedResponseError,
  UnavailableError,
  type UploadedFile,
  uploadedFile,
  wireError,
} from '@tributary/contracts';

/** A file on its way to a platform. */
export interface FileToSend {
  name?: string | undefined;
  mediaType: string;
  sizeBytes?: number | undefined;
  bytes: AsyncIterable<Uint8Array>;
}

/** From the last byte until the platform has taken the file. */
const ANSWER_TIMEOUT_MS = 120_000;

/**
 * Sends bytes to the adapter as they come; nothing is gathered here. When the caller goes away, or the bytes end in a
 * failure, the adapter's request breaks off, and with it the vendor's. Throws what the bytes throw, a `PlatformError`
 * where the platform did not take the file.
 */
export async function sendFile(url: string, file: FileToSend, signal: AbortSignal): Promise<UploadedFile> {
  const { request } = await import('undici');
  let failure: unknown;
  async function* bytes() {
    try {
      yield* file.bytes;
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  try {
    const { statusCode, body } = await request(url, {
      method: 'PUT',
      body: Readable.from(bytes(), { objectMode: false }),
      headers: {
        'content-type': file.mediaType,
        ...(file.sizeBytes === undefined ? {} : { 'content-length': String(file.sizeBytes) }),
      },
      signal,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    });
    return taken(statusCode, await body.text());
  } catch (error) {
    if (failure !== undefined) throw failure;
    if (isPlatformError(error)) throw error;
    throw new UnavailableError('the adapter that takes the file does not answer', { cause: error });
  }
}

/** What the adapter answered: the file as the platform has it, or why it has not. */
function taken(status: number, text: string): UploadedFile {
  const answer = parsed(text);
  if (status === 200) {
    const file = uploadedFile.safeParse(answer);
    if (file.success) return file.data;
    throw new MalformedResponseError('the adapter does not say what became of the file');
  }
  const failure = wireError.safeParse(answer);
  throw failure.success
    ? fromWire(failure.data)
    : new UnavailableError(`the adapter that takes the file answered ${status}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Neither a file nor a failure.
    return undefined;
  }
}

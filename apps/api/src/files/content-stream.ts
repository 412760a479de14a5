import { StreamableFile } from '@nestjs/common';
import { UnavailableError } from '@tributary/contracts';

/** How long an adapter may take to begin, and to go on in the middle. */
const HEADERS_TIMEOUT_MS = 60_000;
const BODY_TIMEOUT_MS = 60_000;

/**
 * The bytes behind a ticket, as they come: nothing is gathered here. When the caller goes away the adapter's answer is
 * cut too, and with it the vendor's. Throws `UnavailableError` where the adapter does not give them.
 */
export async function contentStream(url: string, signal: AbortSignal): Promise<StreamableFile> {
  // Loaded with the first file: it is by far the largest library here.
  const { request } = await import('undici');
  const answer = await request(url, { signal, headersTimeout: HEADERS_TIMEOUT_MS, bodyTimeout: BODY_TIMEOUT_MS }).catch(
    (error: unknown) => {
      throw new UnavailableError('the adapter that holds the file does not answer', { cause: error });
    },
  );
  if (answer.statusCode !== 200) {
    await answer.body.dump();
    throw new UnavailableError(`the adapter that holds the file answered ${answer.statusCode}`);
  }
  const length = Number(answer.headers['content-length']);
  return new StreamableFile(answer.body, {
    type: String(answer.headers['content-type'] ?? 'application/octet-stream'),
    disposition: String(answer.headers['content-disposition'] ?? 'attachment'),
    ...(Number.isSafeInteger(length) && answer.headers['content-length'] !== undefined ? { length } : {}),
  });
}

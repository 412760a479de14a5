import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { badRequest, ProblemError } from '../http/problem-error.ts';
import type { FileToSend } from './send-file.ts';

type Form = import('@fastify/busboy').BusboyInstance;

/** One part and no more: what stands behind the file would be known too late. */
const LIMITS = { parts: 1, files: 1, fields: 0, headerPairs: 20 };
const FIELD = 'file';

/**
 * The file of a multipart/form-data body, whose only part it must be. Its bytes end when the form has ended well, so that
 * a form that broke off is never taken for a whole file. Throws 400 for any other form.
 */
export async function formFile(body: AsyncIterable<Uint8Array>, contentType: string): Promise<FileToSend> {
  const form = await openForm(contentType);
  const found = new Promise<FileToSend>((resolve, reject) => {
    form.on('file', (field: string, stream: Readable, name: string, _encoding: string, mediaType: string) => {
      stream.on('error', () => undefined);
      if (field !== FIELD) return reject(notOneFile());
      resolve({ name, mediaType, bytes: until(stream, whole) });
    });
  });
  const whole = read(form, body);
  // Whoever takes the bytes hears of it; before there are any, the race below does.
  whole.catch(() => undefined);
  const none = whole.then(() => {
    throw notOneFile();
  });
  return Promise.race([found, none]);
}

async function openForm(contentType: string): Promise<Form> {
  // Loaded by the first form.
  const { Busboy } = await import('@fastify/busboy');
  try {
    return new Busboy({ headers: { 'content-type': contentType }, limits: LIMITS });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw badRequest([{ pointer: '/header/content-type', detail: 'is no multipart/form-data with a boundary' }]);
  }
}

/** Resolves when the form has been read to its end; rejects where it is no form of one file, or the body broke off. */
async function read(form: Form, body: AsyncIterable<Uint8Array>): Promise<void> {
  const stop = new AbortController();
  const ended = once(form, 'finish', { signal: stop.signal });
  // It is awaited at the end; that it fails before is no news.
  ended.catch(() => undefined);
  for (const event of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
    form.on(event, () => stop.abort(notOneFile()));
  form.on('error', () => stop.abort(malformed()));
  try {
    for await (const chunk of body) {
      if (!form.write(chunk)) await once(form, 'drain', { signal: stop.signal });
      stop.signal.throwIfAborted();
    }
    form.end();
    await ended;
    stop.signal.throwIfAborted();
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  }
}

async function* until(file: Readable, whole: Promise<void>): AsyncGenerator<Uint8Array> {
  // A form that ends badly ends the file in the middle, whatever the file itself says.
  whole.catch((error: Error) => file.destroy(error));
  try {
    for await (const chunk of file) yield chunk as Uint8Array;
  } catch (error) {
    throw error instanceof ProblemError ? error : malformed();
  }
  await whole;
}

const malformed = () => badRequest([{ pointer: '/body', detail: 'is no well-formed form' }]);

const notOneFile = () =>
  badRequest([{ pointer: '/body', detail: `a form must have one part, a file named "${FIELD}"` }]);

import type { ReadAnswer } from './transport.ts';
import { type AskedOf, TributaryError } from './tributary-error.ts';

/** An answer with what stands in its head. */
export interface Answer<T> {
  data: T;
  status: number;
  headers: Headers;
  /** Version of the resource, for `If-Match`; undefined where it has none. */
  etag: string | undefined;
}

/** Reads the whole body; an answer without one gives undefined. Throws `unreadable` for what is no JSON. */
export const readJson =
  (request: AskedOf): ReadAnswer<Answer<unknown>> =>
  async (answer, limit) => {
    const text = await answer.text();
    limit.release();
    const { status, headers } = answer;
    return {
      data: text === '' ? undefined : parse(text, request, status),
      status,
      headers,
      etag: headers.get('etag') ?? undefined,
    };
  };

function parse(text: string, request: AskedOf, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TributaryError(request, { code: 'unreadable', detail: 'the answer is no JSON', status, cause });
  }
}

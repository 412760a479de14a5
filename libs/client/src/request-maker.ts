import type { AnyOptions } from './call-types.ts';
import { type OperationFacts, operations } from './openapi/operations.ts';
import { requestUrl } from './request-url.ts';
import { noRetries, type RetryLimits, repeatable } from './retry-policy.ts';
import type { Body, Call } from './transport.ts';

export interface RequestDefaults {
  retries: RetryLimits;
  timeoutMs: number;
  headers: Record<string, string>;
}

/** What was wished for an operation, as a request: address, headers, body, and how much it may be repeated. */
export class RequestMaker {
  readonly #defaults: RequestDefaults;

  constructor(defaults: RequestDefaults) {
    this.#defaults = defaults;
  }

  get defaults(): RequestDefaults {
    return this.#defaults;
  }

  make(method: string, template: string, options: AnyOptions = {}, accept = 'application/json'): Call {
    const facts = operations[`${method} ${template}`] ?? {};
    const { body, type } = bodyOf(options.body, facts);
    const headers = this.#headers(options, facts);
    if (!headers.has('accept')) headers.set('accept', accept);
    if (type !== undefined && !headers.has('content-type')) headers.set('content-type', type);
    return {
      method,
      url: requestUrl(template, options.path, options.query),
      headers,
      body,
      repeat: repeatable(method, { facts, headers, replayable: !(body instanceof ReadableStream) }),
      retries: options.retries === false ? noRetries : { ...this.#defaults.retries, ...options.retries },
      timeoutMs: options.timeoutMs ?? this.#defaults.timeoutMs,
      deadlineMs: options.deadlineMs,
      signal: options.signal,
    };
  }

  /** One key for a call, whatever becomes of its attempts. */
  #headers({ headers: given, ifMatch, idempotencyKey }: AnyOptions, facts: OperationFacts): Headers {
    const headers = new Headers({ ...this.#defaults.headers, ...given });
    if (ifMatch !== undefined) headers.set('if-match', ifMatch);
    if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey);
    else if (facts.idempotencyKey && !headers.has('idempotency-key')) headers.set('idempotency-key', newKey());
    return headers;
  }
}

/** Unlike `crypto.randomUUID` this also exists in pages that came without TLS. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function bodyOf(body: unknown, facts: OperationFacts): { body?: Body; type?: string } {
  if (body === undefined) return {};
  // Its boundary stands in the media type, which only `fetch` knows.
  if (body instanceof FormData) return { body };
  if (isBytes(body)) return { body, type: (body instanceof Blob && body.type) || 'application/octet-stream' };
  return { body: JSON.stringify(body), type: facts.bodyType ?? 'application/json' };
}

const isBytes = (body: unknown): body is Blob | ArrayBuffer | Uint8Array<ArrayBuffer> | ReadableStream =>
  body instanceof Blob || body instanceof ArrayBuffer || body instanceof Uint8Array || body instanceof ReadableStream;

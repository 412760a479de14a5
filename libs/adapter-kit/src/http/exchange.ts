import type { Readable } from 'node:stream';
import { PlatformError, TimeoutError } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import type { Agent } from 'undici';
import type { VendorAnswer, VendorRequest } from '../connection-kit.ts';
import { noteCall } from '../lineage/note-call.ts';
import { answerBytes, DEFAULT_MAX_BYTES, DEFAULT_MAX_STREAM_BYTES } from './answer-body.ts';
import { DeadlineReached, deadline } from './deadline.ts';
import { ANSWER_LOST, networkFailure } from './network-failure.ts';
import type { OperationPolicy } from './operation-policy.ts';
import { bodyOf, PASSED_BODY_TIMEOUT_MS } from './outgoing-body.ts';
import { vendorCall } from './vendor-calls.ts';

const HEADERS_TIMEOUT_MS = 10_000;
/** Of a failed download no more than this is read to learn why. */
const MAX_FAILURE_BYTES = 64 * 1024;

export interface OutgoingRequest {
  request: VendorRequest;
  origin: string;
  /** Base path, path and query. */
  path: string;
  headers: Record<string, string>;
  policy: OperationPolicy;
}

export interface StreamedAnswer {
  status: number;
  headers: Record<string, string>;
  bytes: AsyncIterable<Uint8Array>;
}

/** One request on the wire and its answer, bounded in time and size. Knows nothing of tokens, budgets or retries. */
export class Exchange {
  readonly #agent: Agent;
  readonly #clock: Clock;
  readonly #hidden: readonly string[];

  /** `hidden` is never told of an address: what proves who we are. */
  constructor(agent: Agent, clock: Clock, hidden: readonly string[] = []) {
    this.#agent = agent;
    this.#clock = clock;
    this.#hidden = hidden;
  }

  /** Resolves with any answer, whatever its status. */
  send(out: OutgoingRequest): Promise<VendorAnswer> {
    return vendorCall(() => this.#send(out));
  }

  /** Resolves when the head is there. `text` of a failed answer is read, a good one's bytes are left to the caller. */
  stream(out: OutgoingRequest): Promise<StreamedAnswer | VendorAnswer> {
    return vendorCall(() => this.#stream(out));
  }

  async #send(out: OutgoingRequest): Promise<VendorAnswer> {
    const { request } = out;
    const limit = deadline(this.#clock, timeoutOf(out), request.signal);
    const sent = { atMs: this.#clock.now(), monotonicMs: this.#clock.monotonicMs() };
    try {
      const answer = await this.#dispatch(out, limit.signal);
      const { status, headers } = answer;
      const bytes = await this.#body(out, answer, request.maxBytes ?? DEFAULT_MAX_BYTES);
      const ms = this.#clock.monotonicMs() - sent.monotonicMs;
      noteCall(out, { status, bytes, atMs: sent.atMs, ms }, this.#hidden);
      return { status, headers, text: bytes.toString('utf8') };
    } catch (error) {
      throw this.#failure(request, error);
    } finally {
      limit.done();
    }
  }

  async #stream(out: OutgoingRequest): Promise<StreamedAnswer | VendorAnswer> {
    const { request } = out;
    const limit = deadline(this.#clock, timeoutOf(out), request.signal);
    try {
      const answer = await this.#dispatch(out, limit.signal);
      if (answer.status < 200 || answer.status >= 300) {
        const bytes = await this.#body(out, answer, MAX_FAILURE_BYTES);
        return { ...answer, text: bytes.toString('utf8') };
      }
      const { status, headers } = answer;
      return { status, headers, bytes: this.#bytes(request, answer) };
    } catch (error) {
      throw this.#failure(request, error);
    } finally {
      limit.done();
    }
  }

  async #dispatch({ request, origin, path, headers, policy }: OutgoingRequest, signal: AbortSignal) {
    const {
      statusCode,
      headers: raw,
      body,
    } = await this.#agent.request({
      origin,
      path,
      method: request.method,
      headers,
      body: bodyOf(request),
      // The head of the answer to a streamed body comes after its last byte, whenever that is.
      headersTimeout: request.body ? 0 : (request.timeoutMs ?? Math.min(HEADERS_TIMEOUT_MS, policy.timeoutMs)),
      bodyTimeout: policy.idleMs,
      signal,
    });
    return { status: statusCode, headers: flat(raw), body: body as Readable };
  }

  async #body(
    { request }: OutgoingRequest,
    answer: { headers: Record<string, string>; body: Readable },
    max: number,
  ): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    const encoding = answer.headers['content-encoding'];
    for await (const chunk of answerBytes(request.operation, answer.body, encoding, max)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async *#bytes(request: VendorRequest, answer: { headers: Record<string, string>; body: Readable }) {
    const abort = () => answer.body.destroy(asError(request.signal?.reason));
    request.signal?.addEventListener('abort', abort, { once: true });
    try {
      const max = request.maxBytes ?? DEFAULT_MAX_STREAM_BYTES;
      yield* answerBytes(request.operation, answer.body, answer.headers['content-encoding'], max);
    } catch (error) {
      throw this.#failure(request, error);
    } finally {
      request.signal?.removeEventListener('abort', abort);
    }
  }

  #failure(request: VendorRequest, error: unknown): unknown {
    if (request.signal?.aborted) return request.signal.reason;
    if (error instanceof PlatformError) return error;
    if (error instanceof DeadlineReached) {
      return new TimeoutError(`${request.operation}: ${error.message}`, { platformCode: ANSWER_LOST });
    }
    return networkFailure(request.operation, error, request.idempotent);
  }
}

const timeoutOf = ({ request, policy }: OutgoingRequest): number =>
  request.timeoutMs ?? (request.body ? PASSED_BODY_TIMEOUT_MS : policy.timeoutMs);

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error('aborted'));

const flat = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );

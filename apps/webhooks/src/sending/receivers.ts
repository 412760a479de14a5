import type { lookup } from 'node:dns';
import { type AttemptReport, isPlatformError } from '@tributary/contracts';
import { type Clock, checkedUrl, guardedLookup, retryAfterMs } from '@tributary/runtime';
import { LRUCache } from 'lru-cache';
import { Agent, type Dispatcher } from 'undici';
import { beginningOf } from './answer-beginning.ts';
import { excerptOf } from './excerpt.ts';
import { isLostConnection, outcomeOf } from './network-outcome.ts';

export interface ReceiversOptions {
  timeoutMs: number;
  /** Loopback, private networks and plain http are allowed: development and tests only. */
  allowPrivateAddresses: boolean;
  clock: Clock;
  /** How names are resolved; by default as the system does. */
  resolve?: typeof lookup;
}

export interface Post {
  /** Whose sockets these are: one receiver never waits for another's. */
  subscriptionId: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Blotted out where the answer repeats them. */
  secrets: readonly string[];
}

export interface PostResult extends AttemptReport {
  at: Date;
  /** What the receiver asked for. */
  retryAfterMs?: number;
}

/** The process stops: nothing can be said about the receiver. */
export class PostInterrupted extends Error {
  override readonly name = 'PostInterrupted';
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Receivers whose sockets are kept for their next delivery. */
const KEPT_RECEIVERS = 1_000;
/** The answer is decided by its status; the rest of it is looked at for so long. */
const READ_MS = 1_000;
const MOST_RETRY_AFTER_MS = 24 * 3_600_000;

/**
 * POSTs to addresses that strangers gave. The address is checked each time, as it is written and as it is resolved, and
 * what was checked is what is dialled. Redirects are not followed, TLS is verified, answers are cut off.
 */
export class Receivers {
  readonly #options: ReceiversOptions;
  readonly #agents: LRUCache<string, Agent>;

  constructor(options: ReceiversOptions) {
    this.#options = options;
    // What is under way on it ends by its own deadline.
    this.#agents = new LRUCache({ max: KEPT_RECEIVERS, dispose: (agent) => void agent.close() });
  }

  /** Never rejects because of the receiver; throws `PostInterrupted` when the signal aborts. */
  async post(post: Post, signal: AbortSignal): Promise<PostResult> {
    if (signal.aborted) throw new PostInterrupted();
    const { clock } = this.#options;
    const at = new Date(clock.now());
    const startedMs = clock.monotonicMs();
    const report = await this.#outcome(post, signal);
    if (signal.aborted && report.status === undefined) throw new PostInterrupted();
    return { ...report, at, latencyMs: Math.round(clock.monotonicMs() - startedMs) };
  }

  async close(): Promise<void> {
    const agents = [...this.#agents.values()];
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  async #outcome(post: Post, signal: AbortSignal): Promise<Omit<PostResult, 'at' | 'latencyMs'>> {
    const { clock, timeoutMs } = this.#options;
    const patience = new AbortController();
    const cancel = clock.after(timeoutMs, () => patience.abort());
    try {
      const answer = await this.#send(post, AbortSignal.any([patience.signal, signal]));
      return await this.#read(answer, post.secrets);
    } catch (error) {
      if (isPlatformError(error)) return { outcome: 'address-refused' };
      return { outcome: patience.signal.aborted ? 'timeout' : outcomeOf(error) };
    } finally {
      cancel();
    }
  }

  async #send(post: Post, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { allowPrivateAddresses: allowPrivate } = this.#options;
    const url = checkedUrl(post.url, { secure: ['https:'], plain: ['http:'], allowPrivate });
    const request = {
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'POST' as const,
      headers: post.headers,
      body: post.body,
      signal,
    };
    const agent = this.#agentOf(post.subscriptionId);
    try {
      return await agent.request(request);
    } catch (error) {
      // A kept connection that the receiver closed at the same moment says nothing about the receiver.
      if (signal.aborted || !isLostConnection(error)) throw error;
      return agent.request(request);
    }
  }

  async #read(
    answer: Dispatcher.ResponseData,
    secrets: readonly string[],
  ): Promise<Omit<PostResult, 'at' | 'latencyMs'>> {
    const { clock } = this.#options;
    const { statusCode: status, headers } = answer;
    const excerpt = excerptOf(await beginningOf(answer.body, READ_MS, clock), secrets);
    const told =
      status === 429 || status === 503 ? retryAfterMs(flat(headers), clock.now(), MOST_RETRY_AFTER_MS) : undefined;
    return {
      outcome: meaningOf(status),
      status,
      ...(excerpt === undefined ? {} : { excerpt }),
      ...(told === undefined ? {} : { retryAfterMs: told }),
    };
  }

  #agentOf(subscriptionId: string): Agent {
    const known = this.#agents.get(subscriptionId);
    if (known) return known;
    const { allowPrivateAddresses, timeoutMs, resolve } = this.#options;
    const agent = new Agent({
      allowH2: false,
      connections: 1,
      pipelining: 1,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connect: {
        timeout: Math.min(CONNECT_TIMEOUT_MS, timeoutMs),
        lookup: guardedLookup(allowPrivateAddresses, resolve),
      },
    });
    this.#agents.set(subscriptionId, agent);
    return agent;
  }
}

function meaningOf(status: number): AttemptReport['outcome'] {
  if (status >= 200 && status < 300) return 'delivered';
  if (status === 410) return 'gone';
  if (status === 429 || status === 503) return 'busy';
  return status >= 300 && status < 400 ? 'redirect' : 'refused';
}

const flat = (headers: Dispatcher.ResponseData['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );

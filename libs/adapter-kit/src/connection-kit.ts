import type { OperationClass } from '@tributary/contracts';
import type { Clock, Logger } from '@tributary/runtime';
import type { z } from 'zod';
import type { Lane } from './contract.ts';

export interface VendorRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query below the connection's base URL, already percent-encoded; use the `path` template tag. */
  path: string;
  /** Name for metrics, traces and errors, such as OPTI-07: the path itself may hold secrets. */
  operation: string;
  lane: Lane;
  /** Which breaker, timeout and concurrency; by default `auth` if anonymous, `bulk` if streamed, else by lane. */
  class?: OperationClass;
  /** May it be sent twice? Decides whether a lost answer is retried. */
  idempotent: boolean;
  headers?: Record<string, string>;
  /** Sent as JSON. At most one of `json`, `form` and `body` is given. */
  json?: unknown;
  /** Sent as `application/x-www-form-urlencoded`, as OAuth wants it. */
  form?: Record<string, string>;
  /**
   * Passed on chunk by chunk, class `bulk`, within a quarter of an hour by default; a failure of `bytes` ends the
   * request with it. Never sent twice: after a refused token the caller is told to send it again (`UnavailableError`).
   */
  body?: OutgoingBody;
  query?: Record<string, string | number | boolean | undefined>;
  /** Budget units this call spends, by name of the manifest's budget; default one of each budget counted in requests. */
  cost?: Record<string, number>;
  /** Whole call, answer included; default by operation class. */
  timeoutMs?: number;
  /** False: the caller will ask for less instead of the same again when the answer takes too long or is lost. */
  retryTimeouts?: boolean;
  maxBytes?: number;
  signal?: AbortSignal;
  /** Skips the token (log-in calls themselves). */
  anonymous?: boolean;
  /** What of path and query is personal, or a secret, and is not told where the call is: user names, tickets. */
  personal?: readonly string[];
}

export interface OutgoingBody {
  bytes: AsyncIterable<Uint8Array>;
  mediaType: string;
  /** Announced to the platform where it is known; `bytes` that are more or fewer then fail the request. */
  sizeBytes?: number;
}

export interface VendorAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/**
 * HTTP to the vendor through retry, breaker, budget and token, with limits on size and time: one layer for each.
 * Every failure is a `PlatformError`, except that an abort of the caller's signal rejects with its reason. A failure
 * with `platformCode` `not-sent` happened before a byte of the request left; one with `answer-lost` may have taken
 * effect; `circuit-open` comes from our own breaker.
 */
export interface VendorHttp {
  /** Answers with status 2xx or 304; everything else is thrown as what `classify` makes of it. No redirect is followed. */
  send(request: VendorRequest): Promise<VendorAnswer>;
  /** `send`, then JSON parsed and validated. A mismatch is `MalformedResponseError` naming the paths. */
  json<S extends z.ZodType>(request: VendorRequest, schema: S): Promise<z.output<S>>;
  /** Body as a stream of bytes; the budget and breaker see the answer's head. */
  stream(
    request: VendorRequest,
  ): Promise<{ status: number; headers: Record<string, string>; bytes: AsyncIterable<Uint8Array> }>;
}

export interface TokenValue {
  value: string;
  /** Milliseconds since 1970; absent for a token that does not expire. */
  expiresAtMs?: number;
  /** What the next acquisition may use, such as a refresh token. Kept in memory, and sealed where the token is shared. */
  carry?: Record<string, string>;
}

export interface TokenSource {
  /**
   * Kept sealed in Postgres and used by every replica: one of them renews, the others take what it got. For platforms
   * whose refresh tokens are good once. While the database is away a replica logs in by itself, unless `strictly`: for
   * credentials that are themselves good once.
   */
  shared?: boolean | 'strictly';
  /** Tells several shared tokens of one connection apart; default `default`. */
  name?: string;
  /** Log in, or refresh from what the last token carried. Throw `AuthenticationError` when refused. */
  acquire(previous: TokenValue | undefined, signal: AbortSignal): Promise<TokenValue>;
  attach(token: string, headers: Record<string, string>): void;
  /**
   * Signs out: the connection was removed, and `last` is its last token. Called at most once for each token, after the
   * adapter's `close`; what it throws is logged and changes nothing.
   */
  revoke?(last: TokenValue, signal: AbortSignal): Promise<void>;
}

export interface HttpOptions {
  baseUrl: string;
  /** Headers of every request. */
  headers?: Record<string, string>;
  /** The same source given to several calls of `kit.http` is one token. */
  token?: TokenSource;
  /** What an answer with status >= 400 (or a failure hidden in a 200) means; `undefined` leaves it to the default by status. */
  classify?(answer: VendorAnswer): Error | undefined;
  /** Budget units an answer says were really spent; corrects the count. */
  reported?(answer: VendorAnswer): Record<string, number> | undefined;
  /** The platform's own count of its window, as an answer tells it, by budget; lowers what is ours to spend. */
  metered?(answer: VendorAnswer): Record<string, { spent: number; limit?: number }> | undefined;
}

export interface MqttMessage {
  topic: string;
  payload: Uint8Array;
  /** Of its delivery to us. */
  qos?: 0 | 1 | 2;
  /** The broker has sent it before, perhaps to an earlier session of this client id. */
  dup: boolean;
  /** The last value of its topic, not news. */
  retained: boolean;
  /** When it came, milliseconds since 1970 UTC: given once, for sources that tell no time. */
  receivedAtMs: number;
  /** QoS 1: releases the acknowledgement once all messages before it are acknowledged as well. Without effect at QoS 0. */
  ack(): void;
}

/** One connection to a broker, MQTT 3.1.1. It does not reconnect: `messages` throws when the connection is lost. */
export interface MqttSession {
  /**
   * QoS 1 resolves when the broker has acknowledged; QoS 0 when the packet is handed to the network. Rejects with
   * `UnavailableError` (`not-sent`) on a closed session, `TimeoutError` (`answer-lost`) when it ends meanwhile.
   */
  publish(topic: string, payload: string | Uint8Array, options: { qos: 0 | 1; signal: AbortSignal }): Promise<void>;
  subscribe(filter: string, qos: 0 | 1, signal: AbortSignal): Promise<void>;
  /** Messages in order. QoS 1 is acknowledged to the broker only after `ack()`. */
  messages(signal: AbortSignal): AsyncIterable<MqttMessage>;
  close(): Promise<void>;
}

export interface MqttOptions {
  /** `mqtts:` or `wss:`; `mqtt:` and `ws:` only where private addresses are allowed. */
  url: string;
  /** Sub-protocol of a WebSocket; default `mqtt`. */
  subprotocol?: string;
  clientId: string;
  username?: string;
  password?: string;
  clean?: boolean;
  /** Default 30. */
  keepaliveSeconds?: number;
  /** Its abort ends the opening, and later the session. */
  signal: AbortSignal;
}

/** What the kit gives one connection's adapter. */
export interface ConnectionKit {
  readonly connectionId: string;
  readonly log: Logger;
  readonly clock: Clock;
  http(options: HttpOptions): VendorHttp;
  /**
   * Rejects with a `PlatformError`: refused credentials are `AuthenticationError`, an upgrade to WebSocket that was
   * answered with an HTTP status is what that status means (`platformStatus` has it), everything else
   * `UnavailableError`.
   */
  mqtt(options: MqttOptions): Promise<MqttSession>;
  /**
   * Parses a list item by item: what does not fit is set aside with its reason and counted, the rest goes on. `context` is
   * kept with such an item: what `Adapter.items[what]` needs to read it by itself one day, such as a topic.
   */
  items<S extends z.ZodType>(
    schema: S,
    list: readonly unknown[],
    what: string,
    context?: Record<string, string>,
  ): z.output<S>[];
  /** Runs `work` over `inputs`, at most `concurrency` at once, in no particular order; the first failure aborts the rest. */
  each<T>(
    inputs: Iterable<T>,
    concurrency: number,
    work: (input: T, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Small facts shared by an adapter's capabilities, such as native ids of the last discovery; in memory, bounded. */
  devices(): readonly string[];
}

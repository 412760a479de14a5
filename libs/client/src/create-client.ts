import { TributaryClient } from './client.ts';
import { type Clock, systemClock } from './clock.ts';
import { RequestMaker } from './request-maker.ts';
import { defaultRetries, noRetries, type RetryOptions } from './retry-policy.ts';
import { Transport } from './transport.ts';

interface CommonOptions {
  /** Address of the service, such as `https://tributary.example.com`. */
  url: string;
  /** Default: the platform's own. */
  fetch?: typeof fetch;
  /** Differences from `defaultRetries`; `false` for one attempt only. */
  retries?: RetryOptions | false;
  /** Most milliseconds for one attempt. Default 30 000. */
  timeoutMs?: number;
  /** Sent with every request. */
  headers?: Record<string, string>;
}

/** Either an API key, or where tokens come from: asked before each attempt, and with the one that was refused. */
export type ClientOptions = CommonOptions &
  ({ key: string; token?: never } | { key?: never; token: (refused?: string) => string | Promise<string> });

/** What tests hold still. */
export interface Surroundings {
  clock?: Clock;
  /** In [0, 1). */
  random?: () => number;
}

const TIMEOUT_MS = 30_000;

/** A client of one service. Throws a `TypeError` for an address that is none. Opens nothing. */
export function createClient(options: ClientOptions, surroundings: Surroundings = {}): TributaryClient {
  const { key, retries = {}, timeoutMs = TIMEOUT_MS, headers = {} } = options;
  const transport = new Transport({
    baseUrl: baseUrl(options.url),
    // Called as a method of anything else, the one of browsers throws.
    fetch: options.fetch ?? ((...args) => fetch(...args)),
    token: key === undefined ? options.token : () => key,
    clock: surroundings.clock ?? systemClock,
    random: surroundings.random ?? Math.random,
  });
  const limits = retries === false ? noRetries : { ...defaultRetries, ...retries };
  return new TributaryClient(transport, new RequestMaker({ retries: limits, timeoutMs, headers }));
}

function baseUrl(text: string): string {
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError(`${text} is no address of a service`);
  return url.href.replace(/[?#].*$/, '').replace(/\/+$/, '');
}

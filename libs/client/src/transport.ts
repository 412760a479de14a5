import { AttemptLimit } from './attempt-limit.ts';
import type { Clock } from './clock.ts';
import { failedAnswer } from './failed-answer.ts';
import { leavesDoubt, mayRepeat, type Repeatable, type RetryLimits, waitMs } from './retry-policy.ts';
import type { OpenBody } from './text-chunks.ts';
import { TributaryError } from './tributary-error.ts';

/** What `fetch` takes as a body, in browsers and in Node. */
export type Body = NonNullable<RequestInit['body']>;

/** One request as it goes out, however often. */
export interface Call {
  method: string;
  /** With its query, below the address of the service. */
  url: string;
  headers: Headers;
  body?: Body | undefined;
  repeat: Repeatable;
  retries: RetryLimits;
  /** For each attempt. */
  timeoutMs: number;
  /** For all attempts and the waits between them. */
  deadlineMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface TransportOptions {
  /** Without a slash at the end. */
  baseUrl: string;
  fetch: typeof fetch;
  /** The bearer token; asked again with the one that was refused. */
  token: (refused?: string) => string | Promise<string>;
  clock: Clock;
  random: () => number;
}

/** Makes of an answer what the caller wants, and releases the limit once nothing more is to come. */
export type ReadAnswer<T> = (answer: Response, limit: AttemptLimit) => Promise<T>;

/** Sends requests, again where that is right, until there is an answer or it is hopeless. */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  get random(): () => number {
    return this.#options.random;
  }

  /** Throws a `TributaryError`, or the reason of the call's signal. */
  async exchange<T>(call: Call, read: ReadAnswer<T>): Promise<T> {
    const { clock, random, token } = this.#options;
    const until = clock.monotonicMs() + (call.deadlineMs ?? Number.POSITIVE_INFINITY);
    let bearer = await token();
    let renewed = false;
    let doubt = false;
    for (let attempt = 1, waited = 0; ; attempt += 1) {
      try {
        return await this.#attempt(call, { bearer, until }, read);
      } catch (error) {
        if (!(error instanceof TributaryError)) throw error;
        doubt ||= call.repeat !== 'freely' && leavesDoubt(error);
        Object.assign(error, { attempts: attempt, mayHaveHappened: doubt });
        if (error.status === 401 && !renewed && call.repeat !== 'never') {
          const refused = bearer;
          bearer = await token(refused);
          renewed = true;
          if (bearer !== refused) continue;
        }
        const wait = waitMs(attempt, error, call.retries, random);
        waited += wait;
        const tooMuch = attempt >= call.retries.attempts || waited > call.retries.budgetMs;
        const tooLate = clock.monotonicMs() + wait >= until;
        if (tooMuch || tooLate || !mayRepeat(call.repeat, call.method, error)) throw error;
        await clock.sleep(wait, call.signal);
        bearer = await token();
      }
    }
  }

  /** An answer whose body is read while it comes: the watch ends with its head, the caller's signal does not. */
  open(call: Call): Promise<{ answer: Response; body: OpenBody }> {
    return this.exchange(call, async (answer, limit) => {
      limit.unwatched();
      return { answer, body: openBody(answer, call, limit) };
    });
  }

  async #attempt<T>(call: Call, { bearer, until }: { bearer: string; until: number }, read: ReadAnswer<T>): Promise<T> {
    const { clock, baseUrl } = this.#options;
    const limit = new AttemptLimit(call.signal, clock);
    const left = until - clock.monotonicMs();
    limit.within(Math.min(left, call.timeoutMs), left < call.timeoutMs ? 'deadline' : 'timeout');
    try {
      const answer = await this.#options.fetch(baseUrl + call.url, requestInit(call, bearer, limit.signal));
      if (answer.status < 400) return await read(answer, limit);
      const text = await answer.text().catch(() => '');
      call.signal?.throwIfAborted();
      throw failedAnswer(askedOf(call), answer, text, clock.now());
    } catch (error) {
      limit.release();
      throw explained(error, call, limit);
    }
  }
}

export const askedOf = ({ method, url }: Pick<Call, 'method' | 'url'>) => ({
  method,
  path: url.split('?', 1)[0] ?? url,
});

function requestInit({ method, headers, body }: Call, bearer: string, signal: AbortSignal): RequestInit {
  const all = new Headers(headers);
  all.set('authorization', `Bearer ${bearer}`);
  // A body that is still being made can only be sent while it is not answered yet.
  const streamed = body instanceof ReadableStream ? { duplex: 'half' as const } : {};
  return { method, headers: all, signal, ...(body === undefined ? {} : { body }), ...streamed };
}

function openBody(answer: Response, call: Call, limit: AttemptLimit): OpenBody {
  return {
    stream: answer.body ?? new ReadableStream({ start: (controller) => controller.close() }),
    expect: (ms) => limit.within(ms, 'timeout'),
    arrived: () => limit.unwatched(),
    close: () => limit.release(),
    explain: (error) => explained(error, call, limit),
  };
}

/** The caller's own reason, what was found out already, or what made the connection fail. */
function explained(error: unknown, call: Pick<Call, 'method' | 'url' | 'signal'>, limit: AttemptLimit): unknown {
  if (call.signal?.aborted) return call.signal.reason;
  if (error instanceof TributaryError) return error;
  if (limit.ended) {
    const detail = limit.ended === 'deadline' ? 'the deadline has passed' : 'no complete answer in time';
    return new TributaryError(askedOf(call), { code: limit.ended, detail, retryable: true, cause: error });
  }
  return new TributaryError(askedOf(call), {
    code: 'network',
    detail: 'the connection failed or was cut',
    retryable: true,
    cause: error,
  });
}

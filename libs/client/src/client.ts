import type {
  AnyOptions,
  CallArgs,
  ChangeablePath,
  ChangeOptions,
  Data,
  ItemOf,
  ListPath,
  Method,
  PathOf,
  Recipe,
} from './call-types.ts';
import { changeResource } from './change-resource.ts';
import { EventStream } from './events/event-stream.ts';
import type { Chosen, EventArea, EventName, EventOptions } from './events/event-types.ts';
import { operations } from './openapi/operations.ts';
import { type Page, PagedList } from './pages.ts';
import { type Point, type PointOptions, streamPoints } from './points.ts';
import { type Answer, readJson } from './read-json.ts';
import type { RequestMaker } from './request-maker.ts';
import { askedOf, type Transport } from './transport.ts';
import { type Command, type WaitForCommandOptions, waitForCommand } from './wait-for-command.ts';

/** Items of a page where the caller does not say how many. */
const PAGE_LIMIT = 200;
/** Three heartbeats of the service. */
const SILENCE_MS = 45_000;
const CHANGE_ATTEMPTS = 5;

/**
 * The REST API. Paths are those of its reference, with values for their `{parts}`; what an operation takes and answers is
 * known to the compiler. Every method throws a `TributaryError` for what fails, or the reason of the signal it was given.
 */
export class TributaryClient {
  readonly #transport: Transport;
  readonly #requests: RequestMaker;

  constructor(transport: Transport, requests: RequestMaker) {
    this.#transport = transport;
    this.#requests = requests;
  }

  async get<P extends PathOf<'get'>>(path: P, ...args: CallArgs<'get', P>): Promise<Data<'get', P>> {
    return (await this.request('get', path, ...args)).data;
  }

  /** With an `Idempotency-Key` of its own where the operation takes one: repeated, its effect happens once. */
  async post<P extends PathOf<'post'>>(path: P, ...args: CallArgs<'post', P>): Promise<Data<'post', P>> {
    return (await this.request('post', path, ...args)).data;
  }

  async put<P extends PathOf<'put'>>(path: P, ...args: CallArgs<'put', P>): Promise<Data<'put', P>> {
    return (await this.request('put', path, ...args)).data;
  }

  /** A merge patch (RFC 7396) of the version that `ifMatch` names; `change` reads and names it by itself. */
  async patch<P extends PathOf<'patch'>>(path: P, ...args: CallArgs<'patch', P>): Promise<Data<'patch', P>> {
    return (await this.request('patch', path, ...args)).data;
  }

  async delete<P extends PathOf<'delete'>>(path: P, ...args: CallArgs<'delete', P>): Promise<Data<'delete', P>> {
    return (await this.request('delete', path, ...args)).data;
  }

  /** Any call, answered with status, headers and ETag. */
  request<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    ...[options]: CallArgs<M, P>
  ): Promise<Answer<Data<M, P>>> {
    const call = this.#requests.make(method.toUpperCase(), path, options as AnyOptions | undefined);
    return this.#transport.exchange(call, readJson(askedOf(call))) as Promise<Answer<Data<M, P>>>;
  }

  /** Any call whose answer is no JSON, such as a file, or not wanted at once: its body has not been read yet. */
  async open<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    ...[options]: CallArgs<M, P>
  ): Promise<Response> {
    const call = this.#requests.make(method.toUpperCase(), path, options as AnyOptions | undefined, '*/*');
    const { answer, body } = await this.#transport.open(call);
    if (answer.body === null) body.close();
    return answer;
  }

  /** A list, read page by page while it is iterated. */
  list<P extends ListPath>(path: P, ...[options]: CallArgs<'get', P>): PagedList<ItemOf<P>> {
    const { query, ...rest }: AnyOptions = options ?? {};
    return new PagedList<ItemOf<P>>({
      endless: operations[`GET ${path}`]?.endless ?? false,
      fetch: async (cursor) => {
        const wished = { ...rest, query: { limit: PAGE_LIMIT, ...query, ...(cursor === undefined ? {} : { cursor }) } };
        const call = this.#requests.make('GET', path, wished);
        const answer = await this.#transport.exchange(call, readJson(askedOf(call)));
        return answer.data as Page<ItemOf<P>>;
      },
    });
  }

  /**
   * Changes a resource of which nobody else changed anything meanwhile: reads it, asks `recipe` for a merge patch, writes
   * that with the ETag that was read, and begins again where another writer was first. Resolves with what is there then.
   */
  change<P extends ChangeablePath>(path: P, options: ChangeOptions<P>, recipe: Recipe<P>): Promise<Data<'get', P>> {
    const { attempts = CHANGE_ATTEMPTS, ...rest } = options;
    const ask = <T>(method: string, more: AnyOptions = {}) => {
      const call = this.#requests.make(method, path, { ...rest, ...more });
      return this.#transport.exchange(call, readJson(askedOf(call))) as Promise<Answer<T>>;
    };
    return changeResource({
      attempts,
      read: () => ask<Data<'get', P>>('GET'),
      decide: recipe,
      write: async (body, ifMatch) => (await ask<Data<'get', P>>('PATCH', { body, ifMatch })).data,
    });
  }

  /** Every point of a range, streamed; see `PointOptions`. */
  points(seriesId: string, { signal, timeoutMs, ...range }: PointOptions): AsyncIterable<Point> {
    const { defaults } = this.#requests;
    const controls = { ...(signal ? { signal } : {}), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    const call = (query: object) =>
      this.#requests.make(
        'GET',
        '/v1/series/{seriesId}/points',
        { ...controls, path: { seriesId }, query: { ...query } },
        'application/x-ndjson',
      );
    const silenceMs = timeoutMs ?? defaults.timeoutMs;
    return streamPoints({ transport: this.#transport, call, silenceMs, retries: defaults.retries }, range);
  }

  /** Events as they happen, from where one likes, for as long as one likes; see `EventStream`. */
  events<T extends EventName | EventArea = EventName>(options: EventOptions<T> = {}): EventStream<Chosen<T>> {
    const { after, since, silenceMs = SILENCE_MS, reconnectMs, signal, ...wishes } = options;
    const call = (cursor: string | undefined) =>
      this.#requests.make(
        'GET',
        '/v1/stream',
        {
          query: { ...wishes, ...(cursor === undefined ? { since } : {}) },
          // The stream comes back by itself, and remembers more than a call does.
          retries: false,
          ...(cursor === undefined ? {} : { headers: { 'last-event-id': cursor } }),
          ...(signal ? { signal } : {}),
        },
        'text/event-stream',
      );
    return new EventStream({ call, transport: this.#transport, after, silenceMs, reconnectMs });
  }

  /** Follows a command to its end, or as far as its platform can prove; see `WaitForCommandOptions`. */
  waitForCommand(commandId: string, options: WaitForCommandOptions = {}): Promise<Command> {
    const path = { commandId };
    return waitForCommand(
      {
        request: { method: 'GET', path: `/v1/commands/${commandId}` },
        clock: this.#transport.clock,
        read: (signal) => this.get('/v1/commands/{commandId}', { path, signal }),
        provable: async ({ deviceId, name }, signal) => {
          const described = await this.get('/v1/devices/{deviceId}/command-descriptions', {
            path: { deviceId },
            signal,
          });
          return described.items.find((item) => item.name === name)?.evidence ?? [];
        },
        news: (signal) => this.events({ types: ['command'], subject: [commandId], signal }),
      },
      options,
    );
  }
}

import type { paths } from './openapi/paths.ts';
import type { QueryValue } from './request-url.ts';
import type { RetryOptions } from './retry-policy.ts';

/** What can be said of any call. */
export interface CallControls {
  /** Ends the call, its waits and its stream; the call then throws the signal's reason. */
  signal?: AbortSignal;
  /** Most milliseconds for all attempts together. Default: none, the retries have their budget. */
  deadlineMs?: number;
  /** Most milliseconds for one attempt. */
  timeoutMs?: number;
  /** Differences from what the client was made with; `false` for one attempt only. */
  retries?: RetryOptions | false;
  /** Further headers. */
  headers?: Record<string, string>;
}

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Paths that know a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends { [K in M]: object } ? P : never;
}[keyof paths];

export type OperationOf<P extends keyof paths, M extends Method> = NonNullable<paths[P][M]>;

type Parameters<O, Where extends string> = O extends { parameters: { [K in Where]?: infer V } }
  ? NonNullable<V>
  : never;
type Content<R> = R extends { content: infer C } ? C : never;
type JsonOf<C> = C extends { 'application/json': infer T } ? T : undefined;

/** A body that is sent as it is. */
export type Bytes = Blob | ArrayBuffer | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | FormData;

type BodyOf<O> = O extends { requestBody?: infer B }
  ? Content<B> extends infer C
    ? C extends { 'application/octet-stream': unknown }
      ? Bytes
      : C[keyof C]
    : never
  : never;

/** A member that must be there where the operation needs it, may be there where it takes it, and is absent elsewhere. */
type Member<Name extends string, T, Needed> = [T] extends [never]
  ? unknown
  : Needed extends true
    ? { [K in Name]: T }
    : { [K in Name]?: T };

/** Lists in a query are only read. */
type QueryOf<O> =
  Parameters<O, 'query'> extends infer Q
    ? { [K in keyof Q]: Q[K] extends (infer T)[] | undefined ? readonly T[] | Exclude<Q[K], T[]> : Q[K] }
    : never;

type NeedsBody<O> = O extends { requestBody: object } ? true : false;
type HasNeeded<T> = object extends T ? false : true;

/** The value of a header, where the operation reads it. */
type HeaderOf<O, Name extends string> = [Parameters<O, 'header'>] extends [never]
  ? never
  : Name extends keyof Parameters<O, 'header'>
    ? string
    : never;

/** What an operation takes. */
export type OptionsOf<O> = CallControls &
  Member<'path', Parameters<O, 'path'>, true> &
  Member<'query', QueryOf<O>, HasNeeded<Parameters<O, 'query'>>> &
  Member<'body', BodyOf<O>, NeedsBody<O>> &
  Member<'ifMatch', HeaderOf<O, 'If-Match'>, true> &
  Member<'idempotencyKey', HeaderOf<O, 'Idempotency-Key'>, false>;

/** Options may be left out where none of them is needed. */
export type Args<Options> = object extends Options ? [options?: Options] : [options: Options];

type Success = 200 | 201 | 202 | 204;

/** What an operation answers in JSON; undefined where it answers nothing. */
export type DataOf<O> = O extends { responses: infer R } ? JsonOf<Content<R[keyof R & Success]>> : never;

/** What a call of a path takes, and what it answers. */
export type Options<M extends Method, P extends PathOf<M>> = OptionsOf<OperationOf<P, M>>;
export type Data<M extends Method, P extends PathOf<M>> = DataOf<OperationOf<P, M>>;
export type CallArgs<M extends Method, P extends PathOf<M>> = Args<Options<M, P>>;

/** Lists that are read page by page. */
export type ListPath = {
  [P in PathOf<'get'>]: Data<'get', P> extends { items: unknown[]; page: object }
    ? 'cursor' extends keyof Parameters<OperationOf<P, 'get'>, 'query'>
      ? P
      : never
    : never;
}[PathOf<'get'>];

/** An element of a list. */
export type ItemOf<P extends ListPath> = Data<'get', P> extends { items: (infer T)[] } ? T : never;

/** Resources that are read and patched at one address. */
export type ChangeablePath = PathOf<'get'> & PathOf<'patch'>;

/** What a change of a resource takes beside its recipe. */
export type ChangeOptions<P extends ChangeablePath> = CallControls &
  Pick<Options<'patch', P>, 'path' & keyof Options<'patch', P>> & {
    /** How often another writer may have been first. Default 5. */
    attempts?: number;
  };

/** The patch of a resource; undefined where nothing has to change. */
export type Recipe<P extends ChangeablePath> = (
  current: Data<'get', P>,
) => PatchOf<P> | undefined | Promise<PatchOf<P> | undefined>;

type PatchOf<P extends ChangeablePath> = Options<'patch', P> extends { body: infer B } ? B : never;

/** The same options, seen by what carries them out. */
export interface AnyOptions extends CallControls {
  path?: Record<string, string | number>;
  query?: Record<string, QueryValue>;
  body?: unknown;
  ifMatch?: string;
  idempotencyKey?: string;
}

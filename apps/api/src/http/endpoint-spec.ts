import type { Scope } from '@tributary/contracts';
import type { z } from 'zod';

export const ENDPOINT = 'tributary:endpoint';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One possible answer, for the document and for the tests that hold the answers against it. */
export interface AnswerSpec {
  description: string;
  schema?: z.ZodType;
  example?: unknown;
  /** Other media types than application/json, such as text/csv; a wildcard where the platform says which. */
  mediaTypes?: readonly string[];
}

/**
 * Everything that is to be known of a route, in one place: who may call it, what it takes and what it answers. Validation,
 * authorization and the OpenAPI document all read this; there is no second description.
 */
export interface EndpointSpec {
  method: Method;
  /** OpenAPI form: `/v1/devices/{deviceId}`, with `:verb` at the end for an action. */
  path: string;
  /** `public` for what needs no key. A route without a scope stops the application from starting. */
  scope: Scope | 'public';
  /** Unique name of the operation in camelCase. */
  name: string;
  tag: string;
  summary: string;
  description?: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  bodyExample?: unknown;
  /** Media types of the body; default application/json. */
  bodyTypes?: readonly string[];
  /** The body may hold what is personal or secret: only a keyed fingerprint of it is kept with an Idempotency-Key. */
  secretBody?: boolean;
  /** The body, of any media type, is given to the handler as it comes: no key can make such a request happen once. */
  bodyStream?: boolean;
  /** May the body be left out? */
  bodyOptional?: boolean;
  answers: Record<number, AnswerSpec>;
  /** Does the route read Idempotency-Key? A route with an effect does. */
  idempotency?: 'required' | 'optional';
  /** As how many requests it counts against the limit of its caller, where it asks many or answers much; default 1. */
  cost?: number;
  /** `If-Match` is required. */
  ifMatch?: boolean;
  /** Answers carry an ETag, and If-None-Match gives 304. */
  conditional?: boolean;
  /** A browser comes here: failures are given as pages to whoever prefers text/html. */
  pages?: boolean;
  /** While the platform is away, its last answer is given, marked by `Age` and `Cache-Status`. */
  stale?: boolean;
}

/** Gives the specification its exact type. */
export const defineEndpoint = <const S extends EndpointSpec>(spec: S): S => spec;

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;

/** What a handler is given of a request. */
export type InputOf<S extends EndpointSpec> = {
  params: S extends { params: infer P } ? Parsed<P> : undefined;
  query: S extends { query: infer Q } ? Parsed<Q> : undefined;
  body: S extends { body: infer B } ? Parsed<B> : undefined;
};

export const successStatus = (spec: EndpointSpec): number =>
  Object.keys(spec.answers)
    .map(Number)
    .find((status) => status < 300) ?? 200;

const specs = new WeakMap<object, EndpointSpec>();

/** The specification of a handler. Throws for a handler that has none: such a route would be open to everyone. */
export function specOf(handler: object): EndpointSpec {
  const known = specs.get(handler);
  if (known) return known;
  const spec = Reflect.getMetadata(ENDPOINT, handler) as EndpointSpec | undefined;
  if (!spec) throw new Error('a route has no specification');
  specs.set(handler, spec);
  return spec;
}

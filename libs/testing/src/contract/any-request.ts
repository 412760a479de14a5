import fc from 'fast-check';
import { anyBody } from './any-body.ts';
import { headerText, oddText } from './odd-values.ts';
import type { JsonSchema, OpenApi, Operation, Parameter, Place } from './open-api.ts';
import { valuesOf } from './schema-values.ts';

/** A request that can be written down: `{name}` in URL and body stands for a value that is known where it is sent. */
export interface AnyRequest {
  method: string;
  url: string;
  headers: Record<string, string | string[]>;
  payload?: string;
}

export interface AnyRequestOptions {
  document: OpenApi;
  /** Texts that mean something for a parameter of this name, such as filters and known ids (`{deviceId}`). */
  words: Record<string, readonly string[]>;
  /** Parameters that a request without faults does without. */
  without: readonly string[];
  /** May replace the values of a schema by such words. */
  instead?: (schema: JsonSchema) => fc.Arbitrary<unknown> | undefined;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'];
const ACCEPTS = [
  '*/*',
  'application/json',
  'text/html',
  'text/csv',
  'application/x-ndjson',
  'image/png',
  'text/*;q=0',
  '',
];

const PARTS = ['method', 'path', 'query', 'headers', 'body'] as const;
type Part = (typeof PARTS)[number];

/**
 * Requests to one operation: some without a fault in their form, most with one part that is odd, so that all the others
 * are looked at, and some that are odd altogether.
 */
export function anyRequest(place: Place, options: AnyRequestOptions): fc.Arbitrary<AnyRequest> {
  return fc.oneof(
    { arbitrary: request(place, options, []), weight: PARTS.length },
    ...PARTS.map((part) => ({ arbitrary: request(place, options, [part]), weight: part === 'method' ? 1 : 2 })),
    { arbitrary: request(place, options, PARTS), weight: 1 },
  );
}

function request(
  { path, method, operation }: Place,
  options: AnyRequestOptions,
  odd: readonly Part[],
): fc.Arbitrary<AnyRequest> {
  return fc
    .record({
      method: odd.includes('method') ? fc.constantFrom(...METHODS) : fc.constant(method),
      path: pathOf(path, operation, options, odd.includes('path')),
      query: queryOf(operation, options, odd.includes('query')),
      headers: odd.includes('headers') ? oddHeaders(operation) : soundHeaders(operation),
      body: anyBody(operation, options, odd.includes('body')),
    })
    .map(({ path: filled, query, body: { type, payload }, headers, ...rest }) => ({
      ...rest,
      url: query === '' ? filled : `${filled}?${query}`,
      headers: { ...headers, ...(type === undefined ? {} : { 'content-type': type }) },
      ...(payload === undefined ? {} : { payload }),
    }));
}

/** Percent-encoded, except that a known value's name stays what it is. */
const encoded = (text: string): string => {
  const known = /^(?:\{\w+\},?)+$/.test(text);
  return known ? text : encodeURIComponent(text.toWellFormed());
};

/** Encodings that are none, and those that mean the same in another way. */
const strangely = fc.constantFrom(
  (text: string) => text.replaceAll(' ', '+'),
  (text: string) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  (text: string) => `${encoded(text)}%zz`,
  (text: string) => `${encoded(text)}%`,
  (text: string) => `${encoded(text)}%c3%28`,
  (text: string) => `${encoded(text)}%ed%a0%80`,
  (text: string) => `${encoded(text)}%00`,
);

/** A URL is ASCII without spaces, whatever else is wrong with it. */
const printable = (text: string): string => text.replaceAll(/[^\x21-\x7e]|[#?&/]/g, 'x');

function soundText(parameter: Parameter, { document, words, instead }: AnyRequestOptions): fc.Arbitrary<string> {
  const known = words[parameter.name];
  const written = valuesOf(parameter.schema, { document, ...(instead ? { instead } : {}) }).map(asText);
  return (known ? fc.constantFrom(...known) : written).map(encoded);
}

const oddTexts = fc.oneof(
  { arbitrary: oddText.map(encoded), weight: 3 },
  { arbitrary: fc.tuple(strangely, oddText).map(([write, text]) => printable(write(text))), weight: 1 },
);

function textOf(parameter: Parameter, options: AnyRequestOptions, odd: boolean): fc.Arbitrary<string> {
  if (!odd) return soundText(parameter, options);
  const written = valuesOf(parameter.schema, { document: options.document }).map((value) => encoded(asText(value)));
  return fc.oneof(soundText(parameter, options), oddTexts, written);
}

const asText = (value: unknown): string =>
  Array.isArray(value) ? value.map(asText).join(',') : typeof value === 'string' ? value : JSON.stringify(value);

function pathOf(path: string, operation: Operation, options: AnyRequestOptions, odd: boolean): fc.Arbitrary<string> {
  const parameters = operation.parameters.filter((parameter) => parameter.in === 'path');
  const values = fc.record(Object.fromEntries(parameters.map((p) => [p.name, textOf(p, options, odd)])));
  const filled = values.map((texts) => path.replace(/\{(\w+)\}/g, (_, name: string) => texts[name] ?? ''));
  if (!odd) return filled;
  const ends = fc.constantFrom('', '', '', '/', ':verb', ':test', '/~test', '//', '/%2e%2e', ';a=b', '/x');
  return fc.tuple(filled, ends).map(([at, end]) => at + end);
}

function queryOf(operation: Operation, options: AnyRequestOptions, odd: boolean): fc.Arbitrary<string> {
  const declared = operation.parameters.filter(
    ({ in: where, name }) => where === 'query' && (odd || !options.without.includes(name)),
  );
  const pairs = declared.map((parameter) => {
    const pair = textOf(parameter, options, odd).map((text) => [`${parameter.name}=${text}`]);
    // Few at a time: many exclude each other.
    return parameter.required
      ? pair
      : fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, { arbitrary: pair, weight: 1 });
  });
  const own = fc.tuple(...pairs).map((all) => all.flat());
  if (!odd) return own.map((all) => all.join('&'));
  const unknown = fc.tuple(oddTexts, oddTexts).map(([name, text]) => [`${name}=${text}`]);
  const more = fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, { arbitrary: unknown, weight: 1 });
  return fc.tuple(own, more, own).map(([once, strange, again]) => [...once, ...strange, ...again].join('&'));
}

type Headers = Record<string, string | string[]>;

/** What a route needs is there: without it nothing behind it would ever be reached. */
function soundHeaders({ parameters, operationId }: Operation): fc.Arbitrary<Headers> {
  const named = (name: string) => parameters.find((p) => p.in === 'header' && p.name === name);
  // Keys are one store for all routes: a key of another route is a fault.
  const key = fc.oneof(fc.uuid(), fc.constant('again')).map((text) => `${operationId}-${text}`);
  const needsKey = named('Idempotency-Key')?.required === true;
  return fc.record({ key, keyed: fc.boolean(), tagged: fc.boolean() }).map(({ keyed, tagged, ...made }) => ({
    ...(needsKey || (keyed && named('Idempotency-Key')) ? { 'idempotency-key': made.key } : {}),
    ...(named('If-Match') ? { 'if-match': '*' } : {}),
    ...(tagged && named('If-None-Match') ? { 'if-none-match': '"a"' } : {}),
  }));
}

function oddHeaders(operation: Operation): fc.Arbitrary<Headers> {
  const tag = fc.oneof(fc.constantFrom('*', '"a"', 'W/"a"', '"a", "b"', '{etag}'), headerText);
  const key = fc.oneof(fc.constantFrom('k1', '"k1"'), fc.uuid(), headerText);
  const often = (one: fc.Arbitrary<string>): fc.Arbitrary<string | string[]> =>
    fc.oneof({ arbitrary: one, weight: 6 }, { arbitrary: fc.array(one, { minLength: 2, maxLength: 3 }), weight: 1 });
  const others = fc.record(
    {
      'if-match': often(tag),
      'if-none-match': often(tag),
      'idempotency-key': often(key),
      accept: fc.oneof(fc.constantFrom(...ACCEPTS), headerText),
      traceparent: fc.oneof(fc.constant('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'), headerText),
      range: fc.constantFrom('bytes=0-1', 'bytes=-1', 'bytes=a'),
      'last-event-id': fc.oneof(fc.constantFrom('', 'garbage', '{eventCursor}'), headerText),
      'cache-control': fc.oneof(fc.constantFrom('no-cache', 'max-age=0', 'max-stale=x', 'only-if-cached'), headerText),
      'content-encoding': fc.constantFrom('gzip', 'identity'),
      'x-http-method-override': fc.constant('DELETE'),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  return fc.tuple(soundHeaders(operation), others).map(([sound, more]) => ({ ...sound, ...more }) as Headers);
}

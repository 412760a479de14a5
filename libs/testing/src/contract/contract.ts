import { failurePolicies, ownProblems } from '@tributary/contracts';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { closed, sparse } from './closed-schemas.ts';
import { type OpenApi, type Place, pointerPart, type ResponseObject, responseOf } from './open-api.ts';
import { RouteFinder } from './route-finder.ts';

/** A request and what it was answered with. */
export interface Exchange {
  method: string;
  /** Path and query as the caller wrote them. */
  url: string;
  status: number;
  headers: Record<string, unknown>;
  /** Undefined where it was too long to be kept. */
  body: string | undefined;
}

/** What makes an answer wrong whatever the document says: it shows the inside of the house. */
const MARKS_OF_INSIDE = /\bat .*\.(?:ts|js):\d+|\bselect .* from |node_modules|\/work\/|ECONN|\bpg_|prisma/i;

/** An OpenAPI document against which answers are held, strictly: what it does not say may not be. */
export class Contract {
  readonly #document: OpenApi;
  readonly #routes: RouteFinder;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(document: OpenApi) {
    this.#document = document;
    this.#routes = new RouteFinder(document);
    formats.default(this.#ajv);
    const strict = closed(document);
    this.#ajv.addSchema({ $id: 'whole', ...strict });
    this.#ajv.addSchema({ $id: 'chosen', ...sparse(strict) });
  }

  /** Undefined for a URL and method that the document does not have. */
  operationOf(method: string, url: string): Place | undefined {
    return this.#routes.find(method, url);
  }

  /** Everything about an answer that the document does not allow, in words; none for a good answer. */
  faults(exchange: Exchange): string[] {
    const read = readBody(exchange);
    if ('fault' in read) return [read.fault];
    const place = this.operationOf(exchange.method, exchange.url);
    if (!place) return this.#faultsOutside(exchange, read.value);
    const found = responseOf(this.#document, place.operation, exchange.status);
    if (!found) return ['the status is not declared'];
    const { response, declared } = found;
    const pointer = found.pointer.startsWith('#')
      ? found.pointer
      : `#/paths/${pointerPart(place.path)}/${place.method.toLowerCase()}/${found.pointer}`;
    return [
      ...headerFaults(response, exchange, read.value),
      ...this.#bodyFaults({ response, pointer }, exchange, read.value),
      ...(isProblem(exchange) ? problemFaults(exchange, read.value, declared) : []),
    ];
  }

  /** What is no operation is refused with a problem of the caller's making. */
  #faultsOutside(exchange: Exchange, body: unknown): string[] {
    if (exchange.status < 400 || exchange.status > 499) return ['no such operation, and yet no refusal'];
    const allow = exchange.status === 405 && !exchange.headers.allow ? ['405 without Allow'] : [];
    const { Problem: response } = this.#document.components.responses;
    if (!response) throw new Error('the document has no response named Problem');
    const where = { response, pointer: '#/components/responses/Problem' };
    return [...allow, ...this.#bodyFaults(where, exchange, body), ...problemFaults(exchange, body, true)];
  }

  #bodyFaults(
    { response, pointer }: { response: ResponseObject; pointer: string },
    { method, body, headers, url }: Exchange,
    value: unknown,
  ): string[] {
    if (method === 'HEAD' && body !== '') return ['a body, though HEAD was asked'];
    if (!response.content) return body === '' ? [] : ['a body, and none is declared'];
    const type = mediaTypeOf(headers);
    // Without a body it is not needed.
    if (method === 'HEAD' && type === '') return [];
    const declared = Object.hasOwn(response.content, type) ? type : '*/*';
    const media = response.content[declared];
    if (!media) return [`the media type ${type || '(none)'} is not declared`];
    if (!media.schema || value === undefined) return [];
    return this.#schemaFaults(`${pointer}/content/${pointerPart(declared)}/schema`, url, value);
  }

  #schemaFaults(pointer: string, url: string, value: unknown): string[] {
    const chosen = new URLSearchParams(url.split('?').slice(1).join('?')).has('fields');
    const validate = this.#validator(`${chosen ? 'chosen' : 'whole'}${pointer}`);
    if (validate(value)) return [];
    return [`the body does not fit: ${this.#ajv.errorsText(validate.errors, { dataVar: '' })}`];
  }

  #validator(reference: string): ValidateFunction {
    const known = this.#compiled.get(reference) ?? this.#ajv.compile({ $ref: reference });
    this.#compiled.set(reference, known);
    return known;
  }
}

const mediaTypeOf = (headers: Exchange['headers']): string =>
  (String(headers['content-type'] ?? '').split(';', 1)[0] ?? '').trim().toLowerCase();

const isProblem = ({ headers }: Pick<Exchange, 'headers'>): boolean =>
  mediaTypeOf(headers) === 'application/problem+json';

/** The value of a JSON body; undefined for what is none. */
function readBody({ headers, body }: Exchange): { value: unknown } | { fault: string } {
  if (!body || !/^application\/(?:[a-z.-]+\+)?json$/.test(mediaTypeOf(headers))) return { value: undefined };
  try {
    return { value: JSON.parse(body) };
  } catch {
    return { fault: 'the body is said to be JSON and is none' };
  }
}

function headerFaults(response: ResponseObject, { headers, status }: Exchange, body: unknown): string[] {
  const missing = Object.entries(response.headers ?? {})
    .filter(([name, { required }]) => required && headers[name.toLowerCase()] === undefined)
    .map(([name]) => `the header ${name} is missing`);
  // Readiness says 503 in JSON of its own; whoever asks it comes again anyway.
  const wait = (status === 429 || status === 503) && isProblem({ headers });
  const { page } = (body ?? {}) as { page?: { nextCursor?: unknown } };
  return [
    ...missing,
    ...(wait && !/^[1-9]\d*$/.test(String(headers['retry-after'])) ? [`${status} without Retry-After`] : []),
    ...(response.headers?.Link && page?.nextCursor && !headers.link ? ['there is a next page and no Link to it'] : []),
    ...(status === 401 && !headers['www-authenticate'] ? ['401 without WWW-Authenticate'] : []),
  ];
}

/** Each code stands for one status; only what others fail at may come undeclared. */
function problemFaults({ status, body = '' }: Exchange, value: unknown, declared: boolean): string[] {
  // An answer to HEAD.
  if (body === '') return [];
  const { code, status: said } = (value ?? {}) as { code?: string; status?: number };
  const own = Object.entries(ownProblems).find(([name]) => name === code)?.[1];
  const platforms = Object.values(failurePolicies).find(({ problem }) => problem === code);
  return [
    ...(status === 500 ? ['a failure of our own'] : []),
    ...(said === status ? [] : [`the document says ${said} and the answer ${status}`]),
    ...((own ?? platforms)?.status === status ? [] : [`the code ${code} does not stand for ${status}`]),
    ...(declared || platforms || status > 500 ? [] : [`the status ${status} (${code}) is not declared`]),
    ...(MARKS_OF_INSIDE.test(body) ? ['it shows the inside'] : []),
  ];
}

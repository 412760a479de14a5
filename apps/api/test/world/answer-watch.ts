import type { ServerResponse } from 'node:http';
import { Contract, type Exchange, type OpenApi } from '@tributary/testing/contract';
import type { FastifyInstance } from 'fastify';
import type { RouteTable } from '../../src/http/route-table.ts';
import { API_VERSION, openApiDocument } from '../../src/openapi/openapi-document.ts';

/** Longer answers are streams, whose bodies the document does not describe. */
const KEPT_BYTES = 8_000_000;

/** An answer that the document does not allow, with the request that it was given to. */
export interface WrongAnswer {
  request: string;
  status: number;
  faults: string[];
  body: string;
}

/**
 * Holds every answer of an application, as its bytes leave, against the OpenAPI document of its routes. Must be called
 * before the application is ready. What is found stands in `wrong`.
 */
export function watchAnswers(
  fastify: FastifyInstance,
  routes: RouteTable,
): { contract: Contract; wrong: WrongAnswer[] } {
  const contract = new Contract(openApiDocument(routes.specs, { version: API_VERSION }) as unknown as OpenApi);
  const wrong: WrongAnswer[] = [];
  fastify.addHook('onRequest', (request, reply, done) => {
    const { method, originalUrl: url } = request;
    onceAnswered(reply.raw, (answer) => {
      // What is handed over for HEAD Node keeps back.
      const faults = contract.faults({ method, url, ...answer, ...(method === 'HEAD' ? { body: '' } : {}) });
      if (faults.length === 0) return;
      wrong.push({
        request: `${method} ${url}`,
        status: answer.status,
        faults,
        body: answer.body?.slice(0, 500) ?? '',
      });
    });
    done();
  });
  return { contract, wrong };
}

type Answered = Pick<Exchange, 'status' | 'headers' | 'body'>;

/** Calls back before the caller has the end of the answer. An answer that breaks off is none. */
function onceAnswered(response: ServerResponse, seen: (answer: Answered) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const keep = (chunk: unknown): void => {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
    const buffer = Buffer.from(chunk as string);
    bytes += buffer.byteLength;
    if (bytes <= KEPT_BYTES) chunks.push(buffer);
  };
  const { writeHead, write, end } = response;
  let headers: Record<string, unknown> = {};
  response.writeHead = ((...given: Parameters<typeof writeHead>) => {
    headers = { ...response.getHeaders(), ...lowerCased(given.find((part) => typeof part === 'object')) };
    return writeHead.apply(response, given);
  }) as typeof writeHead;
  response.write = ((...given: Parameters<typeof write>) => {
    keep(given[0]);
    return write.apply(response, given);
  }) as typeof write;
  response.end = ((...given: Parameters<typeof end>) => {
    keep(given[0]);
    const body = bytes > KEPT_BYTES ? undefined : Buffer.concat(chunks).toString('utf8');
    seen({ status: response.statusCode, headers: { ...response.getHeaders(), ...headers }, body });
    return end.apply(response, given);
  }) as typeof end;
}

const lowerCased = (headers: object = {}): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Fails with every wrong answer, each route and fault once. */
export function demandRightAnswers(wrong: readonly WrongAnswer[]): void {
  if (wrong.length === 0) return;
  const told = new Map(wrong.map((one) => [`${one.request.replace(/\?.*/, '')} ${one.status} ${one.faults}`, one]));
  const lines = [...told.values()].map(
    ({ request, status, faults, body }) => `${request} was answered with ${status}: ${faults.join('; ')}\n    ${body}`,
  );
  throw new Error(`${wrong.length} answers are not as the document says:\n  ${lines.join('\n  ')}`);
}

import {
  type Call,
  type ConnectionKit,
  type GraphqlDocument,
  type HttpOptions,
  SingleFlight,
  type VendorHttp,
  type VendorRequest,
} from '@tributary/adapter-kit';
import { type GraphqlAnswer, graphqlAnswer, type Json } from '@tributary/contracts';
import { type Answer, CUT_OFF_MS, metered, readAnswer, reported } from './answers.ts';
import { classify, classifyLarge, failureOf } from './errors.ts';

const PATH = '/api/graphql';
/** The vendor ends a request after ten seconds; its answer may need a little longer to arrive. */
const TIMEOUT_MS = 15_000;
const ANSWER_BYTES = 64 * 1024 * 1024;
/** Of a request whose cost is not known: rather too much than too little. */
const USUAL_MS = 500;

export interface Question {
  /** Name for metrics, errors and the journal. */
  operation: string;
  text: string;
  variables: Record<string, Json>;
  /** Execution time to reckon with, milliseconds. */
  expectedMs?: number;
  /** It can be cut: what takes too long is not asked again as it is. */
  large?: boolean;
}

export interface ClientOptions {
  baseUrl: string;
  headers: Record<string, string>;
}

/** The one endpoint. What is asked, the documents say; the vendor's failures are thrown as what they mean. */
export class ExosenseClient {
  readonly #http: VendorHttp;
  readonly #large: VendorHttp;
  readonly #flights = new SingleFlight<Answer>();

  constructor(kit: Pick<ConnectionKit, 'http'>, { baseUrl, headers }: ClientOptions) {
    const open: HttpOptions = { baseUrl, headers, reported, metered };
    this.#http = kit.http({ ...open, classify });
    this.#large = kit.http({ ...open, classify: classifyLarge });
  }

  /** Asks; equal questions that are under way are asked once. Throws when the answer has no data at all. */
  async query(question: Question, call: Call): Promise<Answer> {
    const key = JSON.stringify([question.text, question.variables]);
    return this.#flights.run(key, call, (signal) => this.#send(question, { ...call, signal }, true));
  }

  /**
   * Changes something, once. Throws what the platform says against it, also where it says so beside the data; the
   * outcome is unknown after a `TimeoutError` (`answer-lost`).
   */
  async mutate(question: Question, call: Call): Promise<Answer> {
    const answer = await this.#send(question, call, false);
    const [first] = answer.errors;
    if (first) throw failureOf(first.message);
    return answer;
  }

  /** A caller's own document, passed on as it is; errors beside data are the caller's to read. */
  async pass(
    { query, operation, operationName, variables }: GraphqlDocument,
    signal: AbortSignal,
  ): Promise<GraphqlAnswer> {
    const body = { query, ...(operationName ? { operationName } : {}), ...(variables ? { variables } : {}) };
    const idempotent = operation === 'query';
    const request = requestOf(`pass-through.${operation}`, body, { lane: 'pass-through', signal }, idempotent);
    return this.#http.json({ ...request, cost: { execution: 2 * USUAL_MS } }, graphqlAnswer);
  }

  async #send(question: Question, call: Call, idempotent: boolean): Promise<Answer> {
    const { operation, text, variables, large = false, expectedMs = USUAL_MS } = question;
    const http = large ? this.#large : this.#http;
    const answer = await http.send({
      ...requestOf(operation, { query: text, variables }, call, idempotent),
      cost: { execution: Math.min(Math.ceil(expectedMs), CUT_OFF_MS) },
      ...(large ? { retryTimeouts: false } : {}),
    });
    return readAnswer(operation, answer);
  }
}

const requestOf = (operation: string, json: unknown, call: Call, idempotent: boolean): VendorRequest => ({
  method: 'POST',
  path: PATH,
  operation,
  idempotent,
  json,
  timeoutMs: TIMEOUT_MS,
  maxBytes: ANSWER_BYTES,
  ...call,
});

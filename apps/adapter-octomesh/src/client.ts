import {
  type Call,
  type ConnectionKit,
  type FileToUpload,
  parseExactJson,
  path,
  type VendorHttp,
} from '@tributary/adapter-kit';
import { type Json, MalformedResponseError } from '@tributary/contracts';
import { FREE, ONE_MUTATION, ONE_QUERY, ONE_UPLOAD } from './costs.ts';
import { ALIVE, INTROSPECTION } from './dialect/introspection.ts';
import type { Document } from './dialect/operation.ts';
import { failureOf, readError } from './errors.ts';
import { multipart } from './multipart.ts';
import {
  type ConstructionKit,
  constructionKit,
  constructionKits,
  type GraphqlEnvelope,
  graphqlEnvelope,
  health,
  introspected,
  tenant,
  uploaded,
  type WireType,
  wireType,
} from './wire.ts';

/** Large schemas take their room. */
const INTROSPECTION_BYTES = 64 * 1024 * 1024;

export interface Channels {
  /** The asset repository. */
  assets: VendorHttp;
  /** Administrative REST. */
  rest: VendorHttp;
}

/** What one field of a document brought: its value, or why there is none. */
export type FieldAnswer = { value: unknown } | { failure: Error };

export interface ExecuteOptions extends Call {
  /** Vendor operation, such as OCTO-06. */
  id: string;
  /** Default for queries true, for mutations false. */
  idempotent?: boolean;
}

/** One method per call of OctoMesh; the tenant is part of every address. */
export class OctomeshClient {
  readonly #graphql: string;
  readonly #tenant: string;

  constructor(
    private readonly channels: Channels,
    private readonly kit: Pick<ConnectionKit, 'items'>,
    tenantId: string,
  ) {
    this.#graphql = path`/tenants/${tenantId}/graphql`;
    this.#tenant = path`/api/tenants/${tenantId}`;
  }

  /** OCTO-04: the cheapest question there is. */
  async alive(call: Call): Promise<void> {
    await this.send({ operation: 'query', query: ALIVE, variables: {} }, { id: 'OCTO-04', ...call });
  }

  /** The tenant's whole schema. */
  async schema(call: Call): Promise<{ types: WireType[]; query: string; mutation?: string }> {
    const document: Document = { operation: 'query', query: INTROSPECTION, variables: {} };
    const { data } = await this.send(document, { id: 'OCTO-04', ...call }, INTROSPECTION_BYTES);
    const read = introspected.safeParse(data);
    if (!read.success) throw new MalformedResponseError('OCTO-04: the answer is not a schema');
    const { queryType, mutationType, types } = read.data.__schema;
    return {
      types: this.kit.items(wireType, types, 'type of the schema'),
      query: queryType.name,
      ...(mutationType ? { mutation: mutationType.name } : {}),
    };
  }

  /** The one field of a document below `root`. Throws what its error means. */
  async one(root: 'runtime' | 'streamData', document: Document, options: ExecuteOptions): Promise<unknown> {
    const [answer] = await this.fields(root, document, 1, options);
    if (answer && 'value' in answer) return answer.value;
    throw answer?.failure ?? new MalformedResponseError(`${options.id}: the answer lacks what was asked for`);
  }

  /**
   * Every field of a document below `root`, in the order asked. One that failed does not take the others with it where
   * the platform answers them; where it answers nothing at all, its error is thrown.
   */
  async fields(
    root: 'runtime' | 'streamData',
    document: Document,
    count: number,
    options: ExecuteOptions,
  ): Promise<FieldAnswer[]> {
    const { data, errors } = await this.send(document, options);
    const failed = (errors ?? []).map(readError);
    const below = isObject(data) && isObject(data[root]) ? data[root] : undefined;
    const [first] = failed;
    if (!below) throw first ? failureOf(first) : new MalformedResponseError(`${options.id}: the answer holds no data`);
    return Array.from({ length: count }, (_, index) => {
      const alias = `a${index}`;
      const value = below[alias];
      if (value !== null && value !== undefined) return { value };
      const own = failed.find((error) => error.path?.[1] === alias) ?? first;
      const failure = own ? failureOf(own) : new MalformedResponseError(`${options.id}: a field has no answer`);
      return { failure };
    });
  }

  /** OCTO-04: data and errors as they come. Numbers keep every digit. */
  async send(document: Document, options: ExecuteOptions, maxBytes?: number): Promise<GraphqlEnvelope> {
    const { operation, query, variables } = document;
    const { id, lane, signal, idempotent = operation === 'query' } = options;
    const { text } = await this.channels.assets.send({
      method: 'POST',
      path: this.#graphql,
      operation: id,
      lane,
      signal,
      idempotent,
      cost: operation === 'query' ? ONE_QUERY : ONE_MUTATION,
      json: { query, variables },
      headers: { accept: 'application/json' },
      ...(maxBytes === undefined ? {} : { maxBytes }),
    });
    const read = graphqlEnvelope.safeParse(parseExactJson(id, text));
    if (read.success) return read.data;
    throw new MalformedResponseError(`${id}: the answer is not one of GraphQL`);
  }

  /** The caller's own document, as it is. */
  async pass(body: Record<string, Json>, operation: Document['operation'], call: Call): Promise<GraphqlEnvelope> {
    const { text } = await this.channels.assets.send({
      method: 'POST',
      path: this.#graphql,
      operation: 'OCTO-04',
      ...call,
      idempotent: operation === 'query',
      cost: operation === 'query' ? ONE_QUERY : ONE_MUTATION,
      json: body,
    });
    const read = graphqlEnvelope.safeParse(parseExactJson('OCTO-04', text));
    if (read.success) return read.data;
    throw new MalformedResponseError('OCTO-04: the answer is not one of GraphQL');
  }

  /** OCTO-20. */
  async tenant(call: Call): Promise<Record<string, unknown>> {
    return this.channels.rest.json({ ...get('OCTO-20', this.#tenant, call) }, tenant);
  }

  /** OCTO-22. */
  async health(call: Call): Promise<string | undefined> {
    const request = { ...get('OCTO-22', '/health', call), anonymous: true, class: 'read' as const };
    return (await this.channels.rest.json(request, health)).status;
  }

  /** OCTO-23. */
  async constructionKits(call: Call): Promise<ConstructionKit[]> {
    const list = await this.channels.rest.json(
      get('OCTO-23', `${this.#tenant}/construction-kits`, call),
      constructionKits,
    );
    return this.kit.items(constructionKit, list, 'construction kit');
  }

  /** OCTO-24. What it answers is not documented, so nothing of it is read. */
  async uploadConstructionKit(kit: Record<string, Json>, call: Call): Promise<void> {
    await this.channels.rest.send({
      method: 'POST',
      path: `${this.#tenant}/construction-kits`,
      operation: 'OCTO-24',
      ...call,
      idempotent: false,
      cost: FREE,
      json: kit,
    });
  }

  /** OCTO-21, in constant memory. */
  async uploadFile(file: FileToUpload, call: Call) {
    const { text } = await this.channels.rest.send({
      method: 'POST',
      path: `${this.#tenant}/files`,
      operation: 'OCTO-21',
      ...call,
      idempotent: false,
      cost: ONE_UPLOAD,
      body: multipart('file', file),
    });
    const read = uploaded.safeParse(parseExactJson('OCTO-21', text));
    if (read.success) return read.data;
    throw new MalformedResponseError('OCTO-21: the answer to the upload does not fit');
  }
}

const get = (operation: string, where: string, call: Call) => ({
  method: 'GET' as const,
  path: where,
  operation,
  idempotent: true,
  cost: FREE,
  ...call,
});

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

import { type Call, type ConnectionKit, path, type VendorHttp, type VendorRequest } from '@tributary/adapter-kit';
import { isPlatformError, MalformedResponseError } from '@tributary/contracts';
import type { z } from 'zod';
import type { Settings } from './config.ts';
import { parseDocuments } from './exact-document.ts';
import { document, existsAnswer, type MeshDocument, page, permissible, type User, user } from './wire.ts';
import type { WriteLimits } from './write-limits.ts';

export interface SearchAsked {
  /** Strict JSON; absent for everything. */
  filter?: string | undefined;
  orderBy?: Record<string, 1 | -1> | undefined;
  /** Counted from 1. */
  page?: number;
  pageSize: number;
}

export interface Found<T> {
  items: T[];
  /** Rows as they came, those set aside included. */
  rows: number;
  /** Of all that match, where it is told. */
  total?: number;
}

/** A user as the later pages create one; the members are the vendor's own. */
export type NewUser = { username: string; newPassword: string } & Record<string, unknown>;

/** One method per call of MeshyDB's API host. Names of meshes are in lower case. */
export class MeshydbClient {
  readonly #account: string;

  constructor(
    private readonly http: VendorHttp,
    private readonly kit: Pick<ConnectionKit, 'items'>,
    settings: Pick<Settings, 'accountName'>,
    private readonly limits: WriteLimits,
  ) {
    this.#account = settings.accountName;
  }

  // Quirk: a question that is answered with 201 (REST, "Checking Username Exists").
  /** MESHY-01; needs no token. */
  async exists(username: string, call: Call): Promise<boolean> {
    const where = path`/${this.#account}/users/${username}/exists`;
    const request = { ...this.#get('MESHY-01', where, {}, call), ...OPEN };
    return (await this.http.json(request, existsAnswer)).exists;
  }

  /** MESHY-02; needs no token. */
  async registerAnonymous(username: string, call: Call): Promise<User> {
    const where = path`/${this.#account}/users/register/anonymous`;
    return this.#write(() => this.http.json({ ...this.#post('MESHY-02', where, { username }, call), ...OPEN }, user));
  }

  /** MESHY-05. */
  me(call: Call): Promise<User> {
    return this.http.json(this.#get('MESHY-05', path`/${this.#account}/users/me`, {}, call), user);
  }

  /** MESHY-06. The id is the platform's to give. */
  create(mesh: string, body: object, call: Call): Promise<MeshDocument> {
    return this.#write(async () => this.#one('MESHY-06', this.#post('MESHY-06', this.#mesh(mesh), body, call)));
  }

  // Quirk: the page says that the document is replaced, its example keeps members that were not sent (REST, "Update
  // data"). Whole documents are sent, which is right either way.
  /** MESHY-07. */
  replace(mesh: string, id: string, body: object, call: Call): Promise<MeshDocument> {
    const where = path`/${this.#account}/meshes/${mesh}/${id}`;
    const request: VendorRequest = { ...this.#post('MESHY-07', where, body, call), method: 'PUT', idempotent: true };
    return this.#write(async () => this.#one('MESHY-07', request));
  }

  /** MESHY-08. A mesh that does not exist has no documents. */
  async search(mesh: string, asked: SearchAsked, call: Call): Promise<Found<MeshDocument>> {
    const { filter, orderBy, pageSize } = asked;
    const query = {
      ...(filter === undefined ? {} : { filter }),
      ...(orderBy === undefined ? {} : { orderby: JSON.stringify(orderBy) }),
      page: asked.page ?? 1,
      pageSize,
    };
    const { text } = await this.http.send(this.#get('MESHY-08', this.#mesh(mesh), query, call));
    this.limits.read();
    return this.#page('MESHY-08', parseDocuments('MESHY-08', text), document, 'document');
  }

  /** MESHY-09. */
  async remove(mesh: string, id: string, call: Call): Promise<void> {
    const where = path`/${this.#account}/meshes/${mesh}/${id}`;
    await this.http.send({ ...this.#get('MESHY-09', where, {}, call), method: 'DELETE' });
  }

  /** MESHY-21, of the later pages. */
  createUser(draft: NewUser, call: Call): Promise<User> {
    const where = path`/${this.#account}/users`;
    return this.#write(() => this.http.json(this.#post('MESHY-21', where, draft, call), user));
  }

  /** MESHY-23, of the later pages. */
  async users(asked: { page: number; pageSize: number }, call: Call): Promise<Found<User>> {
    const query = { ...asked, activeOnly: false };
    const { text } = await this.http.send(this.#get('MESHY-23', path`/${this.#account}/users`, query, call));
    return this.#page('MESHY-23', parseDocuments('MESHY-23', text), user, 'user');
  }

  /** MESHY-25, of the later pages. */
  async removeUser(id: string, call: Call): Promise<void> {
    const request = this.#get('MESHY-25', path`/${this.#account}/users/${id}`, {}, call);
    await this.http.send({ ...request, method: 'DELETE' });
  }

  /** MESHY-39, of the later pages: what rights can be given for, meshes among it. */
  async permissibles(asked: { page: number; pageSize: number }, call: Call): Promise<Found<{ name: string }>> {
    const where = path`/${this.#account}/permissibles`;
    const { text } = await this.http.send(this.#get('MESHY-39', where, { name: 'meshes.', ...asked }, call));
    return this.#page('MESHY-39', parseDocuments('MESHY-39', text), permissible, 'permissible');
  }

  readonly #mesh = (mesh: string): string => path`/${this.#account}/meshes/${mesh}`;

  #get(operation: string, where: string, query: NonNullable<VendorRequest['query']>, call: Call): VendorRequest {
    return { method: 'GET', path: where, operation, idempotent: true, query, ...call };
  }

  #post(operation: string, where: string, json: unknown, call: Call): VendorRequest {
    return { method: 'POST', path: where, operation, idempotent: false, json, ...call };
  }

  async #one(operation: string, request: VendorRequest): Promise<MeshDocument> {
    const { text } = await this.http.send(request);
    const [read] = this.kit.items(document, [parseDocuments(operation, text)], 'document');
    if (read) return read;
    throw new MalformedResponseError(`${operation}: the answer is no document`);
  }

  #page<S extends z.ZodType>(operation: string, answer: unknown, schema: S, what: string): Found<z.output<S>> {
    const read = page.safeParse(answer);
    if (!read.success) throw new MalformedResponseError(`${operation}: the answer is not a page`);
    const { results, totalRecords } = read.data;
    if (results.length === 0 && (totalRecords ?? 0) > 0 && read.data.page === 1) {
      throw new MalformedResponseError(`${operation}: a first page without rows of ${totalRecords}`);
    }
    const total = totalRecords === null || totalRecords === undefined ? {} : { total: totalRecords };
    return { items: this.kit.items(schema, results, what), rows: results.length, ...total };
  }

  async #write<T>(work: () => Promise<T>): Promise<T> {
    try {
      const done = await work();
      this.limits.wrote();
      return done;
    } catch (error) {
      if (isPlatformError(error) && error.code === 'rate-limited') this.limits.refused(error);
      throw error;
    }
  }
}

/** Asked without a token, but not a log-in. */
const OPEN = { anonymous: true, class: 'read' } as const;

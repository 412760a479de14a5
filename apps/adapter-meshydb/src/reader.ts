import type { Call } from '@tributary/adapter-kit';
import { InvalidRequestError, MalformedResponseError } from '@tributary/contracts';
import type { Found, MeshydbClient } from './client.ts';
import { allOf, always, type Expression, hasIds, type IdForm, textOf } from './filter/expression.ts';
import { byId, type Order } from './filter/order.ts';
import type { MeshDocument } from './wire.ts';

export interface MeshPage extends Found<MeshDocument> {
  /** There are documents after these. */
  more: boolean;
}

interface Asked {
  where?: Expression;
  pageSize: number;
}

/** The most that the vendor gives in one answer. */
const MOST = 200;

/**
 * Reads meshes by id rather than by number of page: what is made or removed meanwhile moves nothing. How the server takes
 * ids in a filter it learns from the first refusal.
 */
export class MeshReader {
  /** `pages`: it takes none, so ids are followed by reading all pages in their order. */
  #form: IdForm | 'pages' = 'oid';

  constructor(private readonly client: MeshydbClient) {}

  /** False once the server has refused ids in every form. */
  get takesIds(): boolean {
    return this.#form !== 'pages';
  }

  /** Documents behind this id, in the order of ids. */
  async after(mesh: string, id: string | undefined, asked: Asked, call: Call): Promise<MeshPage> {
    const { where = always, pageSize } = asked;
    const isBehind: Expression = id === undefined ? always : { kind: 'id', operator: '$gt', id };
    const page = await this.#unlessByPages(
      async () => {
        const found = await this.find(mesh, { where: allOf([where, isBehind]), orderBy: byId, pageSize }, call);
        return { ...found, more: isMore(found, pageSize) };
      },
      () => this.#byPages(mesh, id, asked, call),
    );
    assertInOrder(page.items, id);
    return page;
  }

  /** All documents behind this id, page by page. */
  async *all(
    mesh: string,
    id: string | undefined,
    asked: Asked,
    call: Call,
  ): AsyncGenerator<MeshPage, void, undefined> {
    for (let last = id; ; ) {
      const page = await this.after(mesh, last, asked, call);
      yield page;
      const next = page.items.at(-1)?._id;
      if (!page.more) return;
      // A whole page that cannot be read would be read for ever.
      if (next === undefined) throw new MalformedResponseError('MESHY-08: no document of a page can be read');
      last = next;
    }
  }

  /** One page of what fits, in any order. */
  async find(
    mesh: string,
    asked: { where: Expression; orderBy: Order; page?: number; pageSize: number },
    call: Call,
  ): Promise<Found<MeshDocument>> {
    if (asked.where.kind === 'never') return { items: [], rows: 0, total: 0 };
    try {
      return await this.#ask(mesh, asked, call);
    } catch (error) {
      const ids = this.#form === 'oid' && hasIds(asked.where);
      if (!(error instanceof InvalidRequestError) || error.platformStatus !== 400 || !ids) throw error;
      const learnt = await this.#learn(mesh, call);
      // Whatever was asked, nothing fits.
      if (learnt === 'empty') return { items: [], rows: 0, total: 0 };
      if (learnt === 'nothing') throw error;
      return this.#ask(mesh, asked, call);
    }
  }

  /** The document of this id, or undefined. */
  async one(mesh: string, id: string, call: Call): Promise<MeshDocument | undefined> {
    const where: Expression = { kind: 'id', operator: '$eq', id };
    const before = (BigInt(`0x${id}`) - 1n).toString(16).padStart(id.length, '0');
    const { items, rows } = await this.#unlessByPages(
      () => this.find(mesh, { where, orderBy: byId, pageSize: 1 }, call),
      () => this.#byPages(mesh, before, { pageSize: MOST }, call),
    );
    if (rows > 0 && items.length === 0) throw new MalformedResponseError('MESHY-08: the document cannot be read');
    return items.find(({ _id }) => _id === id);
  }

  /** The second way once it is known that the server takes no ids. */
  async #unlessByPages<T>(withIds: () => Promise<T>, byPages: () => Promise<T>): Promise<T> {
    if (this.#form === 'pages') return byPages();
    try {
      return await withIds();
    } catch (error) {
      if ((this.#form as string) === 'pages' && error instanceof InvalidRequestError) return byPages();
      throw error;
    }
  }

  /** The page in which documents behind the id begin, found by halves: pages follow the order of ids. */
  async #byPages(
    mesh: string,
    id: string | undefined,
    { where = always, pageSize }: Asked,
    call: Call,
  ): Promise<MeshPage> {
    const read = (page: number) => this.#ask(mesh, { where, orderBy: byId, page, pageSize }, call);
    let found = await read(1);
    let low = 1;
    let high = Math.max(1, Math.ceil((found.total ?? found.rows) / pageSize));
    const last = high;
    const isBefore = ({ items }: Found<MeshDocument>) => id !== undefined && (items.at(-1)?._id ?? '') <= id;
    if (isBefore(found)) low = 2;
    else high = 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      found = await read(middle);
      if (isBefore(found)) low = middle + 1;
      else high = middle;
    }
    if (low > 1) found = await read(Math.min(low, last));
    const items = id === undefined ? found.items : found.items.filter(({ _id }) => _id > id);
    return { ...found, items, rows: found.rows - found.items.length + items.length, more: low < last };
  }

  async #ask(
    mesh: string,
    { where, orderBy, page, pageSize }: { where: Expression; orderBy: Order; page?: number; pageSize: number },
    call: Call,
  ): Promise<Found<MeshDocument>> {
    if (this.#form === 'pages' && hasIds(where)) {
      throw new InvalidRequestError('this MeshyDB server takes no ids in a filter, in whatever form');
    }
    const form = this.#form === 'text' ? 'text' : 'oid';
    const filter = where.kind === 'always' ? undefined : textOf(where, form);
    const asked = { filter, orderBy, pageSize, ...(page === undefined ? {} : { page }) };
    return this.client.search(mesh, asked, call);
  }

  /** Looks for a form of ids that this server takes. A form is right only if it finds a document that is there. */
  async #learn(mesh: string, call: Call): Promise<'another-form' | 'nothing' | 'empty'> {
    const [sample] = (await this.client.search(mesh, { orderBy: byId, pageSize: 1 }, call)).items;
    if (!sample) return 'empty';
    for (const form of ['oid', 'text'] as const) {
      const filter = textOf({ kind: 'id', operator: '$gte', id: sample._id }, form);
      const found = await this.client
        .search(mesh, { filter, orderBy: byId, pageSize: 1 }, call)
        .catch((error: unknown) => {
          if (error instanceof InvalidRequestError) return undefined;
          throw error;
        });
      if (found?.items[0]?._id !== sample._id) continue;
      this.#form = form;
      return form === 'oid' ? 'nothing' : 'another-form';
    }
    this.#form = 'pages';
    return 'nothing';
  }
}

/** A total that is told counts more than the length of a page: a server may give shorter pages than it was asked for. */
const isMore = ({ rows, total }: Found<unknown>, pageSize: number): boolean =>
  rows > 0 && (total === undefined ? rows >= pageSize : total > rows);

function assertInOrder(documents: readonly MeshDocument[], after = ''): void {
  let before = after;
  for (const { _id } of documents) {
    if (_id <= before) throw new MalformedResponseError('MESHY-08: documents do not come in the order of their ids');
    before = _id;
  }
}

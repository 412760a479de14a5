import { find } from 'mingo';
import type { Document, StoredDocument } from './document.ts';
import type { Filter } from './mongo-filter.ts';
import type { Order } from './mongo-order.ts';
import type { PageQuery } from './paging.ts';

/** A collection of documents, by the order of their ids. */
export class Mesh {
  readonly #documents = new Map<string, StoredDocument>();
  #ids: string[] = [];

  get size(): number {
    return this.#documents.size;
  }

  get(id: string): StoredDocument | undefined {
    return this.#documents.get(id.toLowerCase());
  }

  put(id: string, body: Document): StoredDocument {
    const document = { ...idFirst(id), ...body, _id: id };
    if (!this.#documents.has(id)) this.#ids.splice(this.#position(id), 0, id);
    this.#documents.set(id, document);
    return document;
  }

  remove(id: string): boolean {
    if (!this.#documents.delete(id.toLowerCase())) return false;
    this.#ids.splice(this.#position(id.toLowerCase()), 1);
    return true;
  }

  /** Returns how many went. */
  removeWhere(goes: (document: StoredDocument) => boolean): number {
    const before = this.#ids.length;
    this.#ids = this.#ids.filter((id) => {
      const document = this.#documents.get(id);
      const stays = document !== undefined && !goes(document);
      if (!stays) this.#documents.delete(id);
      return stays;
    });
    return before - this.#ids.length;
  }

  /** In the order of their ids. */
  matching(filter: Filter): StoredDocument[] {
    const { from, to } = filter.ids;
    const low = from === undefined ? 0 : this.#position(from);
    const found: StoredDocument[] = [];
    for (let i = low; i < this.#ids.length; i++) {
      const id = this.#ids[i] ?? '';
      if (to !== undefined && id > to) break;
      const document = this.#documents.get(id);
      if (document && filter.test(document)) found.push(document);
    }
    return found;
  }

  /** Documents that are equal in the order stay in that of their ids. */
  search(filter: Filter, order: Order | undefined, { page, pageSize }: PageQuery) {
    const found = this.matching(filter);
    const start = (page - 1) * pageSize;
    const results = sorted(found, order).slice(start, start + pageSize);
    return { page, pageSize, results, totalRecords: found.length };
  }

  /** Where the id is, or would be. */
  #position(id: string): number {
    const newest = this.#ids.at(-1);
    if (newest === undefined || id > newest) return this.#ids.length;
    let low = 0;
    let high = this.#ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ids[middle] ?? '') < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const idFirst = (id: string): StoredDocument => ({ _id: id });

function sorted(documents: StoredDocument[], order: Order | undefined): StoredDocument[] {
  if (!order || (order._id === 1 && Object.keys(order)[0] === '_id')) return documents;
  return find<StoredDocument>(documents, {}).sort(order).all();
}

import type { Call } from '@tributary/adapter-kit';
import { InvalidRequestError } from '@tributary/contracts';
import type { Expression } from '../filter/expression.ts';
import type { Order } from '../filter/order.ts';
import type { MeshReader } from '../reader.ts';
import type { MeshDocument } from '../wire.ts';

export interface PageAsked {
  mesh: string;
  where: Expression;
  /** Absent: by id, the way that loses nothing. */
  orderBy?: Order | undefined;
  limit: number;
  cursor?: string | undefined;
}

export interface PageRead {
  items: MeshDocument[];
  nextCursor?: string;
}

/** The most that the vendor gives in one answer. */
const MOST = 200;
const BY_ID = /^id:([0-9a-f]{24})$/;
const BY_POSITION = /^at:(\d{1,12})\/(\d{1,3})\/(\d{1,12})\/([0-9a-f]{24})$/;

/**
 * One page of a search. Without an order of the caller's, pages follow the id and nothing that comes or goes moves them.
 * With one they have positions, which shift: when the number of matches has changed, the last document of the page before
 * is looked for, a page to either side, and reading goes on behind it.
 */
export async function readPage(reader: MeshReader, asked: PageAsked, call: Call): Promise<PageRead> {
  return asked.orderBy === undefined
    ? byId(reader, asked, call)
    : byPosition(reader, { ...asked, orderBy: asked.orderBy }, call);
}

async function byId(reader: MeshReader, { mesh, where, limit, cursor }: PageAsked, call: Call): Promise<PageRead> {
  const after = cursor === undefined ? undefined : BY_ID.exec(cursor)?.[1];
  if (cursor !== undefined && after === undefined) throw stranger();
  const { items, more } = await reader.after(mesh, after, { where, pageSize: Math.min(limit, MOST) }, call);
  const last = items.at(-1);
  return { items, ...(more && last ? { nextCursor: `id:${last._id}` } : {}) };
}

interface Position {
  /** How many documents stand before the next page. */
  at: number;
  /** Rows in a page: a position has a number only together with it. */
  size: number;
  /** Matches when the page before was read. */
  total: number;
  /** Id of the last document of the page before. */
  last?: string;
}

function positionOf(cursor: string | undefined, limit: number): Position {
  if (cursor === undefined) return { at: 0, size: Math.min(limit, MOST), total: 0 };
  const [, at, size, total, last] = BY_POSITION.exec(cursor) ?? [];
  if (last === undefined || Number(size) === 0 || Number(size) > MOST) throw stranger();
  return { at: Number(at), size: Number(size), total: Number(total), last };
}

async function byPosition(reader: MeshReader, asked: PageAsked & { orderBy: Order }, call: Call): Promise<PageRead> {
  const { mesh, where, orderBy, limit, cursor } = asked;
  const position = positionOf(cursor, limit);
  const window = new Window(position.size, (page) =>
    reader.find(mesh, { where, orderBy, page, pageSize: position.size }, call),
  );
  let rows = await window.rows(position.at, position.at + position.size);
  let { at } = position;
  if (position.last !== undefined && window.total !== position.total) {
    const found = await window.find(position.last, at - 1);
    if (found !== undefined && found + 1 !== at) {
      at = found + 1;
      rows = await window.rows(at, at + position.size);
    }
  }
  // Fewer may be wanted than when the pages were begun.
  const items = rows.slice(0, limit);
  const next = at + items.length;
  const last = items.at(-1);
  if (!last || next >= window.total) return { items };
  return { items, nextCursor: `at:${next}/${position.size}/${window.total}/${last._id}` };
}

/** Rows by position, over a platform that has numbered pages. Each page is read once. */
class Window {
  readonly #pages = new Map<number, (MeshDocument | undefined)[]>();
  total = 0;

  constructor(
    private readonly size: number,
    private readonly read: (page: number) => Promise<{ items: MeshDocument[]; rows: number; total?: number }>,
  ) {}

  /** [from, to), as far as there are any. */
  async rows(from: number, to: number): Promise<MeshDocument[]> {
    const all = await this.#between(from, to);
    return all.flatMap(({ document }) => document ?? []);
  }

  /** Where a document stands, looked for a page to either side of where it was. */
  async find(id: string, was: number): Promise<number | undefined> {
    const around = await this.#between(Math.max(0, was - this.size), was + this.size + 1);
    return around.find(({ document }) => document?._id === id)?.at;
  }

  async #between(from: number, to: number): Promise<{ at: number; document: MeshDocument | undefined }[]> {
    const first = Math.floor(from / this.size);
    const last = Math.floor((to - 1) / this.size);
    const found: { at: number; document: MeshDocument | undefined }[] = [];
    for (let page = first; page <= last; page++) {
      const rows = await this.#page(page);
      for (const [i, document] of rows.entries()) found.push({ at: page * this.size + i, document });
      if (rows.length < this.size) break;
    }
    return found.filter(({ at }) => at >= from && at < to);
  }

  async #page(page: number): Promise<(MeshDocument | undefined)[]> {
    const known = this.#pages.get(page);
    if (known) return known;
    const { items, rows, total } = await this.read(page + 1);
    this.total = total ?? page * this.size + rows + (rows === this.size ? 1 : 0);
    // What could not be read keeps its place, at the end.
    const placed = [...items, ...Array.from({ length: rows - items.length }, () => undefined)];
    this.#pages.set(page, placed);
    return placed;
  }
}

const stranger = () => new InvalidRequestError('the cursor is not one of this listing');

import type { Call, Checkpoint } from '@tributary/adapter-kit';
import type { Expression } from './filter/expression.ts';
import { allOf, anyOf } from './filter/expression.ts';
import { attributesOf, timeFrom, valueAt } from './mapping.ts';
import { storedName } from './names.ts';
import { idAt, idBefore } from './object-id.ts';
import type { MeshReader } from './reader.ts';
import type { MeshDocument } from './wire.ts';

/** Within this time ids of several makers hardly ever come out of order: read again by each round. */
export const SHALLOW_MS = 3_000;
/** The platform's clock may run ahead of ours by this much. */
const AHEAD_MS = 5 * 60_000;

/** Where reading of one mesh stands. */
export interface Place {
  /** Every document up to this id has been brought, but for those that appear out of order. */
  after?: string | undefined;
  /** Every change up to this value of the field that tells changes. */
  changed?: string | number | undefined;
}

export const placeOf = (from: Checkpoint | undefined): Place => ({
  ...(typeof from?.after === 'string' && /^[0-9a-f]{24}$/.test(from.after) ? { after: from.after } : {}),
  ...(typeof from?.changed === 'string' || typeof from?.changed === 'number' ? { changed: from.changed } : {}),
});

export const writtenPlace = ({ after, changed }: Place): Checkpoint => ({
  ...(after === undefined ? {} : { after }),
  ...(changed === undefined ? {} : { changed }),
});

export interface TailOptions {
  mesh: string;
  updatedField?: string | undefined;
  pageSize: number;
  overlapMs: number;
  deepEveryMs: number;
}

/** Reads what is new in one mesh: documents by their ids, changes by a field that the application keeps. */
export class Tail {
  /** When the whole overlap was last read, and which was the last document then. */
  #deep: { atMs: number; after: string } | undefined;

  constructor(
    private readonly reader: MeshReader,
    private readonly options: TailOptions,
  ) {}

  /** Documents behind the place, and those before it that may have appeared late. */
  async *made({ after }: Place, nowMs: number, call: Call): AsyncGenerator<MeshDocument[], void, undefined> {
    const { mesh, pageSize, overlapMs, deepEveryMs } = this.options;
    const deep = this.#deep === undefined || nowMs - this.#deep.atMs >= deepEveryMs;
    const backMs = Math.min(SHALLOW_MS, overlapMs);
    const start = after === undefined ? undefined : deep ? this.oldest(after) : idBefore(after, backMs);
    for await (const page of this.reader.all(mesh, start, { pageSize }, call)) yield page.items;
    if (deep && after !== undefined) this.#deep = { atMs: nowMs, after };
  }

  /**
   * From here on documents may still appear: by the overlap before the last one as of the last reading of the whole
   * overlap. Where that is not remembered it was `deepEveryMs` before at most.
   */
  oldest(after: string): string {
    const { overlapMs, deepEveryMs } = this.options;
    if (this.#deep === undefined) return idBefore(after, overlapMs + deepEveryMs);
    return idBefore(this.#deep.after < after ? this.#deep.after : after, overlapMs);
  }

  /** What was read is not known to have arrived. */
  forget(): void {
    this.#deep = undefined;
  }

  /** Documents that were changed behind the place, in the order of their changes; nothing where no field tells. */
  async *changed({ changed }: Place, call: Call): AsyncGenerator<MeshDocument[], void, undefined> {
    const { mesh, pageSize, updatedField, overlapMs } = this.options;
    if (updatedField === undefined || changed === undefined) return;
    const path = updatedField.split('.').map(storedName).join('.');
    let where: Expression = { kind: 'field', path, test: { operator: '$gte', value: earlier(changed, overlapMs) } };
    for (;;) {
      const orderBy = { [path]: 1, _id: 1 } as const;
      const { items, rows, total } = await this.reader.find(mesh, { where, orderBy, pageSize }, call);
      yield items;
      const last = items.at(-1);
      const value = last && this.changeOf(last);
      if (!last || value === undefined || (total === undefined ? rows < pageSize : total <= rows)) return;
      // Behind the last one: by the field, and by the id among those that were changed at the same time.
      const later: Expression = { kind: 'field', path, test: { operator: '$gt', value } };
      const same: Expression = { kind: 'field', path, test: { operator: '$eq', value } };
      where = this.reader.takesIds
        ? anyOf([later, allOf([same, { kind: 'id', operator: '$gt', id: last._id }])])
        : later;
    }
  }

  /** What a document says of its last change. */
  changeOf(document: MeshDocument): string | number | undefined {
    const { updatedField } = this.options;
    const value = updatedField === undefined ? undefined : valueAt(attributesOf(document), updatedField);
    return typeof value === 'string' || typeof value === 'number' ? value : undefined;
  }

  /**
   * The place once these documents have been brought. An application may give ids of its own: one that lies in the future
   * must not hide what is made until then, so it is read again until its time has come.
   */
  moved(place: Place, documents: readonly MeshDocument[], nowMs: number): Place {
    let { after, changed } = place;
    const furthest = idAt(nowMs + AHEAD_MS);
    for (const document of documents) {
      if (document._id < furthest && (after === undefined || document._id > after)) after = document._id;
      const change = this.changeOf(document);
      if (change !== undefined && isLater(change, changed)) changed = change;
    }
    return { after, changed };
  }
}

/** Numbers come after text with us, each in their own order: a field is of one kind. */
function isLater(a: string | number, b: string | number | undefined): boolean {
  if (b === undefined || typeof a !== typeof b) return b === undefined || typeof a === 'number';
  return a > b;
}

/** So far before a change, where it is a time we can read; otherwise the change itself. */
function earlier(changed: string | number, spanMs: number): string | number {
  if (typeof changed === 'number') return changed > 1e11 ? changed - spanMs : changed - spanMs / 1_000;
  const ms = timeFrom(changed, 'iso');
  // Only times in UTC have the order of their text.
  return ms === undefined || !/Z$/i.test(changed) ? changed : new Date(ms - spanMs).toISOString().slice(0, 19);
}

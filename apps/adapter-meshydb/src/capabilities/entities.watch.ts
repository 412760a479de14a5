import type { Call, Checkpoint, ConnectionKit, Limitations, Observation, Page, Poll } from '@tributary/adapter-kit';
import type { WatchedMesh } from '../config.ts';
import { type EntityNaming, entityRecord, entityReport } from '../mapping.ts';
import { MeshMemory } from '../mesh-memory.ts';
import type { MeshReader } from '../reader.ts';
import { Rest } from '../rest.ts';
import type { Summary } from '../roll.ts';
import { type Place, placeOf, Tail, writtenPlace } from '../tail.ts';
import type { MeshDocument } from '../wire.ts';

export interface WatchOptions {
  kit: Pick<ConnectionKit, 'clock' | 'log'>;
  reader: MeshReader;
  limitations: Limitations;
  mesh: WatchedMesh;
  settings: { overlap: number; longestRest: number; sweepEvery: number; maxRemembered: number; pageSize: number };
}

type Pages = AsyncGenerator<Page<Observation>, void, undefined>;
/** What is said of a document that nothing is known of; undefined is nothing. */
type OfUnknown = (document: MeshDocument) => 'created' | 'updated' | undefined;

type See = (id: string, print: string) => 'unknown' | 'same' | 'other';

const DEEP_EVERY_MS = 30_000;

/**
 * Says what was made, changed and removed in one mesh. New documents are found by their ids and changes by a field that
 * the application keeps; everything else by reading the whole mesh from time to time and comparing. Removed is only what
 * a whole sweep has not found.
 */
export class MeshWatch implements Poll {
  readonly schedule = 'entities';
  readonly #memory = new MeshMemory();
  readonly #tail: Tail;
  readonly #rest: Rest;
  readonly #naming: EntityNaming;
  #sweptAtMs = Number.NEGATIVE_INFINITY;
  #place: Place = {};
  #swept: Swept | undefined;
  /** Number of the last checkpoint handed out; memory is good only while that one comes back. */
  #number: number;

  constructor(private readonly options: WatchOptions) {
    const { kit, mesh, settings, reader } = options;
    this.#number = kit.clock.now();
    this.#naming = { type: mesh.type ?? mesh.name, nameField: mesh.nameField };
    this.#rest = new Rest(kit.clock, settings.longestRest);
    this.#tail = new Tail(reader, {
      mesh: mesh.name,
      updatedField: mesh.updatedField,
      pageSize: settings.pageSize,
      overlapMs: settings.overlap,
      deepEveryMs: DEEP_EVERY_MS,
    });
  }

  async *run(from: Checkpoint | undefined, signal: AbortSignal): Pages {
    const trusted = from !== undefined && from.number === this.#number;
    if (trusted) this.#memory.told();
    else this.#begin(from);
    const nowMs = this.options.kit.clock.monotonicMs();
    const sweepDue = nowMs - this.#sweptAtMs >= this.options.settings.sweepEvery || this.#memory.isCrowded;
    if (!sweepDue && !this.#rest.isOver()) return;
    this.#place = placeOf(from);
    const call: Call = { lane: 'reconcile', signal };
    // A first look tells all there is, as it reads the mesh for the first time.
    const pages = from === undefined ? this.#sweep(() => 'created', call) : this.#round(sweepDue, call);
    let news = false;
    for await (const page of pages) {
      news ||= page.items.length > 0;
      yield page;
    }
    this.#rest.after(news);
  }

  #begin(from: Checkpoint | undefined): void {
    this.#memory.forget();
    this.#tail.forget();
    this.#rest.reset();
    this.#sweptAtMs = Number.NEGATIVE_INFINITY;
    this.#swept = sweptOf(from);
  }

  async *#round(sweepDue: boolean, call: Call): Pages {
    const start = this.#place;
    const isNew = ({ _id }: MeshDocument) => start.after === undefined || _id > start.after;
    for await (const documents of this.#tail.made(start, this.options.kit.clock.monotonicMs(), call)) {
      yield this.#page(documents, () => 'created');
    }
    for await (const documents of this.#tail.changed(start, call)) {
      yield this.#page(documents, (document) => (isNew(document) ? 'created' : 'updated'));
    }
    // With nothing remembered a sweep only learns what there is: what is older was told before.
    const ofUnknown: OfUnknown = (document) => (this.#memory.whole || isNew(document) ? 'created' : undefined);
    if (sweepDue) yield* this.#sweep(ofUnknown, call);
  }

  async *#sweep(ofUnknown: OfUnknown, call: Call): Pages {
    const { reader, mesh, settings } = this.options;
    const sweep = this.#memory.sweep(settings.maxRemembered);
    const isFirstLook = this.#place.after === undefined;
    let isWhole = true;
    let isFirstPage = true;
    for await (const page of reader.all(mesh.name, undefined, { pageSize: settings.pageSize }, call)) {
      if (isFirstPage && !isFirstLook && (page.total ?? 0) > settings.maxRemembered) return this.#tooLarge();
      isFirstPage = false;
      isWhole &&= page.items.length === page.rows;
      yield this.#page(page.items, ofUnknown, sweep.read);
    }
    if (!isWhole) return this.#unreadable();
    const known = this.#memory.whole;
    const gone = sweep.end();
    if (gone === undefined) return this.#tooLarge();
    yield* this.#end(gone, known);
  }

  /** What the whole sweep has not found is gone. */
  async *#end(gone: readonly string[], known: boolean): Pages {
    const { mesh, settings, limitations, kit } = this.options;
    this.#sweptAtMs = kit.clock.monotonicMs();
    limitations.lift(`${mesh.name} sweep`);
    if (!known) this.#compare();
    const { after } = this.#place;
    const summary = after === undefined ? undefined : this.#memory.summary(after);
    this.#swept = after !== undefined && summary ? { upTo: after, ...summary } : undefined;
    this.#number += 1;
    for (let i = 0; i < gone.length; i += settings.pageSize) {
      yield { items: gone.slice(i, i + settings.pageSize).map((id) => removed(this.#naming.type, id)) };
    }
    yield { items: [], checkpoint: this.#checkpoint() };
  }

  /** Reads documents into memory and says what is new of them; the checkpoint vouches for exactly that. */
  #page(documents: readonly MeshDocument[], ofUnknown: OfUnknown, see: See = this.#see): Page<Observation> {
    this.#number += 1;
    const items = documents.flatMap((document): Observation[] => {
      const record = entityRecord(document, this.#naming);
      const found = see(record.nativeId, record.etag);
      const change = found === 'same' ? undefined : found === 'other' ? 'updated' : ofUnknown(document);
      return change ? [{ type: 'entity', change, entity: entityReport(record) }] : [];
    });
    this.#place = this.#tail.moved(this.#place, documents, this.options.kit.clock.now());
    return { items, checkpoint: this.#checkpoint() };
  }

  readonly #see: See = (id, print) => this.#memory.see(id, print);

  #checkpoint(): Checkpoint {
    const { upTo, count, sum } = this.#swept ?? {};
    const swept = upTo === undefined || count === undefined || sum === undefined ? {} : { upTo, count, sum };
    return { ...writtenPlace(this.#place), ...swept, number: this.#number };
  }

  #tooLarge(): void {
    const { mesh, settings, limitations, kit } = this.options;
    const most = `more than ${settings.maxRemembered} documents (entities.maxRemembered)`;
    const changes = mesh.updatedField === undefined ? 'neither removals nor changes' : 'no removals';
    limitations.note(`${mesh.name} sweep`, `${mesh.name}: ${most}, so ${changes} are noticed`);
    this.#memory.dropRoll();
    this.#sweptAtMs = kit.clock.monotonicMs();
  }

  /** A document that cannot be read has no id that could be compared. */
  #unreadable(): void {
    const { mesh, limitations, kit } = this.options;
    limitations.note(`${mesh.name} sweep`, `${mesh.name}: documents that cannot be read keep removals from being told`);
    this.#sweptAtMs = kit.clock.monotonicMs();
  }

  /**
   * What happened to older documents between the last sweep and this one, with nobody who remembers them, cannot be told
   * one by one. That it did can: fewer of them are there, or other ones where no field tells changes.
   */
  #compare(): void {
    const { mesh, kit, limitations } = this.options;
    const before = this.#swept;
    const now = before && this.#memory.summary(before.upTo);
    const differs =
      before && now && (now.count < before.count || (mesh.updatedField === undefined && now.sum !== before.sum));
    const what = `${mesh.name} unwatched`;
    limitations.lift(what);
    if (!differs) return;
    limitations.note(what, `${mesh.name}: documents were removed or changed while nobody watched, and cannot be named`);
    kit.log.warn({ mesh: mesh.name }, 'documents were removed or changed while nobody watched');
  }
}

const removed = (entityType: string, nativeId: string): Observation => ({
  type: 'entity',
  change: 'removed',
  entity: { entityType, nativeId, attributes: {} },
});

/** What the mesh held up to an id when it was last read whole. */
type Swept = Summary & { upTo: string };

function sweptOf(from: Checkpoint | undefined): Swept | undefined {
  const { upTo, count, sum } = from ?? {};
  return typeof upTo === 'string' && typeof count === 'number' && typeof sum === 'string'
    ? { upTo, count, sum }
    : undefined;
}

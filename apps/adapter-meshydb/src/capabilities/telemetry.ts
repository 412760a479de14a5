import {
  type Call,
  type Checkpoint,
  type ConnectionKit,
  type CoveredSpan,
  digest,
  type Limitations,
  type Observation,
  type Page,
  type Poll,
} from '@tributary/adapter-kit';
import { isPlatformError } from '@tributary/contracts';
import type { DocumentMapping } from '../config.ts';
import { attributesOf, batchesOf, type Reading, readingOf } from '../mapping.ts';
import type { MeshCover } from '../mesh-cover.ts';
import { idAt, timeOf } from '../object-id.ts';
import type { MeshReader } from '../reader.ts';
import { Rest } from '../rest.ts';
import { type Place, placeOf, SHALLOW_MS, Tail, writtenPlace } from '../tail.ts';
import type { MeshDocument } from '../wire.ts';
import { Misfits } from './telemetry.misfits.ts';

export interface DocumentsOptions {
  kit: Pick<ConnectionKit, 'clock' | 'items'>;
  reader: MeshReader;
  limitations: Limitations;
  mapping: DocumentMapping;
  /** Shared by the polls of all meshes. */
  cover: MeshCover;
  settings: { firstLook: number; overlap: number; lateEvery: number; longestRest: number; pageSize: number };
}

/** Documents remembered to tell news from what is read again; what is forgotten is published once more, harmlessly. */
const MOST_REMEMBERED = 50_000;

/**
 * Documents of one mesh as points: read by their ids, with an overlap for ids that appear out of order. A document that
 * has changed since it was read is published again: its points are corrections.
 */
export class DocumentPoll implements Poll {
  readonly schedule = 'documents';
  readonly #tail: Tail;
  readonly #rest: Rest;
  readonly #misfits: Misfits;
  /** Marks of the documents in the overlap, by id. */
  readonly #known = new Map<string, string>();
  /** Number of the last checkpoint handed out; memory is good only while that one comes back. */
  #number: number;

  constructor(private readonly options: DocumentsOptions) {
    const { kit, reader, mapping, settings, limitations } = options;
    this.#number = kit.clock.now();
    this.#rest = new Rest(kit.clock, settings.longestRest);
    this.#misfits = new Misfits(mapping, kit, limitations);
    this.#tail = new Tail(reader, {
      mesh: mapping.mesh,
      updatedField: mapping.updatedField,
      pageSize: settings.pageSize,
      overlapMs: settings.overlap,
      deepEveryMs: settings.lateEvery,
    });
  }

  async *run(from: Checkpoint | undefined, signal: AbortSignal): AsyncGenerator<Page<Observation>, void, undefined> {
    const { clock } = this.options.kit;
    if (from?.number !== this.#number) {
      this.#known.clear();
      this.#tail.forget();
      this.#rest.reset();
      this.options.cover.forget(this.options.mapping.mesh);
    }
    if (!this.#rest.isOver()) return;
    const call: Call = { lane: 'live', signal };
    const start = this.#startOf(from);
    const beganMs = clock.now();
    let place = start;
    let news = false;
    for await (const documents of this.#documents(start, clock.monotonicMs(), call)) {
      place = this.#tail.moved(place, documents, clock.now());
      this.#number += 1;
      const items = this.#observe(documents);
      news ||= items.length > 0;
      yield { items, checkpoint: { ...writtenPlace(place), number: this.#number } };
    }
    yield { items: [], covers: this.#covered(start, { goesOn: placeOf(from).after !== undefined, beganMs }) };
    this.#prune(place);
    this.#rest.after(news);
  }

  /** Ids tell when a document was made; those of the last seconds may still appear. */
  #covered({ after }: Place, { goesOn, beganMs }: { goesOn: boolean; beganMs: number }): CoveredSpan[] {
    const { cover, mapping, settings } = this.options;
    const startMs = after === undefined ? beganMs - settings.firstLook : timeOf(after);
    const fromMs = goesOn ? startMs - settings.overlap : startMs;
    return cover.read(mapping.mesh, { fromMs, toMs: beganMs - SHALLOW_MS, goesOn });
  }

  async *#documents(start: Place, nowMs: number, call: Call): AsyncGenerator<MeshDocument[], void, undefined> {
    try {
      yield* this.#tail.made(start, nowMs, call);
      yield* this.#tail.changed(start, call);
    } catch (error) {
      if (isPlatformError(error) && error.code === 'permission-denied')
        this.options.cover.refuse(this.options.mapping.mesh);
      throw error;
    }
  }

  #startOf(from: Checkpoint | undefined): Place {
    const place = placeOf(from);
    return place.after === undefined
      ? { ...place, after: idAt(this.options.kit.clock.now() - this.options.settings.firstLook) }
      : place;
  }

  /** Points of what is new or has changed. */
  #observe(documents: readonly MeshDocument[]): Observation[] {
    const readings: Reading[] = [];
    for (const document of documents) {
      const print = digest(attributesOf(document));
      if (this.#known.get(document._id) === print) continue;
      this.#known.set(document._id, print);
      const reading = readingOf(document, this.options.mapping);
      if (typeof reading === 'string') this.#misfits.count(reading, document);
      else {
        this.#misfits.fits();
        readings.push(reading);
      }
    }
    return batchesOf(readings, 'poll').map((batch): Observation => ({ type: 'points', ...batch }));
  }

  #prune({ after }: Place): void {
    const oldest = after === undefined ? '' : this.#tail.oldest(after);
    for (const id of this.#known.keys()) {
      if (id < oldest || this.#known.size > MOST_REMEMBERED) this.#known.delete(id);
    }
  }
}

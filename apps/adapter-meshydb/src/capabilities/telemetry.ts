import {
  type Call,
  type Checkpoint,
  type ConnectionKit,
  digest,
  type Limitations,
  type Observation,
  type Page,
  type Poll,
} from '@tributary/adapter-kit';
import type { DocumentMapping } from '../config.ts';
import { attributesOf, batchesOf, type Reading, readingOf } from '../mapping.ts';
import { idAt, idBefore } from '../object-id.ts';
import type { MeshReader } from '../reader.ts';
import { Rest } from '../rest.ts';
import { type Place, placeOf, Tail, writtenPlace } from '../tail.ts';
import type { MeshDocument } from '../wire.ts';
import { Misfits } from './telemetry.misfits.ts';

export interface DocumentsOptions {
  kit: Pick<ConnectionKit, 'clock' | 'items'>;
  reader: MeshReader;
  limitations: Limitations;
  mapping: DocumentMapping;
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
      this.#rest.reset();
    }
    if (!this.#rest.isOver()) return;
    const call: Call = { lane: 'live', signal };
    const start = this.#startOf(from);
    let place = start;
    let news = false;
    for await (const documents of this.#documents(start, clock.monotonicMs(), call)) {
      place = this.#tail.moved(place, documents, clock.now());
      this.#number += 1;
      const items = this.#observe(documents);
      news ||= items.length > 0;
      yield { items, checkpoint: { ...writtenPlace(place), number: this.#number } };
    }
    this.#prune(place);
    this.#rest.after(news);
  }

  async *#documents(start: Place, nowMs: number, call: Call): AsyncGenerator<MeshDocument[], void, undefined> {
    yield* this.#tail.made(start, nowMs, call);
    yield* this.#tail.changed(start, call);
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
      if (typeof reading === 'string') this.#misfits.count(reading);
      else {
        this.#misfits.fits();
        readings.push(reading);
      }
    }
    return batchesOf(readings, 'poll').map((batch): Observation => ({ type: 'points', ...batch }));
  }

  #prune({ after }: Place): void {
    const oldest = after === undefined ? '' : idBefore(after, this.options.settings.overlap);
    for (const id of this.#known.keys()) {
      if (id < oldest || this.#known.size > MOST_REMEMBERED) this.#known.delete(id);
    }
  }
}

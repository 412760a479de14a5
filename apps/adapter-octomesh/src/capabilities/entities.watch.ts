import type { Checkpoint, ConnectionKit, Limitations, Observation, Page, Poll } from '@tributary/adapter-kit';
import { type EntityRecord, isPlatformError } from '@tributary/contracts';
import type { Settings } from '../config.ts';
import { modelOf } from '../device-types.ts';
import { entitySelection } from '../dialect/documents.ts';
import { flatten } from '../dialect/names.ts';
import { isOfThisRequest } from '../errors.ts';
import { attributeReports, entityRecord } from '../mapping.ts';
import type { EntityModel, SchemaModel } from '../schema/model.ts';
import type { SchemaCache } from '../schema/schema-cache.ts';
import type { StreamCatalogue } from '../stream-catalogue.ts';
import { allEntities, type EntityReader } from './entities.pages.ts';
import { digestOf, type Prints, readDigests, sameDigests, writeDigests } from './entities.prints.ts';

export interface WatchOptions {
  kit: Pick<ConnectionKit, 'clock' | 'log'>;
  reader: EntityReader;
  schema: SchemaCache;
  catalogue: StreamCatalogue;
  limitations: Limitations;
  settings: Settings['entities'] & { pageSize: number };
}

interface Round {
  schema: SchemaModel;
  digests: Map<string, string>;
  devices: ReadonlySet<string>;
  signal: AbortSignal;
}

type Say = (record: EntityRecord) => Observation | undefined;
type Pages = AsyncGenerator<Page<Observation>, Prints | undefined, undefined>;

const nothing: Say = () => undefined;

/**
 * Looks at every entity of the watched types and says what was made, changed and removed since the last look. The
 * checkpoint keeps one digest a type: after a restart a type with the same digest says nothing, and one with another
 * says all of its entities as updated. Attributes of devices are told along the way.
 */
export class EntityWatch implements Poll {
  readonly schedule = 'entities';
  readonly #prints = new Map<string, Prints>();
  /** Number of the last pass that found anything; memory is good only while the checkpoint that comes back is that pass's. */
  #pass: number;
  /** The last pass came to its end. */
  #whole = true;

  constructor(private readonly options: WatchOptions) {
    this.#pass = options.kit.clock.now();
  }

  async *run(from: Checkpoint | undefined, signal: AbortSignal): AsyncGenerator<Page<Observation>, void, undefined> {
    const schema = await this.options.schema.get('reconcile', signal);
    const { deviceTypes } = await this.options.catalogue.plan('reconcile', signal);
    if (!this.#whole || from?.pass !== this.#pass) this.#prints.clear();
    this.#whole = false;
    const digests = readDigests(from);
    for (const flat of digests.keys()) if (!schema.entities.has(flat)) digests.delete(flat);
    for (const flat of this.#prints.keys()) if (!schema.entities.has(flat)) this.#prints.delete(flat);
    const round: Round = { schema, digests, devices: new Set(deviceTypes.map(({ flat }) => flat)), signal };
    for (const type of schema.entities.values()) {
      if (this.#isWatched(type)) yield* this.#watch(type, round);
      else if (round.devices.has(type.flat)) yield* this.#list(type, round, nothing);
    }
    if (from === undefined || !sameDigests(digests, readDigests(from))) {
      this.#pass += 1;
      yield { items: [], checkpoint: writeDigests(this.#pass, digests) };
    } else this.#pass = Number(from.pass);
    this.#whole = true;
  }

  #isWatched({ flat }: EntityModel): boolean {
    const { watch, types } = this.options.settings;
    return watch && (types === undefined || types.some((type) => flatten(type) === flat));
  }

  async *#watch(type: EntityModel, round: Round): AsyncGenerator<Page<Observation>, void, undefined> {
    const { flat } = type;
    const before = this.#prints.get(flat);
    const last = round.digests.get(flat);
    const created: Say = (record) => entityChange('created', record);
    const say: Say = before ? (record) => changeOf(record, before) : last === undefined ? created : nothing;
    let now = yield* this.#list(type, round, say);
    // Nobody remembers which of them it was: all are told as they are.
    const differs = now && !before && last !== undefined && digestOf(now) !== last;
    if (differs) now = yield* this.#list(type, round, (record) => entityChange('updated', record));
    if (!now) {
      this.#prints.delete(flat);
      return;
    }
    // The pass is whole: only now can be said what is gone.
    const there = now;
    const gone = [...(before?.keys() ?? [])].filter((id) => !there.has(id));
    if (gone.length > 0) yield { items: gone.map((nativeId) => entityRemoved(type.name, nativeId)) };
    this.#prints.set(flat, now);
    round.digests.set(flat, digestOf(now));
  }

  /** One pass over a type; answers its prints, or undefined when it was not whole or is too large to be remembered. */
  async *#list(type: EntityModel, { schema, devices, signal }: Round, say: Say): Pages {
    const { reader, settings } = this.options;
    const asked = { first: settings.pageSize, selection: entitySelection(type) };
    const now: Prints = new Map();
    let room = this.#roomFor(type);
    try {
      for await (const entities of allEntities(reader, type, asked, { lane: 'reconcile', signal })) {
        // Entities of derived types show here as well, and have a pass of their own.
        const own = entities.filter((entity) => modelOf(entity, type, schema) === type);
        const records = own.map((entity) => entityRecord(entity, type));
        room -= records.length;
        if (room >= 0) for (const { nativeId, etag } of records) now.set(nativeId, etag);
        const attributes = devices.has(type.flat) ? records.map(attributesOf) : [];
        yield { items: [...attributes, ...(room < 0 ? [] : records.flatMap((record) => say(record) ?? []))] };
        if (room < 0 && !devices.has(type.flat)) break;
      }
    } catch (error) {
      this.#setAside(type, error);
      return undefined;
    }
    return this.#fits(type, room >= 0) ? now : undefined;
  }

  #roomFor({ flat }: EntityModel): number {
    let others = 0;
    for (const [other, prints] of this.#prints) if (other !== flat) others += prints.size;
    return this.options.settings.maxWatched - others;
  }

  #fits({ flat, name }: EntityModel, fits: boolean): boolean {
    const { limitations } = this.options;
    if (fits) limitations.lift(`watch ${flat}`);
    else
      limitations.note(
        `watch ${flat}`,
        `${name} has more entities than entities.maxWatched leaves room for: not watched`,
      );
    return fits;
  }

  /** One type that cannot be listed harms no other. */
  #setAside({ flat, name }: EntityModel, error: unknown): void {
    if (!isPlatformError(error) || !isOfThisRequest(error)) throw error;
    this.options.kit.log.warn({ type: name, code: error.code }, 'a type cannot be listed; the others go on');
    this.options.limitations.note(`watch ${flat}`, `${name}: ${error.message}`);
    this.options.schema.outdated();
  }
}

const attributesOf = (record: EntityRecord): Observation => ({
  type: 'attributes',
  device: record.nativeId,
  attributes: attributeReports(record),
});

function changeOf(record: EntityRecord, before: Prints): Observation | undefined {
  const print = before.get(record.nativeId);
  if (print === record.etag) return undefined;
  return entityChange(print === undefined ? 'created' : 'updated', record);
}

const entityChange = (
  change: 'created' | 'updated',
  { type, nativeId, name, attributes }: EntityRecord,
): Observation => ({
  type: 'entity',
  change,
  entity: { entityType: type, nativeId, attributes, ...(name === undefined ? {} : { name }) },
});

const entityRemoved = (entityType: string, nativeId: string): Observation => ({
  type: 'entity',
  change: 'removed',
  entity: { entityType, nativeId, attributes: {} },
});

import type { Call, ConnectionKit, Lane, Limitations } from '@tributary/adapter-kit';
import { isPlatformError, NotFoundError } from '@tributary/contracts';
import type { OctomeshClient } from '../client.ts';
import { flatten, isName } from '../dialect/names.ts';
import { isOfThisRequest } from '../errors.ts';
import { buildModel } from './build-model.ts';
import { readLibraries } from './libraries.ts';
import { type EntityModel, type Libraries, NO_LIBRARIES, type SchemaModel } from './model.ts';
import { TypeMap } from './type-map.ts';
import { TypeNames } from './type-names.ts';

export interface SchemaOptions {
  client: OctomeshClient;
  kit: Pick<ConnectionKit, 'clock' | 'log'>;
  limitations: Limitations;
  /** Types that the settings name: their libraries need no guess. */
  configured: readonly string[];
}

/** A schema is read again after this long; sooner when the platform contradicts it. */
const FRESH_MS = 10 * 60_000;
/** However often it is contradicted, it is read no more often than this: each reading is a query. */
const CONTRADICTED_MS = 60_000;
/** A type that is not in a schema as young as this does not exist. */
const MIN_AGE_MS = 30_000;
const KITS = 'construction-kits';

/** The tenant's schema as last read. One reading serves all who wait for it. */
export class SchemaCache {
  #model: SchemaModel | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<SchemaModel> | undefined;
  #generation = 0;

  constructor(private readonly options: SchemaOptions) {}

  /** What is known now, if anything is. */
  get known(): SchemaModel | undefined {
    return this.#model;
  }

  /** Read again where it is older than `maxAgeMs`. */
  async get(lane: Lane, signal: AbortSignal, maxAgeMs = FRESH_MS): Promise<SchemaModel> {
    const fresh = this.options.kit.clock.monotonicMs() - this.#readAtMs < maxAgeMs;
    return this.#model && fresh ? this.#model : this.#read({ lane, signal });
  }

  /** The platform contradicts it: the next question reads it again, unless that has just been done. */
  outdated(): void {
    if (this.options.kit.clock.monotonicMs() - this.#readAtMs >= CONTRADICTED_MS)
      this.#readAtMs = Number.NEGATIVE_INFINITY;
  }

  /** The schema was changed through us: what is being read now may be older than the change. */
  changed(): void {
    this.#generation += 1;
    this.#reading = undefined;
    this.#readAtMs = Number.NEGATIVE_INFINITY;
  }

  /** A type by its CK name or its flattened one; the schema is read again before it is said to be unknown. */
  async entity(type: string, call: Call): Promise<EntityModel> {
    const flat = flatten(type);
    const known = (await this.get(call.lane, call.signal)).entities.get(flat);
    if (known) return known;
    const tooYoung = this.options.kit.clock.monotonicMs() - this.#readAtMs < MIN_AGE_MS;
    const found = tooYoung || !isName(flat) ? undefined : (await this.#read(call)).entities.get(flat);
    if (found) return found;
    throw new NotFoundError(`OctoMesh has no type ${JSON.stringify(type.slice(0, 80))}; see the entity types`);
  }

  #read(call: Call): Promise<SchemaModel> {
    // Whoever waits may leave; the reading goes on for the others, within the limits of its calls.
    if (this.#reading) return this.#reading;
    const reading = this.#load({ ...call, signal: new AbortController().signal }).finally(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    this.#reading = reading;
    return reading;
  }

  async #load(call: Call): Promise<SchemaModel> {
    const { client, kit, configured } = this.options;
    const generation = this.#generation;
    const [schema, libraries] = await Promise.all([client.schema(call), this.#libraries(call)]);
    const names = new TypeNames(libraries.ids, configured);
    const model = buildModel(new TypeMap(schema.types), schema, names, libraries);
    if (generation !== this.#generation) return model;
    this.#model = model;
    this.#readAtMs = kit.clock.monotonicMs();
    return model;
  }

  /** The list of libraries makes names better, and is not needed for anything. */
  async #libraries(call: Call): Promise<Libraries> {
    const { client, limitations, kit } = this.options;
    try {
      const kits = await client.constructionKits(call);
      limitations.lift(KITS);
      return readLibraries(kits);
    } catch (error) {
      if (!isPlatformError(error) || error.code === 'authentication') throw error;
      if (isOfThisRequest(error)) {
        limitations.note(KITS, 'the list of construction kits cannot be read: types have their flattened names');
      } else kit.log.warn({ code: error.code }, 'the list of construction kits did not come; the last one stays');
      return this.#model?.libraries ?? NO_LIBRARIES;
    }
  }
}

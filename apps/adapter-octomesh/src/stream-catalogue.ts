import type { ConnectionKit, Lane, Limitations } from '@tributary/adapter-kit';
import type { PlatformError } from '@tributary/contracts';
import type { OctomeshClient } from './client.ts';
import { entityPages, FIELDS_PER_DOCUMENT, streamPages } from './dialect/documents.ts';
import type { EntityModel, SchemaModel, StreamModel } from './schema/model.ts';
import type { SchemaCache } from './schema/schema-cache.ts';
import { type Configured, planStreams, type StreamPlan, type UsedStream } from './schema/streams-in-use.ts';
import { connectionPage, runtimeEntity, streamRow } from './wire.ts';

export interface CatalogueOptions {
  client: OctomeshClient;
  kit: Pick<ConnectionKit, 'items' | 'log'>;
  schema: SchemaCache;
  configured: readonly Configured[] | undefined;
  limitations: Limitations;
}

const NO_DEVICES = 'no-devices';
const MISSING = 'missing-types';

/** Which types are devices and which streams are read, as of the schema last read. */
export class StreamCatalogue {
  /** Types whose entities were found in the rows of a stream that shows them in no other way. */
  #measured = new Map<string, readonly string[]>();
  #planned: { schema: SchemaModel; plan: StreamPlan } | undefined;

  constructor(private readonly options: CatalogueOptions) {}

  async plan(lane: Lane, signal: AbortSignal): Promise<StreamPlan> {
    const schema = await this.options.schema.get(lane, signal);
    if (this.#planned?.schema === schema) return this.#planned.plan;
    const plan = planStreams(schema, this.options.configured, this.#measured);
    this.#planned = { schema, plan };
    this.#say(plan);
    return plan;
  }

  /** The plan as it was last made; undefined before the first. */
  get known(): StreamPlan | undefined {
    return this.#planned?.plan;
  }

  /**
   * As `plan`, after a look into the rows of streams of which the schema does not tell whom they measure: one of their
   * entities shows the type.
   */
  async planByRows(signal: AbortSignal): Promise<StreamPlan> {
    const plan = await this.plan('reconcile', signal);
    const unknown = plan.streams.filter(({ owners }) => owners.length === 0).map(({ model }) => model);
    if (this.options.configured || unknown.length === 0) return plan;
    const entities = await this.#measuredEntities(unknown, signal);
    const found = await this.#typesOf(entities, signal);
    if (found.size === 0) return plan;
    this.#measured = new Map([...this.#measured, ...found]);
    this.#planned = undefined;
    return this.plan('reconcile', signal);
  }

  /** One stream cannot be read: the others go on, and the schema is looked at again. */
  trouble(stream: UsedStream, error: PlatformError): void {
    const { kit, limitations, schema } = this.options;
    const { name } = stream.model;
    kit.log.warn({ stream: name, code: error.code }, 'a stream cannot be read; the others go on');
    limitations.note(`stream ${stream.model.flat}`, `${name}: ${error.message}`);
    if (error.code !== 'permission-denied') schema.outdated();
  }

  well(stream: UsedStream): void {
    this.options.limitations.lift(`stream ${stream.model.flat}`);
  }

  #say({ deviceTypes, streams, missing }: StreamPlan): void {
    const { limitations } = this.options;
    if (missing.length > 0) limitations.note(MISSING, `deviceTypes: ${missing.join('; ')}`);
    else limitations.lift(MISSING);
    const nothing = deviceTypes.length === 0 || streams.length === 0;
    if (nothing) limitations.note(NO_DEVICES, 'no type of this tenant is known to have stream data: name deviceTypes');
    else limitations.lift(NO_DEVICES);
  }

  /** Id of one entity for each stream that has rows. */
  async #measuredEntities(streams: readonly StreamModel[], signal: AbortSignal): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const some of inGroups(streams)) {
      const document = streamPages(some.map((stream) => ({ stream, page: { first: 1 }, attributes: [] })));
      const options = { id: 'OCTO-10', lane: 'reconcile' as const, signal };
      const answers = await this.options.client.fields('streamData', document, some.length, options);
      for (const [index, answer] of answers.entries()) {
        const [row] = 'value' in answer ? this.options.kit.items(streamRow, itemsOf(answer.value), 'stream row') : [];
        const flat = some[index]?.flat;
        if (row && flat !== undefined) found.set(flat, row.rtId);
      }
    }
    return found;
  }

  /** Asks every type for these entities; an entity shows under its type and under those that it is derived from. */
  async #typesOf(entities: ReadonlyMap<string, string>, signal: AbortSignal): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>();
    if (entities.size === 0) return found;
    const ids = [...new Set(entities.values())];
    const { schema, client, kit } = this.options;
    const models = [...(await schema.get('reconcile', signal)).entities.values()];
    const askable = models.filter(({ idOperators }) => idOperators.has('in'));
    for (const some of inGroups(askable)) {
      const page = { first: ids.length, filter: { rtId: { in: ids } } };
      const document = entityPages(some.map((model: EntityModel) => ({ model, page, selection: 'rtId' })));
      const options = { id: 'OCTO-06', lane: 'reconcile' as const, signal };
      const answers = await client.fields('runtime', document, some.length, options);
      for (const [index, answer] of answers.entries()) {
        const items = 'value' in answer ? kit.items(runtimeEntity, itemsOf(answer.value), 'entity') : [];
        const there = new Set(items.map(({ rtId }) => rtId));
        for (const [stream, id] of entities) {
          const flat = some[index]?.flat;
          if (flat !== undefined && there.has(id)) found.set(stream, [...(found.get(stream) ?? []), flat]);
        }
      }
    }
    return found;
  }
}

const itemsOf = (value: unknown): unknown[] => {
  const page = connectionPage.safeParse(value);
  return page.success ? page.data.items : [];
};

function* inGroups<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += FIELDS_PER_DOCUMENT) yield all.slice(at, at + FIELDS_PER_DOCUMENT);
}

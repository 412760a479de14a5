import { flatten } from '../dialect/names.ts';
import type { EntityModel, Libraries, SchemaModel, StreamModel } from './model.ts';
import { shortName } from './type-names.ts';

/** A stream that is read, and what its measured attributes are called as signals. */
export interface UsedStream {
  model: StreamModel;
  /** Flattened names of the types whose entities it measures; none where the schema does not tell. */
  owners: readonly string[];
  signalOf(attribute: string): string;
  /** UCUM code, where the construction kit tells one that is known. */
  unitOf(attribute: string): string | undefined;
}

export interface Configured {
  type: string;
  stream?: string | undefined;
}

/** What the settings ask for and the schema has, and what of it is missing. */
export interface StreamPlan {
  deviceTypes: readonly EntityModel[];
  streams: readonly UsedStream[];
  missing: readonly string[];
}

/**
 * Decides which entities are devices and which streams are read. With configured types: those, and the streams named
 * or shown by them. Without: every stream, and every type that shows readings of one, has one of its own name, or is
 * known to be measured by one (`measured`: flattened stream to flattened types, found in the rows themselves).
 */
export function planStreams(
  schema: SchemaModel,
  configured: readonly Configured[] | undefined,
  measured: ReadonlyMap<string, readonly string[]>,
): StreamPlan {
  const owners = ownersOf(schema, measured);
  if (!configured) {
    const flats = new Set([...owners.values()].flat());
    return {
      deviceTypes: [...schema.entities.values()].filter(({ flat }) => flats.has(flat)),
      streams: named(
        [...schema.streams.values()].map((model) => ({ model, owners: owners.get(model.flat) ?? [] })),
        schema.libraries,
      ),
      missing: [],
    };
  }
  return planConfigured(schema, configured, owners);
}

function planConfigured(
  schema: SchemaModel,
  configured: readonly Configured[],
  owners: ReadonlyMap<string, readonly string[]>,
): StreamPlan {
  const types = new Map<string, EntityModel>();
  const used = new Map<string, Set<string>>();
  const missing: string[] = [];
  for (const { type, stream } of configured) {
    const model = schema.entities.get(flatten(type));
    if (model) types.set(model.flat, model);
    else missing.push(`the tenant has no type ${type}`);
    for (const flat of stream === undefined ? shownBy(flatten(type), owners) : [flatten(stream)]) {
      if (!schema.streams.has(flat)) missing.push(`the tenant has no stream ${stream ?? flat}`);
      else used.set(flat, (used.get(flat) ?? new Set()).add(flatten(type)));
    }
  }
  const streams = [...used].flatMap(([flat, of]) => {
    const model = schema.streams.get(flat);
    return model ? [{ model, owners: [...of] }] : [];
  });
  return { deviceTypes: [...types.values()], streams: named(streams, schema.libraries), missing };
}

const shownBy = (type: string, owners: ReadonlyMap<string, readonly string[]>): string[] =>
  [...owners].filter(([, types]) => types.includes(type)).map(([stream]) => stream);

/** Types that each stream measures, as far as it can be told. */
function ownersOf(
  schema: SchemaModel,
  measured: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const owners = new Map([...schema.streams.keys()].map((flat) => [flat, new Set(measured.get(flat))]));
  for (const entity of schema.entities.values()) {
    owners.get(entity.flat)?.add(entity.flat);
    for (const reading of entity.readingTypes) {
      const stream = streamShown(reading, schema);
      if (stream) owners.get(stream.flat)?.add(entity.flat);
    }
  }
  return new Map([...owners].map(([flat, types]) => [flat, [...types]]));
}

/** An association shows readings as the stream's own rows, or as a view that is named after them. */
function streamShown(reading: string, schema: SchemaModel): StreamModel | undefined {
  const candidates = [...schema.streams.values()].filter(
    ({ objectType, flat }) => reading.startsWith(objectType) || reading.startsWith(flat),
  );
  return candidates.toSorted((a, b) => b.flat.length - a.flat.length)[0];
}

/**
 * A signal is called as its attribute. Where two streams measure the same entities and share a name, both put their own
 * before it: one signal must not be two things.
 */
function named(streams: readonly Pick<UsedStream, 'model' | 'owners'>[], { units }: Libraries): UsedStream[] {
  return streams.map((stream) => {
    const rivals = streams.filter((other) => other !== stream && mayMeasureTheSame(other, stream));
    const taken = new Set(rivals.flatMap(({ model }) => model.attributes.map(({ name }) => name)));
    const prefix = shortName(stream.model.name);
    return {
      ...stream,
      signalOf: (attribute) => (taken.has(attribute) ? `${prefix}.${attribute}` : attribute),
      unitOf: (attribute) => units.get(stream.model.flat)?.get(attribute),
    };
  });
}

/** A stream of which nobody knows what it measures may measure anything. */
const mayMeasureTheSame = (a: Pick<UsedStream, 'owners'>, b: Pick<UsedStream, 'owners'>): boolean =>
  a.owners.length === 0 || b.owners.length === 0 || a.owners.some((owner) => b.owners.includes(owner));

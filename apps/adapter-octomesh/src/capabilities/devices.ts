import type { Adapter, Call, ConnectionKit, DeviceSnapshot, NativeId, SpaceRef } from '@tributary/adapter-kit';
import { NotFoundError, UnavailableError } from '@tributary/contracts';
import type { Settings } from '../config.ts';
import { type DeviceTypes, modelOf } from '../device-types.ts';
import { ENTITY, linkSelection } from '../dialect/documents.ts';
import { type DevicePlace, deviceSnapshot, spaceOf } from '../mapping.ts';
import type { Association, EntityModel, SchemaModel } from '../schema/model.ts';
import type { SchemaCache } from '../schema/schema-cache.ts';
import type { StreamCatalogue } from '../stream-catalogue.ts';
import { connectionPage, type RuntimeEntity, runtimeEntity } from '../wire.ts';
import { allEntities, type EntityReader } from './entities.pages.ts';

export interface DevicesOptions {
  kit: Pick<ConnectionKit, 'devices'>;
  reader: EntityReader;
  schema: SchemaCache;
  catalogue: StreamCatalogue;
  types: DeviceTypes;
  settings: Pick<Settings, 'spaces' | 'parent' | 'names' | 'pageSize'>;
}

/** Entities with stream data, of every device type. */
export function devicesCapability(options: DevicesOptions): NonNullable<Adapter['devices']> {
  return {
    async *discover(signal) {
      const { deviceTypes, missing } = await options.catalogue.planByRows(signal);
      const schema = await options.schema.get('reconcile', signal);
      const seen = new Set<NativeId>();
      for (const model of deviceTypes) {
        for await (const items of devicesOf(options, { model, schema, seen }, { lane: 'reconcile', signal }))
          yield { items };
      }
      // A schema that has lost a type does not say that its devices are gone: the sweep must not end well.
      if (missing.length > 0) throw new NotFoundError(`deviceTypes: ${missing.join('; ')}`);
      if (deviceTypes.length === 0 && options.kit.devices().length > 0) {
        throw new UnavailableError('the schema shows no type with stream data any more');
      }
      options.types.keep(seen);
    },
  };
}

/** An entity also shows under the types that its own is derived from: it is taken once. */
async function* devicesOf(
  { reader, settings, types }: DevicesOptions,
  { model, schema, seen }: { model: EntityModel; schema: SchemaModel; seen: Set<NativeId> },
  call: Call,
): AsyncGenerator<DeviceSnapshot[], void, undefined> {
  const ways = waysUp(model, schema, settings);
  const names = model.attributes.filter(({ name }) => isNaming(name, settings.names)).map(({ selection }) => selection);
  const selection = [ENTITY, ...names, ...ways.map((way) => way.selection)].join(' ');
  for await (const entities of allEntities(reader, model, { first: settings.pageSize, selection }, call)) {
    const fresh = entities.filter(({ rtId }) => !seen.has(rtId));
    for (const entity of fresh) {
      seen.add(entity.rtId);
      types.learn(entity.rtId, modelOf(entity, model, schema));
    }
    yield fresh.map((entity) =>
      deviceSnapshot(entity, modelOf(entity, model, schema), settings.names, placeOf(entity, ways, settings.parent)),
    );
  }
}

const isNaming = (name: string, names: Settings['names']): boolean =>
  name === 'wellKnownName' || Object.values(names).includes(name);

/** An association that is read with a device: to its place, and on from there, or to its parent. */
interface Way {
  name: string;
  selection: string;
  typeName: string;
  further: Way[];
}

function waysUp(model: EntityModel, schema: SchemaModel, { spaces, parent }: DevicesOptions['settings']): Way[] {
  const up = placesOf(model, schema, spaces, spaces.depth);
  const owner = model.associations.find(({ name }) => name === parent && !spaces.associations.includes(name));
  const way = owner && wayOf(owner, schema, []);
  return way ? [...up, way] : up;
}

function placesOf(model: EntityModel, schema: SchemaModel, spaces: Settings['spaces'], depth: number): Way[] {
  if (depth === 0) return [];
  return spaces.associations.flatMap((name) => {
    const association = model.associations.find((candidate) => candidate.name === name && !candidate.union);
    if (!association) return [];
    const target = modelOfObject(association.objectTypes[0], schema);
    return wayOf(association, schema, target ? placesOf(target, schema, spaces, depth - 1) : []) ?? [];
  });
}

/** One place is where a device is; a second is asked for by nobody. */
function wayOf(association: Association, schema: SchemaModel, further: Way[]): Way | undefined {
  const target = modelOfObject(association.objectTypes[0], schema);
  if (!target || association.union) return undefined;
  const names = target.attributes.filter(({ name }) => name === 'name' || name === 'wellKnownName');
  const members = ['rtId', ...names.map(({ selection }) => selection), ...further.map((way) => way.selection)];
  return { name: association.name, selection: linkSelection(association, members), typeName: target.name, further };
}

const modelOfObject = (objectType: string | undefined, schema: SchemaModel): EntityModel | undefined =>
  [...schema.entities.values()].find((model) => model.objectType === objectType);

function placeOf(entity: RuntimeEntity, ways: readonly Way[], parent: string | undefined): DevicePlace {
  const owner = linked(entity, parent ?? '')?.rtId;
  const places = ways.filter(({ name }) => name !== parent);
  const spaces = places.map((way) => spacesUp(entity, way)).find((found) => found.length > 0) ?? [];
  return { spaces, ...(owner === undefined || owner === entity.rtId ? {} : { parent: owner }) };
}

/** Outermost first. */
function spacesUp(entity: RuntimeEntity, way: Way): SpaceRef[] {
  const place = linked(entity, way.name);
  if (!place) return [];
  const outer = way.further.map((further) => spacesUp(place, further)).find((found) => found.length > 0) ?? [];
  const own = spaceOf(place, way.typeName);
  return outer.some(({ nativeId }) => nativeId === own.nativeId) ? outer : [...outer, own];
}

/** The first entity that an association leads to; a link that does not fit leads nowhere. */
function linked(entity: RuntimeEntity, association: string): RuntimeEntity | undefined {
  const page = connectionPage.safeParse(entity[association]);
  const read = page.success ? runtimeEntity.safeParse(page.data.items[0]) : undefined;
  return read?.success ? read.data : undefined;
}

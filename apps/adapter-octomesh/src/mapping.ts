import {
  type AttributeReport,
  type DeviceSnapshot,
  digest,
  type NativeId,
  type PointBatch,
  type PointValue,
  type SpaceRef,
} from '@tributary/adapter-kit';
import type { EntityRecord, Json, Origin } from '@tributary/contracts';
import type { Attribute, EntityModel, StreamModel } from './schema/model.ts';
import { shortName } from './schema/type-names.ts';
import type { ConstructionKit, RuntimeEntity, StreamRow } from './wire.ts';

/** RFC 3339 from milliseconds. */
export const instant = (ms: number): string => new Date(ms).toISOString();

/** Attributes that say what a record is called, by the names that a tenant's types give them. */
export interface NameAttributes {
  name: string;
  serial: string;
  description: string;
}

/** `name`, else the well-known name, else the id. */
export function displayName(entity: RuntimeEntity, name = 'name'): string {
  const given = entity[name];
  if (typeof given === 'string' && given !== '') return given;
  return entity.wellKnownName ? entity.wellKnownName : entity.rtId;
}

/** A record of any type: every attribute that has a value, times in one form. */
export function entityRecord(entity: RuntimeEntity, model: EntityModel): EntityRecord {
  const attributes = attributesOf(entity, model);
  return {
    type: model.name,
    nativeId: entity.rtId,
    etag: digest({ id: entity.rtId, ...attributes }),
    name: displayName(entity),
    attributes,
  };
}

/** Times become UTC to the millisecond where that loses nothing, so that they can be compared as text. */
function attributesOf(entity: RuntimeEntity, model: EntityModel): Record<string, Json> {
  const named = model.attributes.map((attribute): [string, Json | undefined] => [
    attribute.name,
    readValue(entity[attribute.name], attribute),
  ]);
  return Object.fromEntries(named.filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

function readValue(value: unknown, { kind, list }: Attribute): Json | undefined {
  if (value === null || value === undefined) return undefined;
  return kind === 'instant' && !list && typeof value === 'string' ? instantOf(value) : (value as Json);
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3}0*)?(?:Z|[+-]\d{2}:\d{2})$/;

function instantOf(text: string): string {
  const ms = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? text : instant(ms);
}

export interface DevicePlace {
  spaces: SpaceRef[];
  parent?: NativeId;
}

/** An entity with stream data is a device; its attributes are read as attributes, not repeated here. */
export function deviceSnapshot(
  entity: RuntimeEntity,
  model: EntityModel,
  names: NameAttributes,
  { spaces, parent }: DevicePlace,
): DeviceSnapshot {
  const description = textOf(entity[names.description]);
  const serial = textOf(entity[names.serial]);
  return {
    nativeId: entity.rtId,
    name: displayName(entity, names.name),
    kind: model.name,
    ...(entity.wellKnownName ? { label: entity.wellKnownName } : {}),
    ...(description === undefined ? {} : { description }),
    ...(serial === undefined ? {} : { serial }),
    ...(parent === undefined ? {} : { parent }),
    spaces,
    properties: {},
  };
}

const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** A place on the way up from a device; its kind is the short name of its type, such as `Location`. */
export const spaceOf = (entity: RuntimeEntity, typeName: string): SpaceRef => ({
  nativeId: entity.rtId,
  name: displayName(entity),
  kind: shortName(typeName),
});

/** What the platform keeps of a device, in its own hands. */
export const attributeReports = (record: EntityRecord): AttributeReport[] =>
  Object.entries(record.attributes).map(([name, value]) => ({ scope: 'server', name, value }));

export interface RowReading {
  stream: StreamModel;
  /** What a measured attribute is called as a signal. */
  signalOf: (attribute: string) => string;
  unitOf: (attribute: string) => string | undefined;
}

/** Points of the rows, one batch a device. A measured attribute without a value gives no point. */
export function pointBatches(rows: readonly StreamRow[], reading: RowReading, origin: Origin): PointBatch[] {
  const batches = new Map<NativeId, PointBatch>();
  for (const row of rows) {
    const batch = batches.get(row.rtId) ?? { device: row.rtId, origin, points: [] };
    batch.points.push(...pointsOf(row, reading));
    if (batch.points.length > 0) batches.set(row.rtId, batch);
  }
  return [...batches.values()];
}

function pointsOf(row: StreamRow, { stream, signalOf, unitOf }: RowReading): PointValue[] {
  const tsMs = Date.parse(row.timestamp);
  return stream.attributes.flatMap(({ name }) => {
    const value = row[name];
    if (value === null || value === undefined) return [];
    const unit = unitOf(name);
    return [{ signal: signalOf(name), tsMs, value: value as PointValue['value'], ...(unit ? { unit } : {}) }];
  });
}

/** Construction kits are offered as records: one a library and version. */
export function kitRecord(kit: ConstructionKit, type: string): EntityRecord {
  const { libraryId, version, ...rest } = kit;
  const attributes = { libraryId, ...(version ? { version } : {}), ...(rest as Record<string, Json>) };
  return { type, nativeId: kitId(kit), etag: digest(attributes), name: libraryId, attributes };
}

export const kitId = ({ libraryId, version }: Pick<ConstructionKit, 'libraryId' | 'version'>): NativeId =>
  version ? `${libraryId}@${version}` : libraryId;

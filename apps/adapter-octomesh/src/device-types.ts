import type { NativeId } from '@tributary/adapter-kit';
import { flatten } from './dialect/names.ts';
import type { EntityModel, SchemaModel } from './schema/model.ts';
import type { RuntimeEntity } from './wire.ts';

/** Devices whose type is remembered; of others it is asked for. */
const MAX_DEVICES = 200_000;

/** Which type each device is of, by its id: what ids alone do not tell. In memory, bounded. */
export class DeviceTypes {
  readonly #flats = new Map<NativeId, string>();

  learn(device: NativeId, model: EntityModel): void {
    if (this.#flats.size >= MAX_DEVICES && !this.#flats.has(device)) return;
    this.#flats.set(device, model.flat);
  }

  flatOf(device: NativeId): string | undefined {
    return this.#flats.get(device);
  }

  /** After a whole discovery: what is gone is forgotten. */
  keep(devices: ReadonlySet<NativeId>): void {
    for (const device of this.#flats.keys()) if (!devices.has(device)) this.#flats.delete(device);
  }
}

/** The type that an entity says it is of, where the schema has it; else the one it was listed under. */
export function modelOf(entity: RuntimeEntity, listed: EntityModel, schema: SchemaModel): EntityModel {
  return (entity.ckTypeId ? schema.entities.get(flatten(entity.ckTypeId)) : undefined) ?? listed;
}

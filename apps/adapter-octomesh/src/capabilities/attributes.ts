import type { Adapter, AttributeReport, Call, NativeId } from '@tributary/adapter-kit';
import {
  type EntityRecord,
  InvalidRequestError,
  isPlatformError,
  NotFoundError,
  type PlatformError,
} from '@tributary/contracts';
import { type DeviceTypes, modelOf } from '../device-types.ts';
import { ENTITY, updateEntity } from '../dialect/documents.ts';
import { CODES } from '../errors.ts';
import { attributeReports } from '../mapping.ts';
import type { EntityModel } from '../schema/model.ts';
import type { SchemaCache } from '../schema/schema-cache.ts';
import type { StreamCatalogue } from '../stream-catalogue.ts';
import { checkedDraft } from './entities.draft.ts';
import type { EntityReader } from './entities.pages.ts';
import { readEntityPage } from './entities.pages.ts';

export interface AttributesOptions {
  reader: EntityReader;
  schema: SchemaCache;
  catalogue: StreamCatalogue;
  types: DeviceTypes;
  read(model: EntityModel, id: NativeId, call: Call): Promise<EntityRecord>;
}

/** Attributes of an entity that is a device, all in the platform's own hands: scope `server`. */
export function attributesCapability(options: AttributesOptions): Required<NonNullable<Adapter['attributes']>> {
  return {
    read: async (device, signal): Promise<AttributeReport[]> => {
      const call: Call = { lane: 'interactive', signal };
      return attributeReports(await readRecord(options, device, call));
    },

    write: async (device, scope, patch, signal) => {
      if (scope !== 'server') throw new InvalidRequestError('OctoMesh keeps attributes in the scope "server" alone');
      const call: Call = { lane: 'command', signal };
      const model = (await known(options, device, call)) ?? (await search(options, device, call));
      const document = updateEntity(model, device, checkedDraft(model, patch, 'update'));
      await options.reader.client.one('runtime', document, { id: 'OCTO-12', ...call, idempotent: true });
    },
  };
}

/** The type that the device was discovered as, where that is known. */
async function known({ schema, types }: AttributesOptions, device: NativeId, call: Call) {
  const { entities } = await schema.get(call.lane, call.signal);
  return entities.get(types.flatOf(device) ?? '');
}

async function readRecord(options: AttributesOptions, device: NativeId, call: Call): Promise<EntityRecord> {
  const model = await known(options, device, call);
  try {
    if (model) return await options.read(model, device, call);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return options.read(await search(options, device, call), device, call);
}

/** Asks every device type; throws `NotFoundError`. */
async function search(options: AttributesOptions, device: NativeId, call: Call): Promise<EntityModel> {
  const { schema, catalogue, reader, types } = options;
  const { deviceTypes } = await catalogue.plan(call.lane, call.signal);
  const all = await schema.get(call.lane, call.signal);
  for (const listed of deviceTypes) {
    const asked = { first: 1, selection: ENTITY, filter: { rtId: { eq: device } } };
    const [entity] = (await readEntityPage(reader, listed, asked, call)).items;
    if (entity?.rtId !== device) continue;
    const model = modelOf(entity, listed, all);
    types.learn(device, model);
    return model;
  }
  throw new NotFoundError('OctoMesh has no such device among the device types of this connection');
}

const isMissing = (error: unknown): error is PlatformError =>
  isPlatformError(error) && error.code === 'not-found' && error.platformCode === CODES.notFound;

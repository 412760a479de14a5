import type { Adapter, EntityPage, EntityQuery } from '@tributary/adapter-kit';
import { type EntityType, InvalidRequestError, NotFoundError } from '@tributary/contracts';
import { deviceEntity, deviceSnapshot } from '../mapping.ts';
import { type DevicesOptions, sweepDevices } from './devices.ts';

const text = { type: 'string' };

const deviceType: EntityType = {
  name: 'device',
  description: 'A device of the tenant, as its owner named and described it.',
  readOnly: true,
  schema: {
    type: 'object',
    required: ['id', 'name'],
    properties: {
      id: text,
      name: text,
      type: text,
      label: text,
      description: text,
      createdAt: { type: 'string', format: 'date-time' },
      additionalInfo: { type: 'object' },
    },
  },
};

/** Devices read-only: the platform documents no filter, no order and no call for one device. */
export function entitiesCapability(options: DevicesOptions): NonNullable<Adapter['entities']> {
  return {
    types: async () => [deviceType],

    query: async (type, query, signal) => {
      assertDevice(type);
      if (query.sort.length > 0)
        throw new InvalidRequestError('optiCLOUD lists devices in no order that can be chosen');
      return pageOfDevices(options, query, signal);
    },

    get: async (type, id, signal) => {
      assertDevice(type);
      for await (const page of sweepDevices(options, { lane: 'interactive', signal })) {
        const found = page.find((device) => device.nativeId === id);
        if (found) return deviceEntity(found);
      }
      throw new NotFoundError('optiCLOUD lists no such device in this tenant');
    },
  };
}

async function pageOfDevices(options: DevicesOptions, query: EntityQuery, signal: AbortSignal): Promise<EntityPage> {
  const { client, login } = options;
  const asked = readCursor(query);
  const tenant = await login.tenant(signal);
  const answer = await client.devices(tenant.id, asked, { lane: 'interactive', signal });
  const more = answer.hasNext ?? answer.rows === asked.limit;
  return {
    items: answer.items.map((device) => deviceEntity(deviceSnapshot(device, tenant))),
    ...(more ? { nextCursor: `${asked.page + 1}/${asked.limit}` } : {}),
    // Nothing was filtered: who asked has the whole filter left to do.
    ...(query.filter === undefined ? {} : { residualFilter: query.filter }),
  };
}

/** A page has a number only together with its length, so both are in the cursor. */
function readCursor({ cursor, limit }: EntityQuery): { page: number; limit: number } {
  if (cursor === undefined) return { page: 0, limit };
  const match = /^(\d{1,9})\/(\d{1,4})$/.exec(cursor);
  if (!match || Number(match[2]) === 0) throw new InvalidRequestError('the cursor is not one of this listing');
  return { page: Number(match[1]), limit: Number(match[2]) };
}

function assertDevice(type: string): void {
  if (type !== deviceType.name) throw new NotFoundError('optiCLOUD has one type of entity: device');
}

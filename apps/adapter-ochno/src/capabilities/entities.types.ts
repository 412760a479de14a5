import { type EntityType, NotFoundError } from '@tributary/contracts';
import type { EntityKind } from '../mapping.ts';

const text = { type: 'string' };
const id = { ...text, readOnly: true };

const company: EntityType = {
  name: 'company',
  description: 'A company that the user sees, such as the owner or a tenant of a building.',
  readOnly: false,
  operations: ['update'],
  schema: {
    type: 'object',
    required: ['name', 'type'],
    properties: { id, name: text, type: text, logotype: text, website: text },
  },
};

const location: EntityType = {
  name: 'location',
  description: 'A place of a company. Read, made and changed as the platform does it for companies.',
  readOnly: false,
  operations: ['create', 'update'],
  schema: {
    type: 'object',
    required: ['companyId', 'name'],
    properties: { id, companyId: text, name: text, type: text, address: text },
  },
};

const floorPlan: EntityType = {
  name: 'floor-plan',
  description: 'A plan of a location, on which hubs and ports are placed.',
  readOnly: false,
  operations: ['update'],
  schema: {
    type: 'object',
    required: ['locationId'],
    properties: { id, locationId: text, name: text, image: text, data: { type: 'object' } },
  },
};

export const entityTypes: Record<EntityKind, EntityType> = { company, location, 'floor-plan': floorPlan };

/** Throws `NotFoundError` for any other name. */
export function entityKind(name: string): EntityKind {
  if (Object.hasOwn(entityTypes, name)) return name as EntityKind;
  throw new NotFoundError('Ochno has three types of entities: company, location and floor-plan');
}

import { deviceResource, pageOf, requirement, spaceResource, storedMeta } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { spaceParams } from '../http/path-params.ts';
import { cursor, fields, limit, listQuery } from '../http/query-types.ts';

const tag = 'Spaces';
const required = { require: requirement.default('any') };
const drawn = { meta: storedMeta };

const tree = {
  query: z.strictObject({
    limit,
    cursor,
    include: z
      .literal('devices')
      .optional()
      .describe('`devices`: with the devices that stand in each space itself; then `limit` is 100 at most.'),
    ...required,
  }),
  schema: pageOf(
    z.object({
      depth: z.number().int().nonnegative(),
      space: spaceResource,
      devices: z.array(deviceResource).optional().describe('By name, a hundred at most.'),
      moreDevices: z.boolean().optional().describe('There are more than are shown: see /devices of the space.'),
    }),
  ).extend(drawn),
};

export const listSpaces = defineEndpoint({
  method: 'GET',
  path: '/v1/spaces',
  scope: 'read',
  name: 'listSpaces',
  tag,
  summary: 'Companies, locations, floor plans and groups',
  query: z.strictObject({ ...listQuery, fields, ...required }),
  answers: { 200: { description: 'A page of spaces.', schema: pageOf(spaceResource).extend(drawn) } },
});

export const getSpaceForest = defineEndpoint({
  method: 'GET',
  path: '/v1/spaces/tree',
  scope: 'read',
  name: 'getSpaceForest',
  tag,
  summary: 'Spaces of all connections, as they stand in each other',
  query: tree.query,
  answers: { 200: { description: 'A page, breadth first, down to 20 levels.', schema: tree.schema } },
});

export const getSpace = defineEndpoint({
  method: 'GET',
  path: '/v1/spaces/{spaceId}',
  scope: 'read',
  name: 'getSpace',
  tag,
  summary: 'One space',
  params: spaceParams,
  conditional: true,
  answers: { 200: { description: 'The space.', schema: spaceResource } },
});

export const getSpaceTree = defineEndpoint({
  method: 'GET',
  path: '/v1/spaces/{spaceId}/tree',
  scope: 'read',
  name: 'getSpaceTree',
  tag,
  summary: 'A space and everything that stands in it',
  params: spaceParams,
  query: tree.query,
  answers: { 200: { description: 'A page, breadth first, down to 20 levels.', schema: tree.schema } },
});

export const listSpaceDevices = defineEndpoint({
  method: 'GET',
  path: '/v1/spaces/{spaceId}/devices',
  scope: 'read',
  name: 'listSpaceDevices',
  tag,
  summary: 'Devices in a space and in the spaces below it',
  description: 'A device without a space of its own stands where the device above it stands.',
  params: spaceParams,
  query: z.strictObject({ ...listQuery, fields, ...required }),
  answers: { 200: { description: 'A page of devices.', schema: pageOf(deviceResource).extend(drawn) } },
});

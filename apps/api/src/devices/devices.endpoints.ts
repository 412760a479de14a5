import { deviceResource, pageOf, spaceResource } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { deviceParams, nativeParams, spaceParams } from '../http/path-params.ts';
import { fields, listQuery } from '../http/query-types.ts';

const tag = 'Devices';

export const listDevices = defineEndpoint({
  method: 'GET',
  path: '/v1/devices',
  scope: 'read',
  name: 'listDevices',
  tag,
  summary: 'Devices of all connections',
  query: z.strictObject({ ...listQuery, fields }),
  answers: { 200: { description: 'A page of devices.', schema: pageOf(deviceResource) } },
});

export const getDevice = defineEndpoint({
  method: 'GET',
  path: '/v1/devices/{deviceId}',
  scope: 'read',
  name: 'getDevice',
  tag,
  summary: 'One device',
  params: deviceParams,
  conditional: true,
  answers: { 200: { description: 'The device.', schema: deviceResource } },
});

export const getDeviceByNative = defineEndpoint({
  method: 'GET',
  path: '/v1/devices/by-native/{connectionId}/{nativeId}',
  scope: 'read',
  name: 'getDeviceByNative',
  tag,
  summary: 'The device that a platform calls by this id',
  params: nativeParams,
  conditional: true,
  answers: { 200: { description: 'The device.', schema: deviceResource } },
});

export const listChildren = defineEndpoint({
  method: 'GET',
  path: '/v1/devices/{deviceId}/children',
  scope: 'read',
  name: 'listChildren',
  tag,
  summary: 'Devices directly below a device',
  params: deviceParams,
  query: z.strictObject({ ...listQuery, fields }),
  answers: { 200: { description: 'A page of devices.', schema: pageOf(deviceResource) } },
});

export const getTree = defineEndpoint({
  method: 'GET',
  path: '/v1/devices/{deviceId}/tree',
  scope: 'read',
  name: 'getDeviceTree',
  tag,
  summary: 'A device and everything below it',
  params: deviceParams,
  answers: {
    200: {
      description: 'Breadth first, at most 1000 devices and 20 levels.',
      schema: z.object({
        items: z.array(z.object({ depth: z.number().int().nonnegative(), device: deviceResource })),
        truncated: z.boolean(),
      }),
    },
  },
});

export const listSpaces = defineEndpoint({
  method: 'GET',
  path: '/v1/spaces',
  scope: 'read',
  name: 'listSpaces',
  tag: 'Spaces',
  summary: 'Companies, locations, floor plans and groups',
  query: z.strictObject({ ...listQuery, fields }),
  answers: { 200: { description: 'A page of spaces.', schema: pageOf(spaceResource) } },
});

export const getSpace = defineEndpoint({
  method: 'GET',
  path: '/v1/spaces/{spaceId}',
  scope: 'read',
  name: 'getSpace',
  tag: 'Spaces',
  summary: 'One space',
  params: spaceParams,
  conditional: true,
  answers: { 200: { description: 'The space.', schema: spaceResource } },
});

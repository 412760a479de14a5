import { deviceResource, pageOf, requirement, storedMeta } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { deviceParams, nativeParams } from '../http/path-params.ts';
import { fields, listQuery } from '../http/query-types.ts';

const tag = 'Devices';
const required = { require: requirement.default('any') };
/** `meta` names the connections that something of the page is from, and those that are not well. */
const drawn = { meta: storedMeta };

export const listDevices = defineEndpoint({
  method: 'GET',
  path: '/v1/devices',
  scope: 'read',
  name: 'listDevices',
  tag,
  summary: 'Devices of all connections',
  query: z.strictObject({ ...listQuery, fields, ...required }),
  answers: { 200: { description: 'A page of devices.', schema: pageOf(deviceResource).extend(drawn) } },
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
  query: z.strictObject({ ...listQuery, fields, ...required }),
  answers: { 200: { description: 'A page of devices.', schema: pageOf(deviceResource).extend(drawn) } },
});

export const getTree = defineEndpoint({
  method: 'GET',
  path: '/v1/devices/{deviceId}/tree',
  scope: 'read',
  name: 'getDeviceTree',
  tag,
  summary: 'A device and everything below it',
  params: deviceParams,
  query: z.strictObject(required),
  answers: {
    200: {
      description: 'Breadth first, at most 1000 devices and 20 levels.',
      schema: z.object({
        items: z.array(z.object({ depth: z.number().int().nonnegative(), device: deviceResource })),
        truncated: z.boolean(),
        ...drawn,
      }),
    },
  },
});

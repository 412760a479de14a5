import {
  connectionId,
  deviceIdSchema,
  latestPoint,
  pageOf,
  platformId,
  requirement,
  seriesResource,
  signalName,
  spaceIdSchema,
  storedMeta,
  telemetryWrite,
} from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { deviceParams, seriesParams } from '../http/path-params.ts';
import { commaList, cursor, fields, filterText, limit, listQuery } from '../http/query-types.ts';

const tag = 'Telemetry';

export const listSeries = defineEndpoint({
  method: 'GET',
  path: '/v1/series',
  scope: 'read',
  name: 'listSeries',
  tag,
  summary: 'Series of all devices',
  query: z.strictObject({ ...listQuery, fields }),
  answers: { 200: { description: 'A page of series.', schema: pageOf(seriesResource) } },
});

export const listDeviceSeries = defineEndpoint({
  method: 'GET',
  path: '/v1/devices/{deviceId}/series',
  scope: 'read',
  name: 'listDeviceSeries',
  tag,
  summary: 'What a device measures',
  params: deviceParams,
  query: z.strictObject({ ...listQuery, fields }),
  answers: { 200: { description: 'A page of series.', schema: pageOf(seriesResource) } },
});

export const getSeries = defineEndpoint({
  method: 'GET',
  path: '/v1/series/{seriesId}',
  scope: 'read',
  name: 'getSeries',
  tag,
  summary: 'One series',
  params: seriesParams,
  conditional: true,
  answers: { 200: { description: 'The series.', schema: seriesResource } },
});

export const getLatest = defineEndpoint({
  method: 'GET',
  path: '/v1/telemetry/latest',
  scope: 'read',
  name: 'getLatest',
  tag,
  summary: 'Newest values',
  description:
    'Of the whole workspace, across all platforms, or of what the parameters name; a value has to fit all of them. `observedAt` is when we learned of the value, `ts` the source’s own time. What names nothing that is there finds nothing.',
  query: z.strictObject({
    device: commaList(deviceIdSchema, 200).optional().describe('Ids of devices, separated by commas.'),
    connection: connectionId.optional(),
    platform: commaList(platformId, 50).optional().describe('Ids of platforms, separated by commas.'),
    space: commaList(spaceIdSchema, 50)
      .optional()
      .describe(
        'Ids of spaces, separated by commas: devices in them and in all spaces below. A device without a space of its own is where its parent is.',
      ),
    signal: commaList(
      signalName.refine((text) => !text.includes('\u0000'), 'may not hold U+0000'),
      50,
    )
      .optional()
      .describe('Names of signals, separated by commas.'),
    filter: filterText.describe(
      'SCIM filter (RFC 7644 section 3.4.2.2) over the members of the answer, `connectionId`, `platform` and `spaceId`: `signal sw "power." and value gt 100`.',
    ),
    limit,
    cursor,
    require: requirement.default('any'),
  }),
  answers: {
    200: {
      description:
        'A page of newest values, by series. Where devices are named, `meta` is there only if a connection of theirs is not well.',
      schema: pageOf(latestPoint).extend({ meta: storedMeta.optional() }),
    },
  },
});

export const writeTelemetry = defineEndpoint({
  method: 'POST',
  path: '/v1/devices/{deviceId}/telemetry:write',
  scope: 'write',
  name: 'writeTelemetry',
  tag,
  summary: 'Send values to the platform in the name of a device',
  description: 'Where the platform takes them. They come back as telemetry like any other.',
  params: deviceParams,
  body: telemetryWrite,
  bodyExample: { points: [{ signal: 'setpoint', value: 21.5 }] },
  idempotency: 'optional',
  answers: {
    200: { description: 'The platform has acknowledged them.', schema: z.object({ written: z.number().int() }) },
  },
});

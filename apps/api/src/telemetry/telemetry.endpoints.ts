import {
  connectionId,
  deviceIdSchema,
  latestPoint,
  pageOf,
  seriesResource,
  signalName,
  telemetryWrite,
} from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { deviceParams, seriesParams } from '../http/path-params.ts';
import { commaList, cursor, fields, limit, listQuery } from '../http/query-types.ts';

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
    'Of the devices named, of a connection, or of the whole workspace. `observedAt` is when we learned of the value, `ts` the source’s own time.',
  query: z.strictObject({
    device: commaList(deviceIdSchema, 200).optional().describe('Ids of devices, separated by commas.'),
    connection: connectionId.optional(),
    signal: commaList(
      signalName.refine((text) => !text.includes('\u0000'), 'may not hold U+0000'),
      50,
    )
      .optional()
      .describe('Names of signals, separated by commas.'),
    limit,
    cursor,
  }),
  answers: { 200: { description: 'A page of newest values, by series.', schema: pageOf(latestPoint) } },
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
